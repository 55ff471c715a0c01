import { groupBy } from '../oracle/group-by.ts';
import type { Answer } from './answers-now.ts';
import type { FactResult } from './facts.ts';
import { changesOf, dayOf, hours, mean, type Past, percentile, weekOf } from './past.ts';

const MART = 'model.roastery.fct_orders';
const models = (past: Past) => past.facts.nodes.filter(({ type }) => type === 'model');
const tests = (past: Past) => past.facts.nodes.filter(({ type }) => type === 'test');
/** Days as the views count them: today and the 29 days before it. */
const daysAgo = (past: Past, at: string) =>
  Math.round((Date.parse(dayOf(past.facts.now)) - Date.parse(dayOf(at))) / 86_400_000);
const seconds = (results: readonly FactResult[]) => results.flatMap((one) => one.seconds ?? []);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const successes = (past: Past, id: string) => past.executed(id).filter(({ status }) => status === 'success');

const changedStatus: Answer = (past) =>
  past.facts.nodes.flatMap(({ id, owner }) =>
    changesOf(past.results(id))
      .filter(([, to]) => daysAgo(past, to.at) <= 1)
      .map(([from, to]) => [to.at, id, from.status, to.status, owner]),
  );

const slowest: Answer = (past) => {
  const means = models(past).flatMap(({ id }) => {
    const recent = successes(past, id).filter(({ at, seconds: took }) => daysAgo(past, at) < 7 && took !== null);
    const medians = [...groupBy(recent, ({ at }) => dayOf(at)).values()].map((of) => percentile(seconds(of), 0.5));
    return medians.length === 0 ? [] : [{ id, mean: sum(medians) / medians.length }];
  });
  const five = means.toSorted((a, b) => b.mean - a.mean || a.id.localeCompare(b.id)).slice(0, 5);
  return five.flatMap(({ id }) => {
    const recent = successes(past, id).filter(({ at }) => past.within(at, 30));
    return [...groupBy(recent, ({ at }) => weekOf(at))].map(([week, of]) => [
      id,
      week,
      of.length,
      percentile(seconds(of), 0.5),
      percentile(seconds(of), 0.95),
    ]);
  });
};

const slower: Answer = (past) =>
  models(past).flatMap(({ id }) => {
    const timed = successes(past, id);
    const now = seconds(timed.filter(({ at }) => daysAgo(past, at) < 30));
    const before = seconds(timed.filter(({ at }) => daysAgo(past, at) >= 30 && daysAgo(past, at) < 60));
    if (now.length === 0 || before.length === 0) return [];
    const [was, is] = [percentile(before, 0.5), percentile(now, 0.5)];
    return is / was - 1 > 0.2 ? [[id, was, is, 100 * (is / was - 1)]] : [];
  });

const flaky: Answer = (past) =>
  tests(past).flatMap(({ id }) => {
    const flips = past.flips(id).filter(({ at }) => past.within(at, 30));
    const executions = past.executed(id).filter(({ at }) => past.within(at, 30)).length;
    return flips.length < 2
      ? []
      : [[id, executions, flips.length, flips.length / executions, flips.at(-1)?.at ?? null]];
  });

const incidents: Answer = (past) => {
  const recent = past.incidents().filter(({ openedAt }) => past.within(openedAt, 30));
  return [...groupBy(recent, ({ test }) => test.owner)].map(([owner, of]) => {
    const lasted = of.flatMap(({ openedAt, resolvedAt }) => (resolvedAt === null ? [] : [hours(openedAt, resolvedAt)]));
    const detected = of.flatMap(({ test, openedAt }) => {
      const loaded = past.facts.checks
        .filter(({ id, at }) => id === test.tested && at <= openedAt)
        .flatMap(({ loadedAt }) => loadedAt ?? []);
      return loaded.length === 0 ? [] : [hours(loaded.toSorted().at(-1) ?? '', openedAt)];
    });
    return [owner, of.length, of.length - lasted.length, mean(lasted), mean(detected)];
  });
};

const stale: Answer = (past) =>
  [...groupBy(past.facts.checks, ({ id }) => id)].flatMap(([id, all]) => {
    const checks = all.toSorted((a, b) => a.at.localeCompare(b.at));
    const last = checks.at(-1)?.status ?? '';
    if (!['warn', 'error'].includes(last)) return [];
    const breaches = checks.filter(({ status }) => ['warn', 'error'].includes(status));
    const passed = checks.findLast(({ status }) => status === 'pass')?.at ?? '';
    const recent = breaches.filter(({ at }) => past.within(at, 30));
    const worst = Math.max(...recent.map(({ ageS }) => ageS ?? 0));
    return [[id, last, breaches.find(({ at }) => at > passed)?.at ?? null, recent.length, worst / 3_600]];
  });

