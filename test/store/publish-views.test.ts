import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../src/domain/records.ts';
import { addStepResult, definition, freshness, minute, openStore, result, type TestStore } from './builders.ts';

const RAW = 'source.shop.raw.orders';
const STAGED = 'model.shop.stg_orders';
const ORDERS = 'model.shop.orders';
const BOARD = 'exposure.shop.board';

const test = (name: string, tested: string, parents: readonly string[] = [tested]) =>
  definition(`test.shop.${name}`, { testedUniqueId: tested }, { parents });
const tested = (name: string, status: string, minutes = 1) =>
  result(`test.shop.${name}`, { runId: `${minutes}`, status, executedAt: minute(minutes) });

/** raw → stg_orders → orders → board, and a test named `t` on orders. */
const project: readonly StoreRecord[] = [
  definition(RAW, { sourceName: 'raw' }),
  definition(STAGED, {}, { parents: [RAW] }),
  definition(ORDERS, {}, { parents: [STAGED] }),
  definition(BOARD, {}, { parents: [ORDERS] }),
  test('t', ORDERS),
];

describe('test_status of a node', () => {
  const statusOf = ({ row }: TestStore) =>
    row(`select tests, tests_passed, tests_warned, tests_failed, tests_errored, test_status
      from dbt.models where unique_id = '${ORDERS}'`);
  const told = async (...results: StoreRecord[]) => {
    const store = await openStore();
    const tests = ['a', 'b', 'c', 'd'].map((name) => test(name, ORDERS));
    await store.sync([definition(ORDERS), ...tests]);
    await store.sync(results);
    return statusOf(store);
  };
  const none = { tests: 4, tests_passed: 0, tests_warned: 0, tests_failed: 0, tests_errored: 0 };

  it('is null when no test has executed', async () => {
    expect(await told(tested('a', 'skipped'), tested('b', 'success'))).toEqual({ ...none, test_status: null });
  });

  it.each<[string, string[], object]>([
    ['pass', ['pass', 'pass'], { tests_passed: 2 }],
    ['warn', ['pass', 'warn'], { tests_passed: 1, tests_warned: 1 }],
    ['fail', ['fail', 'warn', 'pass'], { tests_passed: 1, tests_warned: 1, tests_failed: 1 }],
    [
      'error',
      ['fail', 'error', 'warn', 'pass'],
      { tests_passed: 1, tests_warned: 1, tests_failed: 1, tests_errored: 1 },
    ],
  ])('is %s for %j', async (worst, statuses, counts) => {
    const results = statuses.map((status, index) => tested('abcd'.charAt(index), status));
    expect(await told(...results)).toEqual({ ...none, ...counts, test_status: worst });
  });

  it('is that of the latest execution: a later skip says nothing', async () => {
    expect(await told(tested('a', 'fail', 1), tested('a', 'skipped', 2))).toMatchObject({ test_status: 'fail' });
    expect(await told(tested('a', 'fail', 1), tested('a', 'pass', 2))).toMatchObject({ test_status: 'pass' });
  });

  it('is of the tested node alone, although a relationships test is a child of two', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), definition(STAGED), test('r', STAGED, [STAGED, ORDERS])]);
    await store.sync([tested('r', 'fail')]);
    expect(await statusOf(store)).toEqual({ ...none, tests: 0, test_status: null });
    expect(await store.rows('select * from dbt.lineage')).toHaveLength(2);
  });

  it('leaves out tests that were removed', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), test('a', ORDERS), tested('a', 'fail')]);
    await store.sync([definition(ORDERS, {}, { at: minute(1) })]);
    expect(await statusOf(store)).toEqual({ ...none, tests: 0, test_status: null });
  });
});

describe('state', () => {
  it.each([
    ['model', ORDERS, 'success', 'applied'],
    ['model', ORDERS, 'partial success', 'applied'],
    ['model', ORDERS, 'error', 'defined'],
    ['model', ORDERS, 'skipped', 'defined'],
    ['test', 'test.shop.t', 'fail', 'applied'],
    ['test', 'test.shop.t', 'skipped', 'defined'],
  ])('of a %s (%s) with %s is %s', async (_type, uniqueId, status, state) => {
    const store = await openStore();
    await store.sync([definition(uniqueId), result(uniqueId, { status })]);
    expect(await store.row('select state from dbt.nodes')).toEqual({ state });
  });

  it('of a model whose last attempt failed after a success is applied', async () => {
    const store = await openStore();
    await store.sync([
      definition(ORDERS),
      result(ORDERS, { runId: '2', status: 'error', executedAt: minute(2) }),
      result(ORDERS, { step: -1, executedAt: minute(1) }),
    ]);
    expect(await store.row('select state, last_success_run_id, consecutive_failures from dbt.models')).toEqual({
      state: 'applied',
      last_success_run_id: '1',
      consecutive_failures: 1,
    });
  });
});

