import { describe, expect, it } from 'vitest';
import { definition, minute, openStore, result, run, type TestStore } from '../store/builders.ts';
import { stopClock } from './clock.ts';
import { DAY, type Days, prune, step, tell } from './days.ts';

const RAW = 'model.shop.raw';
const BETWEEN = 'model.shop.between';
const MART = 'model.shop.mart';
const LATE = 'model.shop.late';
const BOARD = 'exposure.shop.board';
const RAW_TEST = 'test.shop.raw_is_unique.abc';
const MART_TEST = 'test.shop.mart_is_unique.abc';
const WHOLE_TEST = 'test.shop.mart_is_whole.abc';
const BOTH_TEST = 'test.shop.raw_is_mart';
const HOOK = 'operation.shop.shop-on-run-end-0';

const PROJECT = [
  definition(RAW),
  definition(BETWEEN, { materialization: 'ephemeral' }, { parents: [RAW] }),
  definition(MART, {}, { parents: [BETWEEN] }),
  definition(BOARD, {}, { parents: [MART] }),
  definition(RAW_TEST, { testedUniqueId: RAW }, { parents: [RAW] }),
  definition(MART_TEST, { testedUniqueId: MART }, { parents: [MART] }),
  definition(WHOLE_TEST, { testedUniqueId: MART }, { parents: [MART] }),
  definition(BOTH_TEST, { testedUniqueId: null }, { parents: [RAW, MART] }),
];

async function shop(days: Days, now: number): Promise<TestStore> {
  const store = await openStore();
  await store.sync(PROJECT);
  await tell(store, days);
  await store.rows(stopClock(minute(now * DAY)));
  return store;
}

async function roots(store: TestStore): Promise<{ [uniqueId: string]: string | null }> {
  const failing = 'select unique_id as id, root_cause_unique_id as root from dbt.failing_now';
  const found = await store.rows<{ id: string; root: string | null }>(failing);
  return Object.fromEntries(found.map(({ id, root }) => [id, root]));
}

describe('a root cause', () => {
  it('is upstream, and began to fail no later', async () => {
    const together = await shop([{ [RAW_TEST]: 'fail', [MART_TEST]: 'fail' }], 1);
    expect(await roots(together)).toEqual({ [MART_TEST]: RAW, [RAW_TEST]: null });
    const later = await shop([{ [RAW_TEST]: 'pass', [MART_TEST]: 'fail' }, { [RAW_TEST]: 'fail' }], 2);
    expect(await roots(later)).toEqual({ [MART_TEST]: null, [RAW_TEST]: null });
  });

  it('is told by when the thing itself began to fail, whatever else fails of its node', async () => {
    const days = [{ [RAW_TEST]: 'pass', [MART_TEST]: 'fail' }, { [RAW_TEST]: 'fail' }, { [WHOLE_TEST]: 'fail' }];
    const store = await shop([...days, { [MART]: 'error' }], 4);
    expect(await roots(store)).toEqual({ [RAW_TEST]: null, [MART_TEST]: null, [WHOLE_TEST]: RAW, [MART]: RAW });
  });

  it('of a test is the tested node where that fails to build since no later and nothing upstream fails', async () => {
    const store = await shop([{ [MART_TEST]: 'fail' }, { [MART]: 'error' }, { [WHOLE_TEST]: 'fail' }], 3);
    expect(await roots(store)).toEqual({ [MART_TEST]: null, [MART]: null, [WHOLE_TEST]: MART });
  });

  it('of a test of several nodes is not looked for, and none follows from it; what it hits is downstream of them', async () => {
    const store = await shop([{ [BOTH_TEST]: 'fail', [MART_TEST]: 'fail' }], 1);
    expect(await roots(store)).toEqual({ [BOTH_TEST]: null, [MART_TEST]: null });
    const hit = `select downstream_models as models, downstream_exposures as exposures from dbt.failing_now
      where unique_id = '${BOTH_TEST}'`;
    // MART is tested itself; BETWEEN is downstream of RAW.
    expect(await store.row(hit)).toEqual({ models: 1, exposures: 1 });
  });
});

it('a hook that fails is no node that is broken', async () => {
  const store = await shop([{ [HOOK]: 'error', [RAW]: 'skipped', [RAW_TEST]: 'fail' }], 1);
  expect(await roots(store)).toEqual({ [RAW_TEST]: null });
});

