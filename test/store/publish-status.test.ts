import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResultRecord } from '../../src/domain/records.ts';
import { rebuildState } from '../../src/store/publish/state.ts';
import { numRuns } from '../properties/runs.ts';
import { addStepResult, definition, minute, openStore, result, type TestStore } from './builders.ts';

const WORDS = ['success', 'pass', 'warn', 'partial success', 'fail', 'error', 'skipped', 'no-op', 'reused', 'odd'];
const NOT_EXECUTED = ['skipped', 'no-op', 'reused'];

/** One result of the history of one node; told by a run's own step, or by Discovery (steps 0 and -1). */
interface Told {
  readonly run: number;
  readonly step: number;
  readonly status: string;
  readonly minutes: number;
  readonly setsState: boolean;
}

/** What store.md says of a test that only says success: it was compiled, unless it is a last success. */
const isCompiledOnly = ({ status, step }: Told, isTest: boolean) => isTest && status === 'success' && step >= 0;

function classOf(told: Told, isTest: boolean): string {
  if (isCompiledOnly(told, isTest)) return 'none';
  if (told.status === 'success' || told.status === 'pass') return 'ok';
  if (told.status === 'warn' || told.status === 'partial success') return 'warn';
  return told.status === 'fail' || told.status === 'error' ? told.status : 'none';
}

const isExecuted = (told: Told, isTest: boolean) =>
  !NOT_EXECUTED.includes(told.status) && !isCompiledOnly(told, isTest);

/** The members at the end of a list that all fit. */
function streak<T>(list: readonly T[], fits: (item: T) => boolean): readonly T[] {
  const start = list.findLastIndex((item) => !fits(item));
  return list.slice(start + 1);
}

const instant = (told: Told | undefined) => (told === undefined ? null : minute(told.minutes));

/** The current state of a node by the words of store.md, from its whole history. */
function expected(history: readonly Told[], isTest: boolean) {
  const counted = history
    .filter(({ step, setsState }) => step <= 0 || setsState)
    .sort((a, b) => a.minutes - b.minutes || a.run - b.run || a.step - b.step);
  const last = counted.at(-1);
  if (last === undefined) return undefined;
  const kind = (told: Told) => classOf(told, isTest);
  const classed = counted.filter((told) => kind(told) !== 'none');
  const current = classed.at(-1);
  const since = streak(classed, (told) => current !== undefined && kind(told) === kind(current))[0];
  const failures = streak(classed, (told) => kind(told) === 'fail' || kind(told) === 'error');
  const success = classed.findLast((told) => kind(told) === 'ok' || (kind(told) === 'warn' && !isTest));
  const executed = counted.findLast((told) => isExecuted(told, isTest));
  return {
    status: last.status,
    last_run_id: String(last.run),
    last_run_at: instant(last),
    executed_status: executed?.status ?? null,
    executed_class: current === undefined ? null : kind(current),
    last_executed_at: instant(executed),
    status_since: instant(since),
    failing_since: instant(failures[0]),
    since_is_exact: since !== undefined && since.step > 0,
    consecutive_failures: failures.length,
    last_success_run_id: success === undefined ? null : String(success.run),
    last_success_at: instant(success),
    last_pass_at: instant(classed.findLast((told) => kind(told) === 'ok')),
    execution_time_s: success?.minutes ?? null,
  };
}

const recordOf = (uniqueId: string, { run, step, status, minutes }: Told): ResultRecord =>
  result(uniqueId, {
    runId: String(run),
    step,
    status,
    executedAt: minute(minutes),
    executionTimeS: minutes,
  });

/** Few times and runs, so that ties are common; run ids of one and two digits, so that text and numbers differ. */
const history = () =>
  fc
    .array(
      fc.record({
        run: fc.constantFrom(1, 2, 9, 10, 11, 100),
        step: fc.constantFrom(-1, 0, 0, 1, 2, 3),
        status: fc.constantFrom(...WORDS),
        minutes: fc.integer({ min: 1, max: 6 }),
        setsState: fc.boolean(),
      }),
      { minLength: 1, maxLength: 10 },
    )
    .map(settle);

