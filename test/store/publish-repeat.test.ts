import { expect, it } from 'vitest';
import type { StoreRecord } from '../../src/domain/records.ts';
import {
  build,
  catalog,
  changesOf,
  column,
  definition,
  freshness,
  minute,
  openStore,
  result,
  type TestStore,
} from './builders.ts';
import { versionsOf } from './versions.ts';

const ORDERS = 'model.shop.orders';
const RAW = 'source.shop.raw.orders';
const TEST = 'test.shop.not_null_orders_id.abc';
const EXTERNAL = 'model.other.customers';

/** A bit of everything, as a pass tells it whose manifest has a time. */
const everything = (at: string): StoreRecord[] => [
  definition(RAW, { sourceName: 'raw', warnAfterS: undefined } as object, { at }),
  definition(ORDERS, { tags: ['b', 'a'], meta: { owner: 'x', n: 1.5 } }, { at, parents: [RAW, EXTERNAL] }),
  definition(EXTERNAL, {}, { at, state: 'external' }),
  definition(TEST, { testedUniqueId: ORDERS, columnName: 'id' }, { at, parents: [ORDERS] }),
  definition('exposure.shop.board', { properties: { exposure_type: 'dashboard' } }, { at, parents: [ORDERS] }),
  build(ORDERS, { config: { a: 1 }, compiledCode: 'select 1' }, minute(0)),
  build(TEST, { severity: 'error', arguments: { column_name: 'id' } }),
  catalog(ORDERS, [column('id', { description: 'key', meta: { pii: true }, tags: ['k'] }), column('total')]),
  result(ORDERS, { executionTimeS: 1.25, startedAt: minute(0), completedAt: minute(0) }),
  result(TEST, { status: 'fail', failures: 3, message: 'Got 3 results', runId: '2' }),
  result(TEST, { step: -1, runId: '1', executedAt: minute(-5) }),
  result('model.shop.unknown', { status: 'error' }),
  freshness(RAW),
];

const definedAt = async ({ rows }: TestStore) =>
  Object.fromEntries(
    (
      await rows<{ unique_id: string; definition_at: Date | null }>('select unique_id, definition_at from dbt.nodes')
    ).map((row) => [row.unique_id, row.definition_at?.toISOString() ?? null]),
  );

it('logs no changes in the first complete pass', async () => {
  const store = await openStore();
  const { changes, outcome } = await store.sync(everything(minute(0)));
  expect(outcome).toBe('done');
  expect(changes).toEqual({});
  expect(await changesOf(store)).toEqual([]);
});

it('logs no changes in an incomplete pass that comes before the first complete one, nor in that one', async () => {
  const store = await openStore();
  await store.sync([definition(ORDERS)], { complete: false });
  await store.sync([definition(ORDERS, { description: 'new' }, { at: minute(1) }), definition(RAW)]);
  expect(await changesOf(store)).toEqual([]);
  await store.sync([definition(ORDERS, { description: 'newer' }, { at: minute(2) }), definition(RAW)]);
  expect(await changesOf(store)).toHaveLength(1);
});

it('writes no row but its sync_run when the same pass comes again', async () => {
  const store = await openStore();
  await store.sync(everything(minute(0)));
  const before = await versionsOf(store);
  const { rowsWritten, changes, results } = await store.sync(everything(minute(0)));
  expect({ rowsWritten, changes, results }).toEqual({ rowsWritten: 0, changes: {}, results: 0 });
  expect(await versionsOf(store)).toEqual(before);
  expect(await store.row('select count(*)::int from dbt.sync_runs')).toEqual({ count: 2 });
});

it('writes no row when the same pass comes again in another order', async () => {
  const store = await openStore();
  await store.sync(everything(minute(0)));
  const before = await versionsOf(store);
  expect(await store.sync(everything(minute(0)).reverse())).toMatchObject({ rowsWritten: 0 });
  expect(await versionsOf(store)).toEqual(before);
});

