import pg from 'pg';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type Scene, scene } from './cli.ts';
import { build } from './mini-history.ts';

const WAITING = `select count(*)::integer as waiting from pg_stat_activity
  where wait_event_type = 'Lock' and datname = current_database()`;
const LOCKS = `select count(*)::integer as held from pg_locks where locktype = 'advisory'
  and database = (select oid from pg_database where datname = current_database())`;

/** Somebody else's session that lets nobody at the nodes. */
async function holdNodes({ databaseUrl }: Scene): Promise<void> {
  const holder = new pg.Client({ connectionString: databaseUrl });
  // The end of the test takes the database away from under it.
  holder.on('error', () => undefined);
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query('begin; lock table dbt_store.node in exclusive mode');
}

it.each([
  'SIGINT',
  'SIGTERM',
] as const)('%s ends a sync in the middle of a statement: recorded, its lock given back, nothing left running', async (signal) => {
  const shop = await scene(build(1, ['a']));
  await holdNodes(shop);
  const { child, ended } = shop.startSync('--json');
  await vi.waitFor(async () => expect(await shop.rows(WAITING)).toEqual([{ waiting: 1 }]), { timeout: 20_000 });
  child.kill(signal);
  const { code, out, err } = await ended;
  expect(code).toBe(130);
  expect(JSON.parse(out)).toEqual([expect.objectContaining({ integration: 'shop', outcome: 'interrupted' })]);
  expect(err).toContain(`error: Interrupted by ${signal}: nothing was written; the state before it stayed.\n`);
  expect(await shop.rows('select outcome from dbt.sync_runs')).toEqual([{ outcome: 'interrupted' }]);
  expect(await shop.rows(WAITING)).toEqual([{ waiting: 0 }]);
  expect(await shop.rows(LOCKS)).toEqual([{ held: 0 }]);
});
