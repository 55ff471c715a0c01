import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ResultRecord, RunRecord } from '../../src/domain/records.ts';
import { rebuildState } from '../../src/store/publish/state.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { numRuns } from '../properties/runs.ts';
import { beginBackfill, endBackfill, publishPortion } from './backfills.ts';
import { definition, minute, openStore, result, run, type TestStore } from './builders.ts';

const MODEL = 'model.shop.orders';
const TEST = 'test.shop.unique_orders.abc';
const HOURS_OF_A_DAY = 24;

/** What a run did to the model and to the test: null where it left it alone. */
interface Did {
  readonly hour: number;
  readonly model: string | null;
  readonly test: string | null;
  readonly seconds: number;
  readonly setsState: boolean;
}

const did = fc.record<Did>({
  hour: fc.integer({ min: 0, max: 71 }),
  model: fc.constantFrom('success', 'error', 'skipped', null),
  test: fc.constantFrom('pass', 'warn', 'fail', 'error', 'skipped', null),
  seconds: fc.integer({ min: 1, max: 5 }),
  setsState: fc.boolean(),
});

/** Runs of different hours, so that what came before what is plain. */
const pasts = fc.uniqueArray(did, { selector: ({ hour }) => hour, minLength: 1, maxLength: 12 });

interface Told extends Did {
  readonly run: RunRecord;
  readonly results: readonly ResultRecord[];
}

function tell(one: Did): Told {
  const runId = String(100 + one.hour);
  const at = minute(one.hour * 60);
  const of = (uniqueId: string, status: string | null) =>
    status === null
      ? []
      : [
          result(uniqueId, {
            ...{ runId, step: 1, status, executedAt: at, executionTimeS: one.seconds },
            ...{ startedAt: minute(one.hour * 60 - 2), completedAt: minute(one.hour * 60 - 1) },
          }),
        ];
  const results = [...of(MODEL, one.model), ...of(TEST, one.test)];
  return {
    ...one,
    run: run(runId, { setsState: one.setsState, resultsComplete: one.hour % 2 === 0, finishedAt: at }),
    results,
  };
}

const resultsOf = (told: readonly Told[]) => told.flatMap(({ results }) => results);
const runsOf = (told: readonly Told[]) => told.map((one) => one.run);

const day = (hour: number) => `2026-01-0${1 + Math.floor(hour / HOURS_OF_A_DAY)}`;
const OK = ['success', 'pass'];

/** The value in the middle, or between the two. */
function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

function daysOf(past: readonly Did[]): unknown[] {
  const built = past.filter(({ model, setsState }) => setsState && model !== null && model !== 'skipped');
  const days = [...new Set(built.map(({ hour }) => day(hour)))].sort();
  return days.map((one) => {
    const runs = built.filter(({ hour }) => day(hour) === one);
    const seconds = runs.filter(({ model }) => model === 'success').map((each) => each.seconds);
    const total = runs.reduce((sum, each) => sum + each.seconds, 0);
    const max = seconds.length === 0 ? null : Math.max(...seconds);
    return { day: one, runs: runs.length, p50_s: median(seconds), max_s: max, total_s: total };
  });
}

function healthOf(past: readonly Did[]): unknown[] {
  const tested = past.filter(({ test, setsState }) => setsState && test !== null && test !== 'skipped');
  const days = [...new Set(tested.map(({ hour }) => day(hour)))].sort();
  return days.map((one) => {
    const words = tested.filter(({ hour }) => day(hour) === one).map(({ test }) => test);
    const count = (word: string) => words.filter((each) => each === word).length;
    const counts = { passed: count('pass'), warned: count('warn'), failed: count('fail'), errored: count('error') };
    return { day: one, package_name: 'shop', tests_executed: words.length, ...counts };
  });
}

const kindOf = (word: string) => (OK.includes(word) ? 'ok' : word);

function changesOf(past: readonly Did[]): unknown[] {
  const sorted = past.filter(({ setsState }) => setsState).sort((a, b) => a.hour - b.hour);
  return [MODEL, TEST].flatMap((uniqueId) => {
    const told = sorted.flatMap(({ hour, model, test }) => {
      const word = uniqueId === MODEL ? model : test;
      return word === null || word === 'skipped' ? [] : [{ hour, word }];
    });
    return told.flatMap(({ hour, word }, index) => {
      const before = told[index - 1]?.word;
      if (before === undefined || kindOf(before) === kindOf(word)) return [];
      return [{ unique_id: uniqueId, from_status: before, to_status: word, changed_at: minute(hour * 60) }];
    });
  });
}

/** A test fails from its first failure until it is well again, whether it fails or ends in an error meanwhile. */
function incidentsOf(past: readonly Did[]): unknown[] {
  const found: { opened_at: string; resolved_at: string | null; results: number }[] = [];
  for (const { hour, test } of past.filter(({ setsState }) => setsState).sort((a, b) => a.hour - b.hour)) {
    const open = found.find(({ resolved_at: resolved }) => resolved === null);
    if (test === 'fail' || test === 'error') {
      if (open) open.results++;
      else found.push({ opened_at: minute(hour * 60), resolved_at: null, results: 1 });
    } else if (open && (test === 'pass' || test === 'warn')) open.resolved_at = minute(hour * 60);
  }
  return found;
}

