import type { Context } from './context.ts';
import type { StatusClass } from './results.ts';
import { breaches } from './view-sources.ts';

export type Verdict = 'fail' | 'warn' | 'stale' | 'ok' | 'unknown';

/** Verdicts already found: exposures ask for those of all their ancestors again and again. */
const known = new WeakMap<Context, Map<string, Verdict>>();

/** How far a node can be trusted: its own tests, its own last build, and how old its data is. */
export function verdictOf(context: Context, uniqueId: string): Verdict {
  const verdicts = known.get(context) ?? new Map<string, Verdict>();
  known.set(context, verdicts);
  const verdict = verdicts.get(uniqueId) ?? findVerdict(context, uniqueId);
  verdicts.set(uniqueId, verdict);
  return verdict;
}

function findVerdict(context: Context, uniqueId: string): Verdict {
  const classes = [
    context.status(uniqueId).class,
    ...context.testsOf(uniqueId).map((test) => context.status(test.fact.uniqueId).class),
  ];
  const has = (...wanted: StatusClass[]) => classes.some((one) => one !== null && wanted.includes(one));
  if (has('fail', 'error')) return 'fail';
  if (has('warn')) return 'warn';
  const origins = [uniqueId, ...context.graph.upstream(uniqueId).keys()];
  if (origins.some((id) => breaches(context, id)) || isOverdue(context, uniqueId)) return 'stale';
  return has('ok') || context.freshness(uniqueId) !== null ? 'ok' : 'unknown';
}

/** Older than twice the median interval of the last 20 builds; false with fewer than 3 builds or without a clock. */
function isOverdue(context: Context, uniqueId: string): boolean {
  const builds = context
    .status(uniqueId)
    .builtAt.slice(-20)
    .map((at) => Date.parse(at));
  const last = builds.at(-1);
  const isTest = context.stored.nodes.get(uniqueId)?.fact.resourceType === 'test';
  if (context.now === null || last === undefined || builds.length < 3 || isTest) return false;
  const intervals = builds.slice(1).map((at, index) => at - (builds[index] ?? at));
  return context.now.getTime() - last > 2 * median(intervals);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
