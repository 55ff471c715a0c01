import pg from 'pg';
import { afterAll, it, onTestFinished, vi } from 'vitest';
import { FULL } from '../size.ts';
import { createTestDatabase, query } from '../store/database.ts';
import { attempt, type Ground, groundOn } from './process.ts';
import { repairsNothing, sessionsEnded, stateOf } from './process-checks.ts';

const WAITING = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;

let ground: Ground | undefined;
afterAll(() => ground?.close());

/** Somebody else's session that lets nobody write nodes. */
async function holdNodes(url: string): Promise<pg.Client> {
  const holder = new pg.Client({ connectionString: url });
  // The end of the test takes the database away from under it.
  holder.on('error', () => undefined);
  await holder.connect();
  onTestFinished(() => holder.end().catch(() => undefined));
  await holder.query('begin; lock table dbt_store.node in exclusive mode');
  return holder;
}

it.skipIf(!FULL)(
  'a sync that is killed in a statement without end does not keep the next one out',
  {
    timeout: 120_000,
  },
  async () => {
    ground = await groundOn((await createTestDatabase()).url);
    const step = ground.steps.second;
    const running = await attempt(ground, step, { point: { moment: 'begin', nth: 1, side: 'before' } });
    const holder = await holdNodes(running.url);
    running.open();
    await vi.waitUntil(async () => (await query(running.url, WAITING)).length > 0, { timeout: 20_000 });
    running.child.kill('SIGKILL');
    await running.ended;
    await sessionsEnded(running.url);
    await holder.end();
    await stateOf(running.url, step, 'before');
    await repairsNothing(ground, step, running.url);
  },
);