it('writes no row when times that the source leaves out are taken from the pass, twice', async () => {
  const store = await openStore();
  const untimed = [
    definition(RAW),
    definition(ORDERS, {}, { at: null }),
    build(ORDERS, { config: { a: 1 } }),
    catalog(ORDERS, [column('id')], null),
  ];
  await store.sync(untimed);
  const before = await versionsOf(store);
  expect(await store.sync(untimed)).toMatchObject({ rowsWritten: 0 });
  expect(await versionsOf(store)).toEqual(before);
});

it('writes no row when a pass that tells no time at all comes again', async () => {
  const store = await openStore();
  const untimed = [catalog(ORDERS, [column('id')], null)];
  await store.sync(untimed, { complete: true });
  const before = await versionsOf(store);
  expect(await store.sync(untimed, { complete: true })).toMatchObject({ rowsWritten: 0 });
  expect(await versionsOf(store)).toEqual(before);
});

it('rewrites no node for a later manifest with the same content, and shows its time', async () => {
  const store = await openStore();
  const nodes = async () => ((await versionsOf(store)) as { node: unknown[] }).node;
  await store.sync(everything(minute(0)));
  const before = await nodes();
  const { rowsWritten } = await store.sync(everything(minute(9)));
  expect(rowsWritten).toBe(1);
  expect(await nodes()).toEqual(before);
  expect(await definedAt(store)).toMatchObject({ [ORDERS]: minute(9), [TEST]: minute(9), 'model.shop.unknown': null });
});

it('keeps the time of a node that says an earlier one than its pass', async () => {
  const store = await openStore();
  const pass = (own: string, other: string) => [
    definition(RAW, {}, { at: own }),
    definition(ORDERS, {}, { at: other }),
  ];
  await store.sync(pass(minute(0), minute(5)));
  expect(await definedAt(store)).toEqual({ [RAW]: minute(0), [ORDERS]: minute(5) });
  await store.sync(pass(minute(0), minute(9)));
  expect(await definedAt(store)).toEqual({ [RAW]: minute(0), [ORDERS]: minute(9) });
  await store.sync(pass(minute(7), minute(9)));
  expect(await definedAt(store)).toEqual({ [RAW]: minute(7), [ORDERS]: minute(9) });
  await store.sync(pass(minute(9), minute(9)));
  expect(await definedAt(store)).toEqual({ [RAW]: minute(9), [ORDERS]: minute(9) });
});

it('shows an earlier time for the node that a later manifest does not restate', async () => {
  const store = await openStore();
  await store.sync([definition(RAW), definition(ORDERS)]);
  await store.sync([definition(RAW), definition(ORDERS, {}, { at: minute(3) })]);
  expect(await definedAt(store)).toEqual({ [RAW]: minute(0), [ORDERS]: minute(3) });
});

it('moves in an incomplete pass only the times of nodes that it saw', async () => {
  const store = await openStore();
  await store.sync([definition(RAW), definition(ORDERS)]);
  await store.sync([definition(ORDERS, {}, { at: minute(3) })], { complete: false });
  expect(await definedAt(store)).toEqual({ [RAW]: minute(0), [ORDERS]: minute(3) });
  await store.sync([definition(RAW, {}, { at: minute(3) }), definition(ORDERS, {}, { at: minute(3) })]);
  expect(await definedAt(store)).toEqual({ [RAW]: minute(3), [ORDERS]: minute(3) });
});

