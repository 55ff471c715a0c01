import { expect, it } from 'vitest';
import { stopClock } from '../readers/clock.ts';
import { catalog, column, definition, freshness, minute, openStore, result, run } from './builders.ts';

const ORDERS = 'model.shop.orders';
const GONE = 'model.shop.gone';
const GONE_TEST = 'test.shop.gone_is_unique.abc';
const GONE_SOURCE = 'source.shop.raw.gone';

/** Of each run in turn, a result of the model and of the test. */
const PAST = [
  ['error', 'fail'],
  ['success', 'pass'],
  ['error', 'fail'],
] as const;

it('what only results tell of is among nodes and results, and does not stand in any way once all that is there is told', async () => {
  const store = await openStore();
  const age = { status: 'error', snapshottedAt: minute(9) };
  await store.sync([
    definition(ORDERS, {}, { parents: [GONE_SOURCE] }),
    catalog(GONE, [column('id')]),
    freshness(GONE_SOURCE, age),
  ]);
  await store.sync(
    PAST.flatMap(([built, tested], index) => {
      const told = { runId: `${index + 1}`, step: 1, executedAt: minute(index), executionTimeS: 1 };
      return [result(GONE, { ...told, status: built }), result(GONE_TEST, { ...told, status: tested })];
    }),
    { source: 'artifacts', history: PAST.map((_, index) => run(`${index + 1}`)) },
  );
  await store.rows(stopClock(minute(10)));
  const idsIn = async (view: string) =>
    (await store.rows(`select distinct unique_id as id from dbt.${view} order by 1`)).map(({ id }) => id);
  expect(await idsIn("nodes where state = 'placeholder'")).toEqual([GONE, GONE_SOURCE, GONE_TEST]);
  expect(await idsIn('run_results')).toEqual([GONE, GONE_TEST]);
  expect(await idsIn('test_results')).toEqual([GONE_TEST]);
  expect(await idsIn('model_timing_daily')).toEqual([GONE]);
  expect(await idsIn('status_changes')).toEqual([GONE, GONE_TEST]);
  const ofNow = await Promise.all(['failing_now', 'flaky_tests', 'stale_sources', 'slowest_models'].map(idsIn));
  expect(ofNow.flat()).toEqual([]);
  expect(await idsIn('relations')).toEqual([ORDERS]);
  // Below a source that nobody defined nothing is stale, and its incidents are not open.
  expect(await store.row('select verdict from dbt.relations')).toEqual({ verdict: 'unknown' });
  const incidents = 'select opened_at, is_open from dbt.test_incidents order by 1';
  expect(await store.rows(incidents)).toEqual(
    [0, 2].map((at) => ({ opened_at: new Date(minute(at)), is_open: false })),
  );
  // Until a first complete pass they are all that is known.
  await store.rows('update dbt_store.integration set complete_at = null');
  expect(await idsIn('failing_now')).toEqual([GONE, GONE_TEST]);
});
