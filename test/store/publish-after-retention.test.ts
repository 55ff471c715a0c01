import { expect, it } from 'vitest';
import { rebuildState } from '../../src/store/publish/state.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { stopClock } from '../readers/clock.ts';
import { DAY, prune, step } from '../readers/days.ts';
import { definition, minute, openStore, result, run, type TestStore } from './builders.ts';

const MODEL = 'model.shop.orders';
const TEST = 'test.shop.unique_orders.abc';

/** What happened on a day; each in a run of its own, whose id begins with the day. */
type Outcome = readonly [day: number, uniqueId: string, status: string];

const runOf = (day: number) => String(Math.round(day * 100));

async function tell(store: TestStore, outcomes: readonly Outcome[]): Promise<void> {
  const days = [...new Set(outcomes.map(([day]) => day))];
  await store.sync(
    outcomes.map(([day, id, status]) =>
      result(id, { runId: runOf(day), step: 1, status, executedAt: minute(day * DAY), executionTimeS: 5 }),
    ),
    {
      source: 'artifacts',
      history: days.flatMap((day) => [run(runOf(day), { finishedAt: minute(day * DAY) }), step(runOf(day))]),
    },
  );
}

/** Told in these portions; after the first one all that is older than half a month of the 32 days may go. */
async function told(portions: readonly (readonly Outcome[])[], isPruned: boolean): Promise<TestStore> {
  const store = await openStore();
  await store.sync([definition(MODEL), definition(TEST, { testedUniqueId: MODEL })]);
  await store.rows(stopClock(minute(31 * DAY)));
  for (const [index, portion] of portions.entries()) {
    await tell(store, portion);
    if (index > 0 || !isPruned) continue;
    expect(await prune(store, 15, 31)).toBeGreaterThan(0);
  }
  return store;
}

const PAST: readonly Outcome[] = [
  [1, TEST, 'pass'],
  [2, TEST, 'fail'],
  [3, TEST, 'fail'],
  [25, TEST, 'pass'],
  [26, TEST, 'fail'],
  [27, TEST, 'pass'],
  [30, TEST, 'pass'],
];

const on = (day: number | null) => (day === null ? null : new Date(minute(day * DAY)));

it.each([
  ['fails as before', 'fail', 25],
  ['passes sooner', 'pass', 20],
])('a late result after others were removed: it %s', async (_, status, resolved) => {
  for (const isPruned of [false, true]) {
    const store = await told([PAST, [[20, TEST, status]]], isPruned);
    expect(await store.rows('select opened_at, resolved_at from dbt.test_incidents order by 1')).toEqual([
      { opened_at: on(2), resolved_at: on(resolved) },
      { opened_at: on(26), resolved_at: on(27) },
    ]);
    expect(await inTransaction(store.pool, rebuildState)).toBe(0);
  }
});

it('what was executed before others were removed, and is told after that, is counted', async () => {
  const late: Outcome[] = [
    [10, MODEL, 'success'],
    [10, TEST, 'pass'],
    [10.5, TEST, 'fail'],
  ];
  const store = await told([PAST, late], true);
  const runs = `select run_id, models_ok, tests_passed, tests_failed from dbt.runs
    where run_id in ('${runOf(10)}', '${runOf(10.5)}') order by length(run_id), run_id`;
  expect(await store.rows(runs)).toEqual([
    { run_id: runOf(10), models_ok: 1, tests_passed: 1, tests_failed: 0 },
    { run_id: runOf(10.5), models_ok: 0, tests_passed: 0, tests_failed: 1 },
  ]);
  const health = 'select day::text, tests_executed from dbt.test_health_daily order by 1';
  expect((await store.rows(health)).filter(({ day }) => day === minute(10 * DAY).slice(0, 10))).toEqual([
    { day: minute(10 * DAY).slice(0, 10), tests_executed: 2 },
  ]);
  expect(await inTransaction(store.pool, rebuildState)).toBe(0);
});

