import pg from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SyncError } from '../../src/domain/errors.ts';
import { cancellable, cancellableSession } from '../../src/store/cancel.ts';
import { createStore } from '../../src/store/pass.ts';
import { createPool } from '../../src/store/pool.ts';
import { definition, openStore, report, scope, start, type TestStore } from './builders.ts';

const STOPPED = new SyncError('Interrupted by a test.');
const NO_TRAFFIC = { requests: 0, bytes: 0 };
const WAITING = `select count(*)::integer as waiting from pg_stat_activity
  where wait_event_type = 'Lock' and datname = current_database()`;
const LOCKS = `select count(*)::integer as held from pg_locks where locktype = 'advisory'
  and database = (select oid from pg_database where datname = current_database())`;

const page = {
  resourceType: 'model' as const,
  received: 1,
  total: 1,
  records: [definition('model.shop.orders')],
  rejects: [],
  incomplete: [],
};

/** A session of somebody else that holds a table until the test ends or it lets go. */
async function hold({ url }: TestStore, table: string): Promise<pg.Client> {
  const holder = new pg.Client({ connectionString: url });
  holder.on('error', () => undefined);
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query(`begin; lock table ${table}`);
  return holder;
}

const somebodyWaits = ({ row }: TestStore) =>
  vi.waitFor(async () => expect(await row(WAITING)).toEqual({ waiting: 1 }), { timeout: 20_000 });

const outcomes = ({ rows }: TestStore) => rows('select outcome, error from dbt.sync_runs order by sync_run_id');

describe('a pass that is stopped while the database keeps it waiting', () => {
  it('rejects with the reason of the stop, and is recorded with its lock given back', async () => {
    const store = await openStore();
    const stop = new AbortController();
    const pass = await store.store.begin(scope(), start({ signal: stop.signal }));
    await pass.stage(page);
    await hold(store, 'dbt_store.node');
    const published = expect(pass.publish(report())).rejects.toBe(STOPPED);
    await somebodyWaits(store);
    stop.abort(STOPPED);
    await published;
    expect(await store.row(WAITING)).toEqual({ waiting: 0 });
    await pass.fail('interrupted', STOPPED.message, NO_TRAFFIC);
    await pass.release();
    expect(await outcomes(store)).toEqual([{ outcome: 'interrupted', error: STOPPED.message }]);
    expect(await store.row(LOCKS)).toEqual({ held: 0 });
  });

  it('ends although no connection of the pool is free', async () => {
    const store = await openStore();
    const narrow = createPool(store.url);
    narrow.options.max = 1;
    onTestFinished(() => void narrow.end());
    const stop = new AbortController();
    const pass = await createStore(narrow).begin(scope(), start({ signal: stop.signal }));
    await hold(store, 'dbt_store.node');
    const published = expect(pass.publish(report())).rejects.toBe(STOPPED);
    await somebodyWaits(store);
    stop.abort(STOPPED);
    await published;
    await pass.release();
  });

  it('ends before it has begun, and leaves no session behind', async () => {
    const store = await openStore();
    const stop = new AbortController();
    await hold(store, 'dbt_store.sync_run');
    const begun = expect(store.store.begin(scope(), start({ signal: stop.signal }))).rejects.toBe(STOPPED);
    await somebodyWaits(store);
    stop.abort(STOPPED);
    await begun;
    await vi.waitFor(async () => expect(await store.row(LOCKS)).toEqual({ held: 0 }));
  });

  it('gives its lock back even when it cannot be recorded, and the next pass records it', async () => {
    const store = await openStore();
    const stop = new AbortController();
    const pass = await store.store.begin(scope(), start({ signal: stop.signal }));
    const holder = await hold(store, 'dbt_store.sync_run');
    stop.abort(STOPPED);
    await expect(pass.fail('interrupted', STOPPED.message, NO_TRAFFIC)).rejects.toMatchObject({ code: '57014' });
    await pass.release();
    expect(await store.row(LOCKS)).toEqual({ held: 0 });
    await holder.query('rollback');
    await store.sync(page.records);
    expect(await outcomes(store)).toMatchObject([{ outcome: 'interrupted' }, { outcome: 'done' }]);
  });
});

describe('a pass that was stopped before', () => {
  it('takes up no new work', async () => {
    const store = await openStore();
    const stop = new AbortController();
    const pass = await store.store.begin(scope(), start({ signal: stop.signal }));
    stop.abort(STOPPED);
    await expect(pass.stage(page)).rejects.toBe(STOPPED);
    await expect(pass.publish(report())).rejects.toBe(STOPPED);
    await expect(pass.unchanged(NO_TRAFFIC)).rejects.toBe(STOPPED);
    await pass.release();
    expect(await store.rows('select from dbt_store.node')).toEqual([]);
  });
});

it('a statement that somebody else cancels is not taken for a stop', async () => {
  const store = await openStore();
  const pass = await store.store.begin(scope(), start({ signal: new AbortController().signal }));
  await hold(store, 'dbt_store.node');
  const published = expect(pass.publish(report())).rejects.toMatchObject({ code: '57014' });
  await somebodyWaits(store);
  await store.rows(
    "select pg_cancel_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
  );
  await published;
  await pass.release();
});

it('a statement that begins after the cancel has come is cancelled too', async () => {
  const { pool, rows } = await openStore();
  const stop = new AbortController();
  const client = await pool.connect();
  const session = await cancellableSession(pool, client, stop.signal);
  const sent = `select from pg_stat_activity where query like 'select pg_cancel_backend($%' and state = 'idle'
    and datname = current_database()`;
  const work = cancellable(session, async () => {
    stop.abort(STOPPED);
    await vi.waitFor(async () => expect(await rows(sent)).toHaveLength(1));
    await client.query('select pg_sleep(3600)');
  });
  await expect(work).rejects.toBe(STOPPED);
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  client.release();
});
