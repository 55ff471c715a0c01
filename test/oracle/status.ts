import { classOf, type Result, type StatusClass } from './results.ts';

/** What a node's results, oldest first, say of it now. */
export type Status = {
  readonly last: Result | null;
  readonly lastExecuted: Result | null;
  readonly lastSuccess: Result | null;
  readonly lastPass: Result | null;
  /** Class of the last executed result; null when nothing was executed. */
  readonly class: StatusClass | null;
  readonly statusSince: string | null;
  readonly failingSince: string | null;
  readonly consecutiveFailures: number;
  /** Times of builds (ok or warn), oldest first. */
  readonly builtAt: readonly string[];
};

export function statusOf(results: readonly Result[]): Status {
  const executed = results.filter((result) => classOf(result.status) !== 'none');
  const successes = executed.filter((result) => !isFailure(result));
  const lastExecuted = executed.at(-1) ?? null;
  const current = lastExecuted === null ? null : classOf(lastExecuted.status);
  const streak = tail(executed, (result) => classOf(result.status) === current);
  const failures = tail(executed, isFailure);
  return {
    last: results.at(-1) ?? null,
    lastExecuted,
    lastSuccess: successes.at(-1) ?? null,
    lastPass: executed.findLast((result) => classOf(result.status) === 'ok') ?? null,
    class: current,
    statusSince: streak[0]?.executedAt ?? null,
    failingSince: failures[0]?.executedAt ?? null,
    consecutiveFailures: failures.length,
    builtAt: successes.map((result) => result.executedAt),
  };
}

const severity = ['error', 'fail', 'warn', 'ok'] as const;

/** The worst class among tests, in the words of `test_status`; null when none has executed. */
export function worstOf(classesOfTests: readonly (StatusClass | null)[]): string | null {
  const worst = severity.find((one) => classesOfTests.includes(one));
  return worst === 'ok' ? 'pass' : (worst ?? null);
}

function isFailure(result: Result): boolean {
  return ['fail', 'error'].includes(classOf(result.status));
}

/** The longest run at the end of a list whose members all match. */
function tail<T>(items: readonly T[], matches: (item: T) => boolean): T[] {
  return items.slice(items.findLastIndex((item) => !matches(item)) + 1);
}