describe('verdicts', () => {
  const verdicts = async (...told: StoreRecord[]) => {
    const store = await openStore();
    await store.sync([...project, ...told]);
    const found = await store.rows<{ unique_id: string; verdict: string }>(
      'select unique_id, verdict from dbt.relations',
    );
    const { health } = await store.row<{ health: string }>('select health from dbt.exposures');
    const of = (id: string) => found.find((row) => row.unique_id === id)?.verdict;
    return { raw: of(RAW), staged: of(STAGED), orders: of(ORDERS), board: health };
  };
  const unknown = { raw: 'unknown', staged: 'unknown', orders: 'unknown', board: 'unknown' };

  it('are unknown when nothing was executed', async () => {
    expect(await verdicts()).toEqual(unknown);
    expect(await verdicts(result(ORDERS, { status: 'skipped' }))).toEqual(unknown);
  });

  it('are ok of what was built, tested or fresh', async () => {
    const told = [freshness(RAW), result(STAGED), tested('t', 'pass')];
    expect(await verdicts(...told)).toEqual({ raw: 'ok', staged: 'ok', orders: 'ok', board: 'pass' });
  });

  it('fail for a failing test of their own, and the exposure below fails', async () => {
    const told = [result(STAGED), result(ORDERS), tested('t', 'error')];
    expect(await verdicts(...told)).toMatchObject({ staged: 'ok', orders: 'fail', board: 'fail' });
  });

  it('fail for a failed build, which the exposure sees over any distance', async () => {
    expect(await verdicts(result(STAGED, { status: 'error' }), result(ORDERS))).toMatchObject({
      staged: 'fail',
      orders: 'ok',
      board: 'fail',
    });
  });

  it('warn for a warning test, before anything stale', async () => {
    const told = [freshness(RAW, { status: 'error' }), result(ORDERS), tested('t', 'warn')];
    expect(await verdicts(...told)).toEqual({ raw: 'stale', staged: 'stale', orders: 'warn', board: 'warn' });
  });

  it.each([
    'warn',
    'error',
  ])('are stale below a source whose freshness says %s, which the exposure shows as warn', async (status) => {
    expect(await verdicts(freshness(RAW, { status }), result(STAGED), result(ORDERS))).toEqual({
      raw: 'stale',
      staged: 'stale',
      orders: 'stale',
      board: 'warn',
    });
  });

  it('are not stale when the check itself could not run', async () => {
    expect(await verdicts(freshness(RAW, { status: 'runtime error' }), result(ORDERS))).toMatchObject({
      raw: 'unknown',
      orders: 'ok',
    });
  });

  it('count what an exposure stands on', async () => {
    const store = await openStore();
    const told = [freshness(RAW, { status: 'error' }), result(STAGED, { status: 'error' }), tested('t', 'fail')];
    await store.sync([...project, ...told]);
    expect(
      await store.row(
        'select upstream_models, upstream_sources, failing_tests, errored_models, stale_sources from dbt.exposures',
      ),
    ).toEqual({ upstream_models: 2, upstream_sources: 1, failing_tests: 1, errored_models: 1, stale_sources: 1 });
  });

  it.each([
    [2, 'ok'],
    [3, 'stale'],
  ])('are stale when %i late builds show an interval: %s', async (builds, verdict) => {
    const store = await openStore();
    await store.sync([definition(ORDERS)]);
    for (let index = 1; index <= builds; index++) {
      const own = { runId: `${index}`, step: 1, executedAt: minute(index) };
      await addStepResult(store, result(ORDERS, own));
    }
    // A skip is no build; it only has the status derived.
    await store.sync([result(ORDERS, { runId: '99', status: 'skipped', executedAt: minute(99) })]);
    expect(await store.row('select verdict, last_built_at from dbt.relations')).toEqual({
      verdict,
      last_built_at: new Date(minute(builds)),
    });
  });

  it('are not given to ephemeral models', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), definition(STAGED, { materialization: 'ephemeral' })]);
    expect(await store.rows('select unique_id from dbt.relations')).toEqual([{ unique_id: ORDERS }]);
  });
});

describe('owner', () => {
  const owners = async (...records: StoreRecord[]) => {
    const store = await openStore();
    await store.sync(records);
    return store.row(`select owner_name, owner_email from dbt.nodes where unique_id = '${ORDERS}'`);
  };
  const group = definition('group.shop.finance', { name: 'finance', ownerName: 'Group', ownerEmail: 'g@x.y' });

  it('of a model is its group’s, before its own', async () => {
    expect(await owners(definition(ORDERS, { groupName: 'finance', ownerName: 'Own' }), group)).toEqual({
      owner_name: 'Group',
      owner_email: 'g@x.y',
    });
  });

  it('of a model without a group is its own', async () => {
    expect(await owners(definition(ORDERS, { ownerName: 'Own' }), group)).toEqual({
      owner_name: 'Own',
      owner_email: null,
    });
  });
});