it('a day whose results were removed in part stays as it was counted, though one of its runs is told again', async () => {
  const night = 15.99;
  const store = await openStore();
  await store.sync([definition(MODEL), definition(TEST, { testedUniqueId: MODEL })]);
  const results = (status: string) => [
    result(TEST, { runId: '1', step: 1, status: 'pass', executedAt: minute(night * DAY) }),
    result(MODEL, { runId: '1', step: 1, status, executedAt: minute(16.01 * DAY), message: status }),
  ];
  const history = [run('1', { finishedAt: minute(16.02 * DAY) })];
  await store.sync(results('success'), { source: 'artifacts', history });
  await tell(store, [
    [29, TEST, 'pass'],
    [29, MODEL, 'success'],
  ]);
  const health = 'select day::text, tests_executed from dbt.test_health_daily order by 1';
  const before = await store.rows(health);
  expect(before).toHaveLength(2);
  await prune(store, 15, 31);
  const model = result(MODEL, {
    ...{ runId: '1', step: 1, status: 'error', executedAt: minute(16.01 * DAY), message: 'told again' },
  });
  await store.sync([model], { source: 'artifacts', history });
  expect(await store.rows(health)).toEqual(before);
});

it('late builds count among the last ones, though newer ones come with them', async () => {
  const past: Outcome[] = [
    [1, MODEL, 'success'],
    [20, MODEL, 'error'],
    [30, MODEL, 'success'],
  ];
  const late = [5, 9, 13, 17].map((day): Outcome => [day, MODEL, 'success']);
  const newer: Outcome[] = [
    [31, MODEL, 'error'],
    [31.5, MODEL, 'success'],
  ];
  for (const portions of [
    [past, [...late, ...newer]],
    [past, late, newer],
  ]) {
    const store = await told(portions, false);
    const { builds } = await store.row<{ builds: Date[] }>('select builds from dbt_store.node_status');
    expect(builds).toEqual([31.5, 30, 17, 13, 9, 5, 1].map(on));
    expect(await inTransaction(store.pool, rebuildState)).toBe(0);
  }
});

it('what a first failure came after is known although it was removed, and a rebuild corrects nothing', async () => {
  const past: Outcome[] = [
    [1, TEST, 'pass'],
    [1, MODEL, 'success'],
    [20, TEST, 'fail'],
    [30, TEST, 'pass'],
  ];
  const store = await told([past, [[20, TEST, 'fail']]], true);
  const changes = 'select changed_at, from_status, to_status from dbt.status_changes order by 1';
  const expected = [
    { changed_at: on(20), from_status: 'pass', to_status: 'fail' },
    { changed_at: on(30), from_status: 'fail', to_status: 'pass' },
  ];
  expect(await store.rows(changes)).toEqual(expected);
  const steps = 'select run_id, results from dbt.run_steps order by length(run_id), run_id';
  const counted = [runOf(1), runOf(20), runOf(30)].map((runId, index) => ({
    run_id: runId,
    results: index === 0 ? 2 : 1,
  }));
  expect(await store.rows(steps)).toEqual(counted);
  expect(await inTransaction(store.pool, rebuildState)).toBe(0);
  expect(await store.rows(changes)).toEqual(expected);
  expect(await store.rows(steps)).toEqual(counted);
  // A word of it changes; what was before it does not.
  const again = result(TEST, { runId: runOf(20), step: 1, status: 'error', executedAt: minute(20 * DAY) });
  const history = [run(runOf(20), { finishedAt: minute(20 * DAY) })];
  await store.sync([again], { source: 'artifacts', history });
  expect((await store.rows(changes))[0]).toEqual({ changed_at: on(20), from_status: 'pass', to_status: 'error' });
});

it('a result that is told with an older one than what retention has been at comes after that one', async () => {
  const late: Outcome[] = [
    [10, MODEL, 'success'],
    [20, MODEL, 'error'],
  ];
  const store = await told([PAST, late], true);
  const changes = `select changed_at, from_status from dbt.status_changes where unique_id = '${MODEL}'`;
  expect(await store.rows(changes)).toEqual([{ changed_at: on(20), from_status: 'success' }]);
  expect(await inTransaction(store.pool, rebuildState)).toBe(0);
});
