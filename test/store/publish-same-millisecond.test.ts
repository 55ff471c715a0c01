import { expect, it } from 'vitest';
import { rebuildState } from '../../src/store/publish/state.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { definition, openStore, result, run, type TestStore } from './builders.ts';

const MODEL = 'model.shop.orders';

async function tell(store: TestStore, [runId, status, executedAt]: readonly [string, string, string]): Promise<void> {
  const results = [result(MODEL, { runId, step: 1, status, executedAt })];
  await store.sync(results, { source: 'artifacts', history: [run(runId)] });
}

/** Of results of one millisecond the order is that of their runs, whatever their microseconds say. */
it('changes the status in the earlier of two runs, though it is told later', async () => {
  const store = await openStore();
  await store.sync([definition(MODEL)]);
  await tell(store, ['100', 'error', '2026-01-01T01:00:00.000000Z']);
  await tell(store, ['109', 'success', '2026-01-01T02:00:00.001100Z']);
  await tell(store, ['103', 'success', '2026-01-01T02:00:00.001500Z']);
  const changes = 'select run_id, from_status, to_status from dbt_store.status_change order by changed_at';
  expect(await store.rows(changes)).toEqual([
    // The first failure is a change, too, from nothing.
    { run_id: '100', from_status: null, to_status: 'error' },
    { run_id: '103', from_status: 'error', to_status: 'success' },
  ]);
  expect(await inTransaction(store.pool, rebuildState)).toBe(0);
});

it('begins a streak with the earliest of its results', async () => {
  const store = await openStore();
  await store.sync([definition(MODEL)]);
  await tell(store, ['109', 'success', '2026-01-01T02:00:00.000688Z']);
  await tell(store, ['110', 'success', '2026-01-01T02:00:00.000020Z']);
  const status =
    "select to_char(status_since at time zone 'UTC', 'HH24:MI:SS.US') as since, last_run_id from dbt_store.node_status";
  expect(await store.rows(status)).toEqual([{ since: '02:00:00.000020', last_run_id: '110' }]);
  expect(await inTransaction(store.pool, rebuildState)).toBe(0);
});

it.each([
  ['a step is', '100', '101', true],
  ['an attempt is', '101', '100', false],
] as const)('begins a streak earlier with the lower of two runs: that of %s', async (_, stepRun, attemptRun, isExact) => {
  const store = await openStore();
  await store.sync([definition(MODEL)]);
  await tell(store, ['200', 'success', '2026-01-03T00:00:00.000Z']);
  await store.sync(
    [
      result(MODEL, { runId: stepRun, step: 1, executedAt: '2026-01-01T00:00:00.000700Z' }),
      result(MODEL, { runId: '150', step: 1, executedAt: '2026-01-02T00:00:00.000Z' }),
      result(MODEL, { runId: attemptRun, step: 0, executedAt: '2026-01-01T00:00:00.000300Z' }),
    ],
    { source: 'artifacts', history: [run(stepRun), run('150')] },
  );
  const status = 'select since_is_exact, last_run_id from dbt_store.node_status';
  expect(await store.rows(status)).toEqual([{ since_is_exact: isExact, last_run_id: '200' }]);
  expect(await inTransaction(store.pool, rebuildState)).toBe(0);
});
