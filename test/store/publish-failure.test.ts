import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { FatalError, SyncError } from '../../src/domain/errors.ts';
import type { StoreRecord } from '../../src/domain/records.ts';
import { createStore } from '../../src/store/pass.ts';
import { createPool } from '../../src/store/pool.ts';
import {
  build,
  catalog,
  column,
  definition,
  freshness,
  minute,
  openStore,
  report,
  result,
  scope,
  start,
  type TestStore,
} from './builders.ts';
import { versionsOf } from './versions.ts';

const ORDERS = 'model.shop.orders';
const RAW = 'source.shop.raw.orders';
const NO_TRAFFIC = { requests: 0, bytes: 0 };

const page = (records: readonly StoreRecord[]) => ({
  resourceType: 'model' as const,
  received: records.length,
  total: records.length,
  records,
  rejects: [],
  incomplete: [],
});

const state = (minutes: number, text: string): StoreRecord[] => [
  definition(RAW, {}, { at: minute(minutes) }),
  definition(ORDERS, { description: text }, { at: minute(minutes), parents: [RAW] }),
  build(ORDERS, { compiledCode: text }, minute(minutes)),
  catalog(ORDERS, [column(text)], minute(minutes)),
  result(ORDERS, { runId: `${minutes}`, executedAt: minute(minutes) }),
  freshness(RAW, { snapshottedAt: minute(minutes) }),
];

const outcomes = async ({ rows }: TestStore) =>
  (await rows<{ outcome: string | null }>('select outcome from dbt.sync_runs order by sync_run_id')).map(
    (row) => row.outcome,
  );

describe('a pass that fails', () => {
  it.each<[string, StoreRecord]>([
    ['while definitions are written', definition('model.shop.bad', {}, { state: 'odd' as 'defined', at: minute(1) })],
    ['after definitions, edges and catalog were', result(ORDERS, { runId: '9', status: null as unknown as string })],
    ['at an impossible time', result(ORDERS, { runId: '9', executedAt: '2026-02-31T00:00:00Z' })],
    ['at a number that is none', catalog(RAW, [], 'yesterdayish')],
  ])('%s leaves the state before it, and says so', async (_when, bad) => {
    const store = await openStore();
    await store.sync(state(0, 'before'));
    const before = await versionsOf(store);
    await expect(store.sync([...state(1, 'after'), bad])).rejects.toThrow();
    expect(await versionsOf(store)).toEqual(before);
    expect(await outcomes(store)).toEqual(['done', 'failed']);
    const { error } = await store.row<{ error: string }>("select error from dbt.sync_runs where outcome = 'failed'");
    expect(error).not.toBe('');
    await store.sync(state(2, 'next'));
    expect(await store.row('select description, columns from dbt.models')).toEqual({
      description: 'next',
      columns: 1,
    });
  });

  it('with text that Postgres refuses in its message is recorded all the same', async () => {
    const store = await openStore();
    const pass = await store.store.begin(scope(), start());
    await pass.fail('interrupted', 'a\0b', NO_TRAFFIC);
    await pass.release();
    expect(await store.row('select outcome, error from dbt.sync_runs')).toEqual({
      outcome: 'interrupted',
      error: 'a\uFFFDb',
    });
  });

  it('keeps its rejects', async () => {
    const store = await openStore();
    const pass = await store.store.begin(scope(), start());
    const reject = { resourceType: null, uniqueId: null, reason: 'odd', raw: 1 };
    await pass.stage({ ...page([]), rejects: [reject] });
    await pass.fail('failed', 'no', NO_TRAFFIC);
    await pass.release();
    expect(await store.rows('select reason, raw from dbt.rejects')).toEqual([{ reason: 'odd', raw: 1 }]);
  });

  it('because its session was ended leaves the state before it, and the next pass records it', async () => {
    const store = await openStore();
    await store.sync(state(0, 'before'));
    const before = await versionsOf(store);
    const pass = await store.store.begin(scope(), start());
    await pass.stage(page(state(1, 'after')));
    await store.rows(`select pg_terminate_backend(pid, 10000) from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`);
    await expect(pass.publish(report())).rejects.toThrow();
    await pass.fail('failed', 'no', NO_TRAFFIC).catch(() => undefined);
    await pass.release();
    expect(await versionsOf(store)).toEqual(before);
    await store.sync(state(2, 'next'));
    expect(await outcomes(store)).toEqual(['done', 'interrupted', 'done']);
  });
});