it('shows the time of a newer catalog on the nodes in it, and rewrites none of them', async () => {
  const store = await openStore();
  const pass = (...catalogs: StoreRecord[]) => [definition(RAW), definition(ORDERS), ...catalogs];
  const shown = async () =>
    store.rows<{ unique_id: string; catalog_at: Date }>('select unique_id, catalog_at from dbt.nodes order by 1');
  await store.sync(pass(catalog(RAW, [column('id')]), catalog(ORDERS, [column('id')])));
  const before = ((await versionsOf(store)) as { node: unknown[] }).node;
  const { rowsWritten } = await store.sync(
    pass(catalog(RAW, [column('id')], minute(4)), catalog(ORDERS, [column('id')], minute(4))),
  );
  expect(rowsWritten).toBe(1);
  expect(((await versionsOf(store)) as { node: unknown[] }).node).toEqual(before);
  expect(await shown()).toEqual([
    { unique_id: ORDERS, catalog_at: new Date(minute(4)) },
    { unique_id: RAW, catalog_at: new Date(minute(4)) },
  ]);
  await store.sync(pass(catalog(ORDERS, [column('id')], minute(6))));
  expect(await shown()).toEqual([
    { unique_id: ORDERS, catalog_at: new Date(minute(6)) },
    { unique_id: RAW, catalog_at: new Date(minute(4)) },
  ]);
});

it('keeps columns and sizes against an older catalog, and against another source of the same time', async () => {
  const store = await openStore();
  const pass = (name: string, at: string) => [definition(ORDERS), catalog(ORDERS, [column(name)], at)];
  const columns = () => store.rows('select column_name from dbt.columns');
  await store.sync(pass('new', minute(5)));
  await store.sync(pass('old', minute(4)));
  await store.sync(pass('other', minute(5)), { source: 'artifacts' });
  expect(await columns()).toEqual([{ column_name: 'new' }]);
  await store.sync(pass('corrected', minute(5)));
  expect(await columns()).toEqual([{ column_name: 'corrected' }]);
});

it('takes a record that comes on several pages once', async () => {
  const store = await openStore();
  const twice = [...everything(minute(0)), ...everything(minute(0))];
  await store.sync(twice);
  const before = await versionsOf(store);
  expect(await store.sync(twice)).toMatchObject({ rowsWritten: 0 });
  expect(await versionsOf(store)).toEqual(before);
  expect(await store.row("select count(*)::int from dbt.nodes where unique_id = 'model.other.customers'")).toEqual({
    count: 1,
  });
});

it('writes no row again when a pass says two things of one node at one time, in whichever order', async () => {
  const store = await openStore();
  const first = [definition(ORDERS), definition(RAW), build(RAW, { compiledCode: 'r' })];
  const told = (code: string) => build(ORDERS, { compiledCode: code }, minute(0));
  const columns = (name: string) => catalog(ORDERS, [column('id'), column(name)]);
  const pass = [...first, told('a'), told('b'), told('c'), columns('x'), columns('y')];
  await store.sync(pass);
  const stored = await store.rows('select compiled_code from dbt.models');
  expect((await store.sync(pass)).rowsWritten).toBe(0);
  expect((await store.sync([...pass].reverse())).rowsWritten).toBe(0);
  expect(await store.rows('select compiled_code from dbt.models')).toEqual(stored);
});

it('takes the newest of several statements of one pass about the same node', async () => {
  const store = await openStore();
  await store.sync([
    definition(ORDERS, { description: 'new' }, { at: minute(2) }),
    definition(ORDERS, { description: 'old' }, { at: minute(1) }),
    result(ORDERS, { status: 'error', executedAt: minute(2) }),
    result(ORDERS, { status: 'success', executedAt: minute(1) }),
  ]);
  expect(await store.row('select description, last_run_status from dbt.models')).toEqual({
    description: 'new',
    last_run_status: 'error',
  });
});

it('counts what it writes without the sync_run itself', async () => {
  const store = await openStore();
  const { rowsWritten } = await store.sync([definition(RAW), definition(ORDERS, {}, { parents: [RAW] })]);
  // Two nodes, one edge, and the integration with the time of the manifest and of its first complete pass.
  expect(rowsWritten).toBeGreaterThanOrEqual(4);
  expect(await store.row('select rows_written::int from dbt.sync_runs')).toEqual({ rows_written: rowsWritten });
});