/** Makes a history that a store may hold: one row per run and step, no last attempt beside a run's own steps. */
function settle(list: readonly Told[]): Told[] {
  const setsState = new Map(list.map((told) => [told.run, told.setsState]));
  const own = new Set(list.filter(({ step }) => step > 0).map(({ run }) => run));
  const byKey = new Map<string, Told>();
  for (const told of list) {
    if (told.step <= 0 && own.has(told.run)) continue;
    const isKept = { ...told, setsState: setsState.get(told.run) ?? true };
    byKey.set(`${told.run}/${told.step}`, told.step === -1 ? { ...isKept, status: 'success' } : isKept);
  }
  const kept = [...byKey.values()];
  const isAttempt = ({ run, minutes }: Told) =>
    kept.some((other) => other.run === run && other.step === 0 && other.minutes === minutes);
  return kept.filter((told) => told.step !== -1 || !isAttempt(told));
}

const columns = Object.keys(expected([{ run: 1, step: 0, status: 'pass', minutes: 1, setsState: true }], false) ?? {});

async function shownOf({ rows }: TestStore, uniqueId: string): Promise<unknown> {
  const [row] = await rows<Record<string, unknown>>(
    `select ${columns.map((column) => `s.${column}`).join(', ')} from dbt_store.node_status s
    join dbt_store.node n using (node_id) where n.unique_id = $1`,
    [uniqueId],
  );
  if (row === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, value instanceof Date ? value.toISOString() : value]),
  );
}

/** Tells one pass per result of Discovery, in the order given; results of steps are there before. */
async function tell(store: TestStore, uniqueId: string, told: readonly Told[]): Promise<void> {
  for (const one of told.filter(({ step }) => step > 0)) {
    await addStepResult(store, recordOf(uniqueId, one), one.setsState);
  }
  for (const one of told.filter(({ step }) => step <= 0)) await store.sync([recordOf(uniqueId, one)]);
}

async function rebuild({ pool }: TestStore): Promise<number> {
  const client = await pool.connect();
  try {
    return await rebuildState(client);
  } finally {
    client.release();
  }
}

/** Two first successes of one time, told one after the other. */
const TIED: Told[] = [
  { run: 2, step: -1, status: 'success', minutes: 6, setsState: true },
  { run: 11, step: -1, status: 'success', minutes: 1, setsState: true },
  { run: 100, step: 3, status: 'success', minutes: 1, setsState: true },
];

describe.each([
  ['model', 'model.shop.n'],
  ['test', 'test.shop.n'],
])('the status of a %s', (type, prefix) => {
  it('is what its history says, in any order of telling, and a rebuild finds nothing to correct', async () => {
    const store = await openStore();
    let nodes = 0;
    await fc.assert(
      fc.asyncProperty(history(), fc.integer(), async (told, seed) => {
        const [first, second] = [`${prefix}${++nodes}`, `${prefix}${++nodes}`];
        await store.sync([definition(first), definition(second)], { complete: false });
        await tell(store, first, told);
        await tell(store, second, shuffled(told, seed));
        // Results of steps were put there without a pass: nothing has derived a status from them alone.
        if (!told.some(({ step }) => step <= 0)) await rebuild(store);
        const right = expected(told, type === 'test');
        expect(await shownOf(store, first)).toEqual(right);
        expect(await shownOf(store, second)).toEqual(right);
        expect(await rebuild(store)).toBe(0);
        await store.rows('delete from dbt_store.run_result');
        await store.rows('delete from dbt_store.run');
        await rebuild(store);
      }),
      { ...numRuns(12), examples: [[TIED, 17]] },
    );
  }, 120_000);
});

it('is the same for many nodes told at once as for each alone', async () => {
  const store = await openStore();
  const stories = [[0], [-1], [0, -1]].flatMap((steps) => WORDS.map((status) => ({ status, steps })));
  const nodes = Array.from({ length: 40 }, (_, copy) =>
    stories.map((story, index) => ({ ...story, uniqueId: `${copy % 2 ? 'test' : 'model'}.shop.n${copy}_${index}` })),
  ).flat();
  const told = (node: (typeof nodes)[number]) =>
    node.steps.map((step) => ({ run: 2 + step, step, status: node.status, minutes: 2 + step, setsState: true }));
  await store.sync([
    ...nodes.map(({ uniqueId }) => definition(uniqueId)),
    ...nodes.flatMap((node) => told(node).map((one) => recordOf(node.uniqueId, one))),
  ]);
  for (const node of nodes.slice(0, 2 * stories.length)) {
    expect(await shownOf(store, node.uniqueId)).toEqual(expected(told(node), node.uniqueId.startsWith('test')));
  }
  expect(await rebuild(store)).toBe(0);
}, 60_000);

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const ranked = list.map((item, index) => ({ item, rank: Math.imul(seed ^ (index + 1), 2_654_435_761) }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}