describe('a pass that is taken again', () => {
  it('forgets what was staged and rejected before', async () => {
    const store = await openStore();
    const pass = await store.store.begin(scope(), start());
    await pass.stage({
      ...page([definition('model.shop.old')]),
      rejects: [{ resourceType: null, uniqueId: null, reason: 'old', raw: 1 }],
    });
    await pass.restart();
    await pass.stage(page([definition(ORDERS)]));
    await pass.publish(report());
    await pass.release();
    expect(await store.rows('select unique_id from dbt.nodes')).toEqual([{ unique_id: ORDERS }]);
    expect(await store.rows('select reason from dbt.rejects')).toEqual([]);
  });

  it('takes what was told before for not told: a node that is gone then keeps its time', async () => {
    const store = await openStore();
    const both = (at: string) => [ORDERS, 'model.shop.gone'].map((id) => definition(id, {}, { at }));
    await store.sync(both(minute(0)));
    const pass = await store.store.begin(scope(), start());
    await pass.stage(page(both(minute(5))));
    await pass.restart();
    await pass.stage(page([definition(ORDERS, {}, { at: minute(5) })]));
    await pass.publish(report());
    await pass.release();
    expect(await store.row("select definition_at from dbt_store.node where unique_id = 'model.shop.gone'")).toEqual({
      definition_at: new Date(minute(0)),
    });
  });
});

describe('a dry run', () => {
  const tables = async ({ rows }: TestStore) => {
    const counts: Record<string, number> = {};
    const names = await rows<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'dbt_store' order by 1",
    );
    for (const { name } of names) {
      const [row] = await rows<{ count: number }>(`select count(*)::int from dbt_store.${name}`);
      counts[name] = row?.count ?? 0;
    }
    return counts;
  };

  it('of a new integration leaves no trace', async () => {
    const store = await openStore();
    const { rowsWritten } = await store.sync(state(0, 'x'), {
      dryRun: true,
      rejects: [{ resourceType: null, uniqueId: null, reason: 'odd', raw: 1 }],
    });
    expect(rowsWritten).toBeGreaterThan(0);
    expect([...new Set(Object.values(await tables(store)))]).toEqual([0]);
  });

  it('tells what a pass would write and change, and writes nothing', async () => {
    const store = await openStore();
    await store.sync(state(0, 'before'));
    const before = [await versionsOf(store), await tables(store)];
    const told = await store.sync(state(1, 'after'), { dryRun: true, scope: { accessUrl: 'https://new' } });
    expect([await versionsOf(store), await tables(store)]).toEqual(before);
    expect(await store.sync(state(1, 'after'))).toMatchObject({ changes: told.changes, results: told.results });
    expect(told.changes).toEqual({ column: 2, description: 1 });
  });

  it('that fails leaves no trace either', async () => {
    const store = await openStore();
    const bad = result(ORDERS, { status: null as unknown as string });
    await expect(store.sync([...state(0, 'x'), bad], { dryRun: true })).rejects.toThrow();
    expect([...new Set(Object.values(await tables(store)))]).toEqual([0]);
  });
});