const instant = (value: unknown) => (value instanceof Date ? value.toISOString() : value);
const plain = (rows: readonly object[]) =>
  rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, instant(value)])));

async function shown({ rows }: TestStore): Promise<unknown> {
  const timing = 'day::text, runs, p50_s, max_s, total_s';
  const health = 'day::text, package_name, tests_executed, passed, warned, failed, errored';
  return {
    days: await rows(`select ${timing} from dbt.model_timing_daily order by day`),
    health: await rows(`select ${health} from dbt.test_health_daily order by day`),
    changes: plain(
      await rows('select unique_id, from_status, to_status, changed_at from dbt.status_changes order by 1, 4'),
    ),
    incidents: plain(await rows('select opened_at, resolved_at, results from dbt.test_incidents order by 1')),
  };
}

const expected = (past: readonly Did[]) => ({
  days: daysOf(past),
  health: healthOf(past),
  changes: changesOf(past),
  incidents: incidentsOf(past),
});

const TABLES = ['run', 'run_step', 'run_result', 'node_status', 'run_count', 'node_day', 'status_change'];

/** Syncs tell what they found beside the state; a backfill writes runs as they are, at once where it knows their nodes. */
const WAYS = {
  sync: async (store: TestStore, portions: readonly (readonly Told[])[]) => {
    for (const told of portions) await store.sync(resultsOf(told), { source: 'artifacts', history: runsOf(told) });
  },
  backfill: async (store: TestStore, portions: readonly (readonly Told[])[]) => {
    const backfill = await beginBackfill(store);
    for (const told of portions) {
      const ready = told.flatMap(({ results }) => backfill.ready(results) ?? []);
      const rest = told.filter(({ run: { runId } }) => !ready.some((one) => one.runId === runId));
      const results = await publishPortion(backfill, { records: resultsOf(rest), ready, history: runsOf(told) });
      expect(results).toBe(resultsOf(told).length);
    }
    await endBackfill(backfill);
  },
} as const;

it.each([
  'sync',
  'backfill',
] as const)('counts what was told in any order, at once or bit by bit, by %s, and a rebuild finds nothing to correct', async (way) => {
  const store = await openStore();
  await store.sync([definition(MODEL), definition(TEST, { testedUniqueId: MODEL })]);
  const passes = fc.tuple(pasts, fc.integer({ min: 1, max: 4 }), fc.infiniteStream(fc.nat()));
  await fc.assert(
    fc.asyncProperty(passes, async ([past, size, keys]) => {
      await store.rows(`truncate ${TABLES.map((table) => `dbt_store.${table}`).join(', ')}`);
      const shuffled = past.map((one) => ({ one, key: keys.next().value ?? 0 })).sort((a, b) => a.key - b.key);
      const told = shuffled.map(({ one }) => tell(one));
      await WAYS[way](
        store,
        told.flatMap((_, at) => (at % size === 0 ? [told.slice(at, at + size)] : [])),
      );
      expect(await shown(store)).toEqual(expected(past));
      expect(await inTransaction(store.pool, rebuildState)).toBe(0);
    }),
    numRuns(40),
  );
}, 120_000);

it('counts nothing of a run that turns out to be a check of a proposal, and all of it when it turns out to be none', async () => {
  const store = await openStore();
  await store.sync([definition(MODEL), definition(TEST, { testedUniqueId: MODEL })]);
  const past: Did[] = [
    { hour: 1, model: 'success', test: 'pass', seconds: 2, setsState: true },
    { hour: 5, model: 'error', test: 'fail', seconds: 3, setsState: true },
  ];
  for (const setsState of [true, false, true]) {
    const now = past.map((one, index) => (index === 1 ? { ...one, setsState } : one));
    const told = now.map(tell);
    const records = setsState ? told.flatMap(({ results }) => results) : [];
    await store.sync(records, { source: 'artifacts', history: told.map((one) => one.run) });
    expect(await shown(store)).toEqual(expected(now));
  }
});

it('keeps what was counted of runs that only Discovery told, when their own steps tell it in another way', async () => {
  const store = await openStore();
  await store.sync([definition(MODEL), result(MODEL, { runId: '103', status: 'error', executedAt: minute(180) })]);
  const past: Did[] = [{ hour: 3, model: 'success', test: null, seconds: 4, setsState: true }];
  const told = past.map(tell);
  await store.sync(
    told.flatMap(({ results }) => results),
    { source: 'artifacts', history: told.map((one) => one.run) },
  );
  expect(await shown(store)).toEqual(expected(past));
  expect(await inTransaction(store.pool, rebuildState)).toBe(0);
});
