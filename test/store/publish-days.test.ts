import { expect, it } from 'vitest';
import type { ResultRecord, RunRecord } from '../../src/domain/records.ts';
import { rebuildState } from '../../src/store/publish/state.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { DAY, prune } from '../readers/days.ts';
import { beginBackfill, endBackfill, publishPortion } from './backfills.ts';
import { definition, minute, openStore, result, run, type TestStore } from './builders.ts';

const MODEL = 'model.shop.orders';
const TEST = 'test.shop.unique_orders.abc';

/** A backfill of an integration that is narrowed to a job, or to none. */
async function backfill(
  store: TestStore,
  jobId: number | null,
  { history, results }: { readonly history: readonly RunRecord[]; readonly results: readonly ResultRecord[] },
): Promise<void> {
  const begun = await beginBackfill(store, { scope: { jobId } });
  await publishPortion(begun, { records: results, history });
  await endBackfill(begun);
}

const built = (runId: string, at: number, seconds: number, jobId: number | null = null) =>
  result(MODEL, { runId, jobId, step: 1, executedAt: minute(at), executionTimeS: seconds });
const tested = (runId: string, at: number) => result(TEST, { runId, step: 1, status: 'pass', executedAt: minute(at) });

const dayOf = (store: TestStore, day: string) =>
  store.rows('select runs, seconds from dbt_store.node_day where day = $1', [day]);

it('counts a day from what is stored when the job of a run becomes known', async () => {
  const store = await openStore();
  const narrowed = { jobId: 7 };
  await store.sync([definition(MODEL)], { scope: narrowed });
  await backfill(store, 7, { history: [run('5', { jobId: null })], results: [built('5', 10, 1)] });
  expect(await dayOf(store, '2026-01-01')).toEqual([]);
  await store.sync([], { scope: narrowed, source: 'artifacts', history: [run('5', { jobId: 7 })] });
  await backfill(store, 7, { history: [run('6', { jobId: 7 })], results: [built('6', 20, 2, 7)] });
  expect(await dayOf(store, '2026-01-01')).toEqual([{ runs: 2, seconds: [1, 2] }]);
  expect(await inTransaction(store.pool, rebuildState)).toBe(0);
});

it('counts a day before retention from what is left of it when every job counts again', async () => {
  const store = await openStore();
  await store.sync([definition(MODEL), definition(TEST, { testedUniqueId: MODEL })], { scope: { jobId: 8 } });
  await backfill(store, 8, { history: [run('5', { jobId: 7 })], results: [built('5', DAY, 1, 7)] });
  await backfill(store, 8, {
    history: ['1', '2', '3'].map((id) => run(id, { jobId: 8 })),
    results: [built('1', -5 * DAY, 1, 8), tested('1', -5 * DAY), tested('2', -4 * DAY), tested('3', 9 * DAY)],
  });
  expect(await prune(store, 5, 10)).toBeGreaterThan(0);
  await store.sync([], { scope: { jobId: null } });
  await backfill(store, null, { history: [run('6')], results: [built('6', DAY + 20, 2)] });
  expect(await dayOf(store, '2026-01-02')).toEqual([{ runs: 2, seconds: [1, 2] }]);
});