describe('the lock of an integration', () => {
  it.each([true, false])('lets no second pass begin, and goes with the first (same process: %s)', async (isSame) => {
    const store = await openStore();
    const otherPool = createPool(store.url);
    const other = isSame ? store.store : createStore(otherPool);
    const pass = await store.store.begin(scope(), start());
    await expect(other.begin(scope(), start())).rejects.toThrow(SyncError);
    await expect(other.begin(scope(), start())).rejects.toThrow(/syncing "shop"/);
    expect(await outcomes(store)).toEqual([null]);
    const unrelated = await other.begin(scope({ name: 'other' }), start());
    await unrelated.release();
    await pass.release();
    const next = await other.begin(scope(), start());
    await next.release();
    await otherPool.end();
  });

  it('is held by a dry run too, even of an integration that is not there yet', async () => {
    const store = await openStore();
    const pass = await store.store.begin(scope(), start({ dryRun: true }));
    await expect(store.store.begin(scope(), start())).rejects.toThrow(SyncError);
    await pass.release();
  });

  it('is free after a pass that was released in the middle', async () => {
    const store = await openStore();
    const pass = await store.store.begin(scope(), start());
    await pass.stage(page([definition(ORDERS)]));
    await pass.release();
    await store.sync([definition(ORDERS)]);
    expect(await outcomes(store)).toEqual(['interrupted', 'done']);
  });
});

describe('a name', () => {
  it.each([
    ['environment', { environmentId: 99 }],
    ['account', { accountId: 99 }],
  ])('that points at another %s is refused, and nothing is written', async (_what, other) => {
    const store = await openStore();
    await store.sync(state(0, 'x'));
    const before = await versionsOf(store);
    await expect(store.store.begin(scope(other), start())).rejects.toThrow(FatalError);
    expect(await versionsOf(store)).toEqual(before);
    expect(await outcomes(store)).toEqual(['done']);
  });

  it('may learn its account later, and its schedule may change', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS)], { scope: { accountId: null } });
    await store.sync([definition(ORDERS)], { scope: { accountId: 5, schedule: '0 * * * *' } });
    expect(await store.row('select account_id::int, schedule from dbt.integrations')).toEqual({
      account_id: 5,
      schedule: '0 * * * *',
    });
  });
});

it('records a pass that its process left behind as interrupted', async () => {
  const store = await openStore();
  await store.sync([definition(ORDERS)]);
  await store.rows(
    "insert into dbt_store.sync_run (integration_id, reason, source) select integration_id, 'schedule', 'discovery' from dbt_store.integration",
  );
  await store.sync([definition(ORDERS)]);
  expect(await outcomes(store)).toEqual(['done', 'interrupted', 'done']);
});

it('shows readers each state whole: nodes, columns, results, freshness and changes of one pass together', async () => {
  const store = await openStore();
  const wide = (minutes: number): StoreRecord[] =>
    Array.from({ length: 300 }, (_, index) => `model.shop.m${index}`).flatMap((uniqueId) => [
      definition(uniqueId, { label: `${minutes}` }, { at: minute(minutes) }),
      catalog(uniqueId, [column(`c${minutes}`)], minute(minutes)),
      result(uniqueId, { runId: `${minutes}`, executedAt: minute(minutes) }),
    ]);
  await store.sync(wide(0));
  const seen = new Set<string>();
  let isDone = false;
  const read = async () => {
    const client = new pg.Client({ connectionString: store.url });
    await client.connect();
    while (!isDone) {
      await client.query('begin isolation level repeatable read read only');
      const says = async (sql: string) => Object.values((await client.query(sql)).rows[0] ?? {})[0];
      const facts = [
        await says("select string_agg(distinct label, ',') from dbt_store.node"),
        await says("select string_agg(distinct substr(column_name, 2), ',') from dbt.columns"),
        await says('select max(run_id::int)::text from dbt.run_results'),
        await says("select string_agg(distinct last_run_id, ',') from dbt.models"),
        await says("select to_char(max(catalog_at) at time zone 'UTC', 'FMMI') from dbt.nodes"),
      ];
      await client.query('commit');
      seen.add(facts.join(' '));
    }
    await client.end();
  };
  const reader = read();
  for (const minutes of [1, 2, 3, 4]) await store.sync(wide(minutes));
  isDone = true;
  await reader;
  const whole = [0, 1, 2, 3, 4].map((minutes) => Array(5).fill(minutes).join(' '));
  expect(seen.size).toBeGreaterThan(0);
  expect([...seen].filter((facts) => !whole.includes(facts))).toEqual([]);
});
