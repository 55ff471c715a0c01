import { groupBy } from '../oracle/group-by.ts';
import { type FactNode, type FactResult, type Facts, isBad, isExecuted, type Verdict, verdictOf } from './facts.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface Incident {
  readonly test: FactNode;
  readonly openedAt: string;
  readonly resolvedAt: string | null;
}

/** The past of a project as the answers look at it: by node, in order of time, what sets the state alone. */
export interface Past {
  readonly facts: Facts;
  readonly node: (id: string) => FactNode | undefined;
  /** Oldest first. */
  readonly results: (id: string) => readonly FactResult[];
  readonly executed: (id: string) => readonly FactResult[];
  readonly verdict: (id: string) => Verdict;
  /** The first of the failures that are now; null when it does not fail. */
  readonly failingSince: (id: string) => string | null;
  readonly flips: (id: string) => readonly FactResult[];
  readonly incidents: () => readonly Incident[];
  readonly testsOf: (id: string) => readonly FactNode[];
  readonly upstream: (id: string) => ReadonlyMap<string, number>;
  readonly downstream: (id: string) => ReadonlyMap<string, number>;
  /** Whether a time is less than so many days ago. */
  readonly within: (at: string, days: number) => boolean;
}

function walk(start: string, next: (id: string) => readonly string[]): Map<string, number> {
  const found = new Map([[start, 0]]);
  for (const [id, distance] of found)
    for (const other of next(id)) if (!found.has(other)) found.set(other, distance + 1);
  found.delete(start);
  return found;
}

/** Neighbours that are executed and say something, in pairs. */
function pairs(results: readonly FactResult[]): [FactResult, FactResult][] {
  const telling = results.filter((result) => verdictOf(result) !== null);
  return telling.slice(1).map((result, index) => [telling[index] ?? result, result]);
}

function incidentsOf(test: FactNode, results: readonly FactResult[]): Incident[] {
  const found: Incident[] = [];
  let openedAt: string | null = null;
  for (const result of results.filter((one) => verdictOf(one) !== null)) {
    const bad = isBad(verdictOf(result));
    if (bad) openedAt ??= result.at;
    else if (openedAt !== null) {
      found.push({ test, openedAt, resolvedAt: result.at });
      openedAt = null;
    }
  }
  return openedAt === null ? found : [...found, { test, openedAt, resolvedAt: null }];
}

function failingSinceOf(results: readonly FactResult[]): string | null {
  let since: string | null = null;
  for (const result of results) {
    const verdict = verdictOf(result);
    if (isBad(verdict)) since ??= result.at;
    else if (verdict !== null) since = null;
  }
  return since;
}

export function pastOf(facts: Facts): Past {
  const nodes = new Map(facts.nodes.map((node) => [node.id, node]));
  const counted = new Set(facts.runs.filter((run) => run.counts).map(({ id }) => id));
  const sorted = facts.results
    .filter(({ runId }) => counted.has(runId))
    .toSorted((a, b) => a.at.localeCompare(b.at) || a.step - b.step);
  const byNode = groupBy(sorted, ({ id }) => id);
  const children = groupBy(
    facts.nodes.flatMap((node) => node.parents.map((parent) => ({ parent, child: node.id }))),
    ({ parent }) => parent,
  );
  const results = (id: string) => byNode.get(id) ?? [];
  const executed = (id: string) => results(id).filter(isExecuted);
  const known = (id: string) => nodes.has(id);
  const tests = facts.nodes.filter(({ type }) => type === 'test');
  const past: Past = {
    facts,
    node: (id) => nodes.get(id),
    results,
    executed,
    verdict: (id) => {
      const last = executed(id).at(-1);
      return last === undefined ? null : verdictOf(last);
    },
    failingSince: (id) => failingSinceOf(results(id)),
    flips: (id) =>
      pairs(results(id))
        .filter(([from, to]) => isBad(verdictOf(from)) !== isBad(verdictOf(to)))
        .map(([, to]) => to),
    incidents: () => tests.flatMap((test) => incidentsOf(test, results(test.id))),
    testsOf: (id) => tests.filter(({ tested }) => tested === id),
    upstream: (id) => walk(id, (of) => (nodes.get(of)?.parents ?? []).filter(known)),
    downstream: (id) => walk(id, (of) => (children.get(of) ?? []).map(({ child }) => child)),
    within: (at, days) => Date.parse(facts.now) - Date.parse(at) < days * DAY,
  };
  return past;
}

/** Two neighbours of different class, the later one first. */
export const changesOf = (results: readonly FactResult[]): [FactResult, FactResult][] =>
  pairs(results).filter(([from, to]) => verdictOf(from) !== verdictOf(to));

/** The value below which so much of a list lies, interpolated. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

export const dayOf = (at: string): string => at.slice(0, 10);

/** The Monday of the week, in UTC. */
export function weekOf(at: string): string {
  const day = new Date(`${dayOf(at)}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return dayOf(day.toISOString());
}

export const hours = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / HOUR;

export const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
