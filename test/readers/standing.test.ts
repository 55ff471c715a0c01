import { describe, expect, it } from 'vitest';
import type { HistoryRecord } from '../../src/domain/records.ts';
import { retain } from '../../src/store/retention.ts';
import { definition, minute, openStore, result, run, type TestStore } from '../store/builders.ts';
import { stopClock } from './clock.ts';

const RAW = 'model.shop.raw';
const BETWEEN = 'model.shop.between';
const MART = 'model.shop.mart';
const BOARD = 'exposure.shop.board';
const RAW_TEST = 'test.shop.raw_is_unique.abc';
const MART_TEST = 'test.shop.mart_is_unique.abc';
const BOTH_TEST = 'test.shop.raw_is_mart';
const DAY = 1_440;
const DAY_S = 86_400;

const PROJECT = [
  definition(RAW),
  definition(BETWEEN, { materialization: 'ephemeral' }, { parents: [RAW] }),
  definition(MART, {}, { parents: [BETWEEN] }),
  definition(BOARD, {}, { parents: [MART] }),
  definition(RAW_TEST, { testedUniqueId: RAW }, { parents: [RAW] }),
  definition(MART_TEST, { testedUniqueId: MART }, { parents: [MART] }),
  definition(BOTH_TEST, { testedUniqueId: null }, { parents: [RAW, MART] }),
];

interface Outcome {
  readonly [uniqueId: string]: string;
}

const step = (runId: string): HistoryRecord => ({
  ...({
    kind: 'step',
    runId,
    step: 1,
    name: 'Build',
    command: 'dbt build',
    which: 'build',
    status: 'success',
  } as const),
  ...{ invocationId: `i${runId}`, startedAt: minute(0), finishedAt: null },
});

/** A run of every day, the first on the day of the manifest; each executes what it says. */
async function tell(store: TestStore, days: readonly Outcome[]): Promise<void> {
  const timed = (day: number, place: number) => ({
    startedAt: minute(day * DAY + 2 * place),
    completedAt: minute(day * DAY + 2 * place + 1),
  });
  await store.sync(
    days.flatMap((outcomes, day) =>
      Object.entries(outcomes).map(([id, status], place) =>
        result(id, { runId: `${day + 1}`, step: 1, status, executedAt: minute(day * DAY + 60), ...timed(day, place) }),
      ),
    ),
    {
      source: 'artifacts',
      history: days.flatMap((_, day) => [
        run(`${day + 1}`, { createdAt: minute(day * DAY), finishedAt: minute(day * DAY + 60) }),
        step(`${day + 1}`),
      ]),
    },
  );
}

async function shop(days: readonly Outcome[], now: number): Promise<TestStore> {
  const store = await openStore();
  await store.sync(PROJECT);
  await tell(store, days);
  await store.rows(stopClock(minute(now * DAY)));
  return store;
}

const rootOf = async (store: TestStore, uniqueId: string) =>
  (
    await store.row<{ root: string | null }>(
      `select root_cause_unique_id as root from dbt.failing_now where unique_id = '${uniqueId}'`,
    )
  ).root;

describe('a root cause', () => {
  it('is upstream, and began to fail no later', async () => {
    const together = await shop([{ [RAW_TEST]: 'fail', [MART_TEST]: 'fail' }], 1);
    expect([await rootOf(together, MART_TEST), await rootOf(together, RAW_TEST)]).toEqual([RAW, null]);
    const later = await shop([{ [RAW_TEST]: 'pass', [MART_TEST]: 'fail' }, { [RAW_TEST]: 'fail' }], 2);
    expect([await rootOf(later, MART_TEST), await rootOf(later, RAW_TEST)]).toEqual([null, null]);
  });

  it('of a test of several nodes is not looked for, and none follows from it; what it hits is downstream of them', async () => {
    const store = await shop([{ [BOTH_TEST]: 'fail', [MART_TEST]: 'fail' }], 1);
    expect([await rootOf(store, BOTH_TEST), await rootOf(store, MART_TEST)]).toEqual([null, null]);
    const hit = `select downstream_models as models, downstream_exposures as exposures from dbt.failing_now
      where unique_id = '${BOTH_TEST}'`;
    // MART is tested itself; BETWEEN is downstream of RAW.
    expect(await store.row(hit)).toEqual({ models: 1, exposures: 1 });
  });
});

it('the critical path goes through what has no result in the run', async () => {
  const store = await shop([{ [RAW]: 'success', [MART]: 'success', [MART_TEST]: 'pass' }], 1);
  const path = "select unique_id from dbt.run_critical_path where run_id = '1' order by position";
  expect(await store.rows(path)).toEqual([RAW, MART, MART_TEST].map((id) => ({ unique_id: id })));
});

it('the critical path is the same one whichever node was stored first', async () => {
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
    const path = "select unique_id from dbt.run_critical_path where run_id = '1' order by position";
    expect(await store.rows(path)).toEqual(['model.shop.base_2', other].map((id) => ({ unique_id: id })));
  }
});

it('an incident of a test that was removed is not open, and was never resolved', async () => {
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

it('flips are counted of the results that are kept, and incidents before them have no count', async () => {
  const turns = ['fail', 'pass', 'fail', 'pass', 'fail', 'pass', 'fail', 'pass'];
  const store = await shop(
    turns.map((status) => ({ [RAW_TEST]: status })),
    8,
  );
  const flaky = 'select executions, flips, flip_rate from dbt.flaky_tests';
  expect(await store.row(flaky)).toEqual({ executions: 8, flips: 7, flip_rate: 7 / 8 });
  const retention = { runResultsS: 4 * DAY_S, syncRunsS: null, rejectsS: null, webhookEventsS: null };
  const { signal } = new AbortController();
  await retain(store.pool, retention, { now: new Date(minute(8.5 * DAY)), signal });
  const { executions, flips } = await store.row<{ executions: number; flips: number }>(flaky);
  expect(flips).toBeLessThanOrEqual(executions);
  const counted = await store.rows<{ results: number | null }>(
    'select results from dbt.test_incidents order by opened_at',
  );
  expect(counted).toEqual([null, null, null, 1].map((results) => ({ results })));
});
