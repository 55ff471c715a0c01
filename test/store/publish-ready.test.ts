import { expect, it } from 'vitest';
import type { ResultRecord, RunRecord } from '../../src/domain/records.ts';
import type { Backfill, ReadyRun } from '../../src/domain/store.ts';
import { tryLock } from '../../src/store/lock.ts';
import { rebuildState } from '../../src/store/publish/state.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { beginBackfill, endBackfill, publishPortion } from './backfills.ts';
import { definition, minute, openStore, result, run, type TestStore } from './builders.ts';

const MODEL = 'model.shop.orders';
const TEST = 'test.shop.unique_orders.abc';

interface Told {
  readonly run: RunRecord;
  readonly results: ResultRecord[];
}

/** A run whose model was built in step 1, and whose test ran in step 2. */
function told(runId: string, at: number, [model, test]: readonly [string, string]): Told {
  const of = (uniqueId: string, step: number, status: string) =>
    result(uniqueId, { runId, step, status, executedAt: minute(at + step), message: `${status} in ${runId}` });
  return {
    run: run(runId, { setsState: true, resultsComplete: true, finishedAt: minute(at + 3) }),
    results: [of(MODEL, 1, model), of(TEST, 2, test)],
  };
}

const FIRST = told('101', 0, ['success', 'pass']);
const SECOND = told('102', 60, ['error', 'fail']);
const THIRD = told('103', 120, ['success', 'fail']);

async function begin(store: TestStore, { signal } = new AbortController()): Promise<Backfill> {
  await store.sync([definition(MODEL), definition(TEST, { testedUniqueId: MODEL })]);
  return beginBackfill(store, { signal });
}

function publish(backfill: Backfill, runs: readonly Told[], ready: readonly ReadyRun[]): Promise<number> {
  const history = runs.map((one) => one.run);
  const records = ready.length > 0 ? [] : runs.flatMap(({ results }) => results);
  return publishPortion(backfill, { records, ready, history });
}

function readied(backfill: Backfill, { results }: Told): ReadyRun {
  const ready = backfill.ready(results);
  if (ready === undefined) throw new Error('The run was not made ready.');
  return ready;
}

/** What readers see of the runs. */
async function shown(store: TestStore) {
  return {
    results: await store.rows('select unique_id, run_id, step, status, message from dbt.run_results order by 2, 3, 1'),
    tests: await store.rows('select unique_id, status, consecutive_failures, failing_since from dbt.tests'),
    runs: await store.rows('select run_id, models_ok, models_failed, tests_failed from dbt.runs order by 1'),
  };
}

/** A store to which each run was told once, as it came. */
async function expected(): Promise<unknown> {
  const store = await openStore();
  const backfill = await begin(store);
  for (const one of [FIRST, SECOND, THIRD]) await publish(backfill, [one], []);
  await endBackfill(backfill);
  const seen = await shown(store);
  expect(seen.results).toHaveLength(6);
  return seen;
}

it('makes nothing ready before it knows the nodes, nor what is told twice', async () => {
  const store = await openStore();
  const backfill = await begin(store);
  expect(backfill.ready(FIRST.results)).toBeUndefined();
  expect(await publish(backfill, [FIRST], [])).toBe(2);
  expect(readied(backfill, SECOND)).toMatchObject({ runId: '102', results: 2, isOnce: true });
  const again = SECOND.results.map((one) => ({ ...one, step: 3 }));
  expect(backfill.ready([...SECOND.results, ...again])).toMatchObject({ results: 4, isOnce: false });
  expect(backfill.ready([...SECOND.results, ...SECOND.results])).toBeUndefined();
  expect(backfill.ready([...SECOND.results, result('model.shop.other', { runId: '102', step: 1 })])).toBeUndefined();
  expect(backfill.ready([])).toBeUndefined();
  await endBackfill(backfill);
});

it.each([
  ['nothing', []],
  ['a part', [SECOND.results[0] as ResultRecord]],
  ['all', SECOND.results],
])('takes a run that was made ready when a sync has stored %s of it meanwhile', async (_, meanwhile) => {
  const store = await openStore();
  const backfill = await begin(store);
  await publish(backfill, [FIRST], []);
  const ready = [readied(backfill, SECOND), readied(backfill, THIRD)];
  await store.sync([...meanwhile], { source: 'artifacts', history: [{ ...SECOND.run, resultsComplete: false }] });
  expect(await publish(backfill, [SECOND, THIRD], ready)).toBe(4 - meanwhile.length);
  await endBackfill(backfill);
  expect(await shown(store)).toEqual(await expected());
  expect(await inTransaction(store.pool, rebuildState)).toBe(0);
});

it('counts a run once that was taken twice', async () => {
  const store = await openStore();
  const backfill = await begin(store);
  await publish(backfill, [FIRST], []);
  const ready = [SECOND, SECOND, THIRD].map((one) => readied(backfill, one));
  expect(await publish(backfill, [SECOND, THIRD], ready)).toBe(4);
  expect(await publish(backfill, [THIRD], [readied(backfill, THIRD)])).toBe(0);
  await endBackfill(backfill);
  expect(await shown(store)).toEqual(await expected());
  expect(await inTransaction(store.pool, rebuildState)).toBe(0);
});

it('ends with the reason for which it is stopped while a sync holds the lock', async () => {
  const store = await openStore();
  const stop = new AbortController();
  const backfill = await begin(store, stop);
  const sync = await store.pool.connect();
  const [integration] = await store.rows<{ id: number }>('select integration_id as id from dbt_store.integration');
  expect(await tryLock(sync, integration?.id ?? 0)).toBe(true);
  const published = publish(backfill, [FIRST], []);
  const reason = new Error('Stopped by the test.');
  setTimeout(() => stop.abort(reason), 300);
  await expect(published).rejects.toBe(reason);
  await backfill.release();
  sync.release(true);
});