const jobs: Answer = (past) => {
  const recent = past.facts.runs.filter(({ createdAt }) => past.within(createdAt, 30));
  return [...groupBy(recent, ({ jobId, job, createdAt }) => JSON.stringify([jobId, job, weekOf(createdAt)]))].map(
    ([key, of]) => {
      const [jobId, job, week] = JSON.parse(key) as [string, string, string];
      const count = (status: string) => of.filter((run) => run.status === status).length;
      const spans = (from: 'createdAt' | 'startedAt', to: 'startedAt' | 'finishedAt') =>
        of.flatMap((run) => {
          const [begin, end] = [run[from], run[to]];
          return begin === null || end === null ? [] : [hours(begin, end) * 3_600];
        });
      return [
        jobId,
        job,
        week,
        of.length,
        count('success') / of.filter(({ finishedAt }) => finishedAt !== null).length,
        count('cancelled'),
        of.filter(({ retryOf }) => retryOf !== null).length,
        mean(spans('createdAt', 'startedAt')),
        mean(spans('startedAt', 'finishedAt')),
      ];
    },
  );
};

const renamed: Answer = (past) =>
  past.facts.changes
    .filter(({ type, at }) => type === 'model' && past.within(at, 7))
    .flatMap(({ id, at, aspect, item, before, after }) => {
      if (aspect === 'column' && (before === null || after === null))
        return [[at, id, before === null ? 'column added' : 'column removed', item]];
      const of = item ?? (typeof before === 'string' ? before : null);
      return ['added', 'removed', 'renamed'].includes(aspect) ? [[at, id, aspect, of]] : [];
    });

/** From what ended last back to what ended last before it began. */
function chainOf(past: Past, runId: string): string {
  const timed = past.facts.results.filter(
    (one) => one.runId === runId && one.startedAt !== null && one.completedAt !== null,
  );
  const executed = timed.filter(({ id, status }) => status !== 'skipped' && !id.startsWith('operation.'));
  let last = executed.toSorted((a, b) => (b.completedAt ?? '').localeCompare(a.completedAt ?? ''))[0];
  const took = new Set(timed.map(({ id }) => id));
  const parentsIn = (id: string) => {
    const found = new Set(past.node(id)?.parents);
    for (const parent of found)
      if (!took.has(parent)) for (const above of past.node(parent)?.parents ?? []) found.add(above);
    return found;
  };
  const chain: string[] = [];
  while (last !== undefined) {
    chain.unshift(last.id);
    const { startedAt, id } = last;
    const parents = parentsIn(id);
    const before = timed.filter((one) => parents.has(one.id) && (one.completedAt ?? '~') <= (startedAt ?? ''));
    last = before.toSorted((a, b) => (b.completedAt ?? '').localeCompare(a.completedAt ?? ''))[0];
  }
  return chain.join(' > ');
}

const ready: Answer = (past) => {
  const built = successes(past, MART).filter(({ at }) => past.within(at, 30));
  return [...groupBy(built, ({ at }) => dayOf(at))].map(([day, [first]]) => {
    const runId = first?.runId ?? '';
    return [day, first?.completedAt ?? null, runId, chainOf(past, runId)];
  });
};

const persisting: Answer = (past) =>
  tests(past).flatMap(({ id }) => {
    const told = past.executed(id);
    const last = past.results(id).at(-1);
    const before = changesOf(told).at(-1)?.[1] ?? told[0];
    if (last === undefined || before === undefined || !['warn', 'fail'].includes(last.status)) return [];
    const isOld = last.status === 'warn' && !past.within(before.at, 3);
    const grows = (last.failures ?? 0) > (before.failures ?? Number.POSITIVE_INFINITY);
    return isOld || grows ? [[id, last.status, before.at, before.failures, last.failures]] : [];
  });

const cost: Answer = (past) => {
  const spent = [...models(past), ...past.facts.removedModels].flatMap(({ id, owner }) =>
    past
      .executed(id)
      .filter(({ at }) => daysAgo(past, at) < 30)
      .map(({ at, seconds: of }) => ({ key: JSON.stringify([owner, weekOf(at)]), of: of ?? 0 })),
  );
  return [...groupBy(spent, ({ key }) => key)].map(([key, of]) => {
    const [owner, week] = JSON.parse(key) as [string | null, string];
    return [owner, week, sum(of.map((one) => one.of))];
  });
};

/** Answers to what was, by the number of the question. */
export const ANSWERS_PAST: { readonly [question: number]: Answer } = {
  4: changedStatus,
  5: slowest,
  6: slower,
  7: flaky,
  10: incidents,
  11: stale,
  14: jobs,
  18: renamed,
  20: ready,
  21: persisting,
  22: cost,
};
