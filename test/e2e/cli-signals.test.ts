import pg from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { gateBefore, type Running, type Scene, scene } from './cli.ts';
import { build } from './mini-history.ts';

/** A sync that waits for an answer that never comes. */
async function waiting(shop: Scene): Promise<Running> {
  const gate = await gateBefore(shop.platform);
  const running = shop.startSync('--discovery-url', gate.url, '--json');
  await gate.reached;
  return running;
}

describe('a sync that is interrupted', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('by %s ends with code 130, recorded as interrupted', async (signal) => {
    const shop = await scene(build(1, ['a']));
    const { child, ended } = await waiting(shop);
    child.kill(signal);
    const { code, out, err } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(out)).toEqual([expect.objectContaining({ integration: 'shop', outcome: 'interrupted' })]);
    expect(err).toContain(`error: Interrupted by ${signal}: nothing was written; the state before it stayed.\n`);
    expect(await shop.rows('select outcome from dbt.sync_runs')).toEqual([{ outcome: 'interrupted' }]);
  });

  it('gives the lock back, so that the next one can begin at once', async () => {
    const shop = await scene(build(1, ['a']));
    const { child, ended } = await waiting(shop);
    child.kill('SIGINT');
    await ended;
    expect((await shop.sync()).code).toBe(0);
  });
});

describe('a sync whose database does not answer', () => {
  it('ends at once at a second signal', async () => {
    const shop = await scene(build(1, ['a']));
    const { child, ended, says } = await stuck(shop);
    child.kill('SIGINT');
    await says('Stopping; once more to stop at once.');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });

  it('ends by itself, without a second signal', async () => {
    const shop = await scene(build(1, ['a']));
    const { child, ended } = await stuck(shop);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(130);
  });
});

describe('a sync that is killed', () => {
  it('needs no repair, and the next one says what became of it', async () => {
    const shop = await scene(build(1, ['a']));
    const { child, ended } = await waiting(shop);
    child.kill('SIGKILL');
    await ended;
    await lockIsFree(shop);
    expect((await shop.sync()).code).toBe(0);
    const runs = await shop.rows('select outcome from dbt.sync_runs order by sync_run_id');
    expect(runs).toEqual([{ outcome: 'interrupted' }, { outcome: 'done' }]);
  });
});

/** A sync that waits for a table that somebody else holds. */
async function stuck(shop: Scene): Promise<Running> {
  const holder = new pg.Client({ connectionString: shop.databaseUrl });
  // The end of the test takes the database away from under it.
  holder.on('error', () => undefined);
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query('begin; lock table dbt_store.node');
  const running = shop.startSync();
  const waiting =
    "select count(*)::integer as waiting from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  await vi.waitFor(async () => expect(await shop.rows(waiting)).toEqual([{ waiting: 1 }]), { timeout: 20_000 });
  return running;
}

/** The server frees the lock of a dead session when it notices that the session is gone; this waits for its word. */
async function lockIsFree(shop: Scene): Promise<void> {
  const [integration] = await shop.rows<{ id: number }>('select integration_id as id from dbt_store.integration');
  await shop.rows(`select pg_advisory_lock(${0x6462_746f}, ${integration?.id})`);
}
