import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { HistoryRecord } from '../../src/domain/records.ts';
import { openTwoStores } from '../e2e/two-stores.ts';
import { definition, minute, openStore, run, type TestStore } from '../store/builders.ts';
import { stopClock } from './clock.ts';
import { ask, DAY, type Days, tell } from './days.ts';
import { questions, readDaysAsUtc } from './document.ts';

const MART = 'model.shop.mart';
const OTHER = 'model.shop.other';
const BOARD = 'exposure.shop.board';
const TEST = 'test.shop.mart_is_unique.abc';
const HISTORY = fileURLToPath(new URL('../../demo/histories/duckdb', import.meta.url));
/** Views of what stands in some way now. */
const OF_NOW = ['failing_now', 'flaky_tests', 'slowest_models', 'stale_sources'];
readDaysAsUtc();

const job = (jobId: number, name: string): HistoryRecord => ({
  ...({ kind: 'job', jobId, name, jobType: 'scheduled', environmentId: 3, schedule: null } as const),
  ...{ steps: [], deactivated: false },
});

/** Two models and a test of the first, read on the fifth day. */
async function shop(days: Days = [], mart: Parameters<typeof definition>[1] = {}): Promise<TestStore> {
  const store = await openStore();
  await store.sync([
    definition(MART, mart),
    definition(OTHER),
    definition(TEST, { testedUniqueId: MART }, { parents: [MART] }),
    definition('group.shop.mail', { name: 'mail', ownerName: null, ownerEmail: 'mail@shop.example' }),
  ]);
  await tell(store, days);
  await store.rows(stopClock(minute(4.5 * DAY)));
  return store;
}

const ids = (rows: readonly Record<string, unknown>[]) => [...new Set(rows.map((row) => row.unique_id))];

describe('the slowest models', () => {
  it('are told by what succeeded: failures without a time make none faster', async () => {
    const store = await shop([{ [MART]: ['success', 100], [OTHER]: ['success', 30] }]);
    for (const jobId of [1, 2, 3]) await tell(store, [{ [MART]: 'error' }], { jobId });
    expect(ids(await ask(store, 5))).toEqual([MART, OTHER]);
    const medians = 'select unique_id, p50_s, runs from dbt.model_timing_daily order by p50_s desc';
    expect(await store.rows(medians)).toEqual([
      { unique_id: MART, p50_s: 100, runs: 4 },
      { unique_id: OTHER, p50_s: 30, runs: 1 },
    ]);
  });

  it("are told by the job's own runs where the integration is narrowed to one", async () => {
    const store = await shop([{ [MART]: ['success', 10] }]);
    await tell(store, { 0: { [MART]: ['success', 100] } }, { jobId: 8, scope: { jobId: 7 } });
    const answer = await ask(store, 5);
    expect(answer.map(({ runs, p50_s: p50 }) => [Number(runs), Number(p50)])).toEqual([[1, 10]]);
    const told = 'select run_id, sets_state from dbt.run_results order by run_id';
    expect(await store.rows(told)).toEqual([
      { run_id: '1', sets_state: true },
      { run_id: '80001', sets_state: false },
    ]);
  });
});

it('jobs of one name are told apart, and one that is not listed any more has none', async () => {
  const store = await shop();
  const ran = (runId: string, jobId: number, status: string) =>
    run(runId, { jobId, status, createdAt: minute(3 * DAY), finishedAt: minute(3 * DAY + 9) });
  const runs = [ran('1', 7, 'success'), ran('2', 8, 'error'), ran('3', 9, 'success')];
  await store.sync([], { source: 'artifacts', history: [job(7, 'Daily'), job(8, 'Daily'), ...runs] });
  const answer = await ask(store, 14);
  expect(answer.map(({ job_id: id, job_name: name, success_rate: rate }) => [Number(id), name, Number(rate)])).toEqual([
    [7, 'Daily', 1],
    [8, 'Daily', 0],
    [9, null, 1],
  ]);
});

it('models of other projects are not for this one to test, document or drop', async () => {
  const store = await openStore();
  const theirs = definition('model.other.public', { contractEnforced: false }, { state: 'external' });
  const unused = definition('model.other.spare', { contractEnforced: false }, { state: 'external' });
  const mart = definition(MART, {}, { parents: ['model.other.public'] });
  await store.sync([theirs, unused, mart, definition(BOARD, {}, { parents: [MART] })]);
  await store.rows(stopClock(minute(DAY / 2)));
  const feeding = (await ask(store, 9)).filter(({ dimension }) => dimension === 'feeds an exposure, untested');
  expect(feeding.map(({ value }) => value)).toEqual([MART]);
  expect((await ask(store, 17)).map((row) => row.without_contract_now)).toEqual(['1']);
  expect(ids(await ask(store, 19))).toEqual([]);
});

it('an owner of whom only the address is known is called by it', async () => {
  const days = [{ [MART]: ['success', 5], [TEST]: 'pass' }, {}, {}, { [TEST]: 'fail' }] as const;
  const store = await shop(days, { groupName: 'mail' });
  const owners = async (question: number) => (await ask(store, question)).map(({ owner }) => owner);
  for (const question of [3, 4, 10, 22])
    expect([question, await owners(question)]).toEqual([question, ['mail@shop.example']]);
});

it('nodes known from results alone do not stand in any way now', async () => {
  const stores = openTwoStores(HISTORY);
  try {
    const reader = await stores.reader('discovery', { runHistory: true });
    stores.advance(15);
    await reader.sync();
    await reader.rows(`set time zone 'UTC'`);
    await reader.rows(stopClock('2026-11-09T18:00:00Z'));
    const unknown = "(select unique_id from dbt.nodes where state = 'placeholder')";
    // The models and the tests that were gone before the first sync, by the results of their runs.
    const gone = ids(await reader.rows(`select * from ${unknown} n where unique_id ~ '^(model|test)' order by 1`));
    expect(gone).toContain('model.roastery.fct_courier_performance');
    for (const view of OF_NOW) {
      expect([view, await reader.rows(`select 1 from dbt.${view} where unique_id in ${unknown}`)]).toEqual([view, []]);
    }
    const open = `select 1 from dbt.test_incidents where is_open and unique_id in ${unknown}`;
    expect(await reader.rows(open)).toEqual([]);
    for (const { number, query } of questions().filter((one) => [5, 8, 19].includes(one.number))) {
      expect([number, ids(await reader.rows(query)).filter((id) => gone.includes(id))]).toEqual([number, []]);
    }
  } finally {
    await stores.close();
  }
}, 60_000);