describe('the critical path', () => {
  const pathOf = async ({ rows }: TestStore, runId = '1') => {
    const path = `select unique_id as id from dbt.run_critical_path where run_id = '${runId}' order by position`;
    return (await rows<{ id: string }>(path)).map(({ id }) => id);
  };

  it('goes through what has no result in the run', async () => {
    const store = await shop([{ [RAW]: 'success', [MART]: 'success', [MART_TEST]: 'pass' }], 1);
    expect(await pathOf(store)).toEqual([RAW, MART, MART_TEST]);
  });

  it('goes through what was reused, and does not end at a hook', async () => {
    const store = await openStore();
    await store.sync([...PROJECT, definition(LATE, {}, { parents: [MART] })]);
    await tell(store, [{ [RAW]: 'success', [MART]: 'reused', [LATE]: 'success', [HOOK]: 'success' }]);
    expect(await pathOf(store)).toEqual([RAW, LATE]);
  });

  it('is not told of days from which results may have been removed', async () => {
    const both = { [RAW]: 'success', [MART]: 'success' };
    const failed = { [RAW]: 'error', [MART]: 'error' };
    const store = await shop([{ ...both, [MART_TEST]: 'pass' }, failed, ...Array<typeof both>(38).fill(both)], 40);
    expect(await pathOf(store)).toEqual([RAW, MART, MART_TEST]);
    await prune(store, 5, 40);
    expect([await pathOf(store), await pathOf(store, '40')]).toEqual([[], [RAW, MART]]);
    // The last success of the test is kept.
    expect(await store.rows("select unique_id from dbt.run_results where run_id = '1'")).toEqual([
      { unique_id: MART_TEST },
    ]);
  });

  it('is the same one whichever node was stored first', async () => {
    const ids = ['model.shop.one', 'snapshot.shop.other', 'model.shop.base_1', 'model.shop.base_2'] as const;
    const [one, other, ...bases] = ids;
    const project = [
      ...bases.map((id) => definition(id)),
      ...[one, other].map((id) => definition(id, {}, { parents: [...bases] })),
    ];
    for (const order of [project, project.toReversed()]) {
      const store = await openStore();
      await store.sync(order);
      const told = { runId: '1', step: 1, status: 'success', executedAt: minute(9) };
      const built = (id: string, at: number) =>
        result(id, { ...told, startedAt: minute(at), completedAt: minute(at + 1) });
      await store.sync(
        order.map(({ uniqueId, parents }) => built(uniqueId, 1 + parents.length)),
        { source: 'artifacts', history: [run('1', { createdAt: minute(0), finishedAt: minute(9) }), step('1')] },
      );
      expect(await pathOf(store)).toEqual(['model.shop.base_2', other]);
    }
  });
});

describe('an incident', () => {
  it('of a test that was removed is not open, and was never resolved', async () => {
    const store = await shop([{ [RAW_TEST]: 'fail', [MART_TEST]: 'fail' }], 3);
    await store.sync(
      PROJECT.filter(({ uniqueId }) => uniqueId !== RAW_TEST).map((one) => ({ ...one, at: minute(2 * DAY) })),
    );
    const incidents = 'select unique_id, resolved_at, duration_s, is_open from dbt.test_incidents order by unique_id';
    expect(await store.rows(incidents)).toEqual([
      { unique_id: MART_TEST, resolved_at: null, duration_s: null, is_open: true },
      { unique_id: RAW_TEST, resolved_at: null, duration_s: null, is_open: false },
    ]);
  });

  it('is resolved by a result that comes after it, of two of one time the one of the later run', async () => {
    const store = await openStore();
    await store.sync(PROJECT);
    const told = { '8': [1, 'fail'], '9': [2, 'pass'], '10': [2, 'fail'] } as const;
    await store.sync(
      Object.entries(told).map(([runId, [at, status]]) =>
        result(RAW_TEST, { runId, step: 1, status, executedAt: minute(at) }),
      ),
      { source: 'artifacts', history: Object.keys(told).map((runId) => run(runId)) },
    );
    const incidents = 'select opened_at, resolved_at, results, is_open from dbt.test_incidents order by opened_at';
    const [opened, second] = [new Date(minute(1)), new Date(minute(2))];
    expect(await store.rows(incidents)).toEqual([
      { opened_at: opened, resolved_at: second, results: 1, is_open: false },
      { opened_at: second, resolved_at: null, results: 1, is_open: true },
    ]);
  });

  it('is not open where the test passes by the job that the integration is narrowed to', async () => {
    const store = await shop([], 30);
    await tell(store, { 1: { [RAW_TEST]: 'fail' }, 20: { [RAW_TEST]: 'fail' } }, { jobId: 8 });
    await prune(store, 15, 30);
    await tell(store, { 29: { [RAW_TEST]: 'pass' } }, { scope: { jobId: 7 } });
    expect(await store.rows('select unique_id from dbt.test_incidents where is_open')).toEqual([]);
  });
});

it('flips are counted of the results that are kept, and incidents before them have no count', async () => {
  const turns = ['fail', 'pass', 'fail', 'pass', 'fail', 'pass', 'fail', 'pass'];
  const store = await shop(
    turns.map((status) => ({ [RAW_TEST]: status })),
    8,
  );
  const flaky = 'select executions, flips, flip_rate from dbt.flaky_tests';
  expect(await store.row(flaky)).toEqual({ executions: 8, flips: 7, flip_rate: 7 / 8 });
  await prune(store, 4, 8.5);
  const { executions, flips } = await store.row<{ executions: number; flips: number }>(flaky);
  expect(flips).toBeLessThanOrEqual(executions);
  const counted = await store.rows<{ results: number | null }>(
    'select results from dbt.test_incidents order by opened_at',
  );
  expect(counted).toEqual([null, null, null, 1].map((results) => ({ results })));
});
