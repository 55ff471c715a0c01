import type { SimRow } from './simulated-invocations.ts';
import { iso, type Micros } from './simulated-project.ts';
import type { SimRun } from './simulated-runs.ts';

type Class = 'ok' | 'warn' | 'fail' | 'error' | 'none';

/** A result of a node, with what orders it. */
export interface Seen {
  readonly runId: number;
  readonly step: number;
  readonly executedAt: Micros;
  readonly row: SimRow;
  readonly class: Class;
  readonly isExecuted: boolean;
}

const CLASSES: { readonly [status: string]: Class } = {
  success: 'ok',
  pass: 'ok',
  warn: 'warn',
  'partial success': 'warn',
  fail: 'fail',
  error: 'error',
};
const NOT_EXECUTED = new Set(['skipped', 'no-op', 'reused']);

export function seenIn({ id, steps }: SimRun): Seen[] {
  return steps.flatMap(({ index, left }) =>
    (left?.rows ?? []).map((row) => ({
      runId: id,
      step: index,
      executedAt: left?.generatedAt ?? 0,
      row,
      class: CLASSES[row.status] ?? 'none',
      isExecuted: !NOT_EXECUTED.has(row.status),
    })),
  );
}

/** By milliseconds, then by run, then by step. */
function inOrder(one: Seen, other: Seen): number {
  const ms = ({ executedAt }: Seen) => Math.floor(executedAt / 1_000);
  return ms(one) - ms(other) || one.runId - other.runId || one.step - other.step;
}

function byNode(seen: readonly Seen[]): Map<string, Seen[]> {
  const nodes = new Map<string, Seen[]>();
  for (const one of seen.toSorted(inOrder)) nodes.set(one.row.node.id, [...(nodes.get(one.row.node.id) ?? []), one]);
  return nodes;
}

/** The latest of each node. */
export function latestOf(seen: readonly Seen[]): Map<string, Seen> {
  return new Map([...byNode(seen)].flatMap(([id, all]) => all.slice(-1).map((last) => [id, last] as const)));
}

const when = (one: Seen | undefined) => (one === undefined ? null : iso(one.executedAt));
const runOf = (one: Seen | undefined) => (one === undefined ? null : String(one.runId));

/** The latest of these of which all that come later are such, too; undefined when the last one is none. */
function beginOfLast(seen: readonly Seen[], isSuch: (one: Seen) => boolean): Seen[] {
  const lastOther = seen.findLastIndex((one) => !isSuch(one));
  return seen.slice(lastOther + 1);
}

/** What follows for the state of one node, from the first of its results to the last. */
function statusOf(seen: readonly Seen[]): unknown[] {
  const last = seen.at(-1);
  const classed = seen.filter((one) => one.class !== 'none');
  const streak = beginOfLast(classed, (one) => one.class === classed.at(-1)?.class);
  const trouble = beginOfLast(classed, (one) => one.class === 'fail' || one.class === 'error');
  const lastExecuted = seen.findLast(({ isExecuted }) => isExecuted);
  const lastOk = classed.findLast((one) => one.class === 'ok');
  const isTest = last?.row.node.type === 'test';
  const lastSuccess = isTest ? lastOk : classed.findLast((one) => one.class === 'ok' || one.class === 'warn');
  const { status, message, failures } = last?.row ?? {};
  const common = [when(last), when(lastExecuted), when(streak[0]), trouble.length];
  return isTest
    ? [status, message, failures, runOf(last), ...common, when(lastOk), when(trouble[0]), streak.length > 0]
    : [
        ...[status, status === 'error' || status === 'fail' ? message : null, runOf(last), ...common],
        ...[runOf(lastSuccess), when(lastSuccess), lastSuccess?.row.seconds ?? null],
      ];
}

/** One line for the state of each node. */
export function statusLines(seen: readonly Seen[]): string[] {
  return [...byNode(seen)].map(([id, all]) => {
    const table = all[0]?.row.node.type === 'test' ? 'test' : 'built';
    return `${table} ${JSON.stringify([id, ...statusOf(all)])}`;
  });
}
