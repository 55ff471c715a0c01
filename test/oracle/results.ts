import { type Attempt, byTime } from './fold.ts';
import { groupBy } from './group-by.ts';

/** A row of `run_results` as Discovery alone can fill it: step 0 the last attempt, step -1 the last success. */
export type Result = {
  readonly uniqueId: string;
  readonly runId: string;
  readonly jobId: number | null;
  readonly step: number;
  readonly status: string;
  readonly message: string | null;
  readonly failures: number | null;
  readonly executedAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly executionTimeS: number | null;
};
export type StatusClass = 'ok' | 'warn' | 'fail' | 'error' | 'none';

const classes: Readonly<Record<string, StatusClass>> = {
  success: 'ok',
  pass: 'ok',
  warn: 'warn',
  'partial success': 'warn',
  fail: 'fail',
  error: 'error',
};

export function classOf(status: string): StatusClass {
  return classes[status] ?? 'none';
}

/** The one or two results of a node that Discovery tells, from its attempts (oldest first). */
export function toldResults(uniqueId: string, attempts: readonly Attempt[]): Result[] {
  const last = attempts.at(-1);
  if (last === undefined) return [];
  const isTest = uniqueId.startsWith('test.') || uniqueId.startsWith('unit_test.');
  const words = isTest ? ['pass', 'warn'] : ['success'];
  const success = attempts.findLast((attempt) => words.includes(attempt.status));
  const told = [lastAttempt(uniqueId, last, { isTest, isSuccess: success === last })];
  if (success !== undefined && success !== last) told.push(lastSuccess(uniqueId, success));
  return told;
}

function lastAttempt(uniqueId: string, attempt: Attempt, is: { isTest: boolean; isSuccess: boolean }): Result {
  const hasMessage = attempt.status === 'error' || attempt.status === 'fail';
  return {
    ...lastSuccess(uniqueId, attempt),
    step: 0,
    status: attempt.status,
    message: hasMessage ? attempt.message : null,
    failures: is.isTest ? attempt.failures : null,
    ...(is.isSuccess ? {} : { startedAt: null, completedAt: null, executionTimeS: null }),
  };
}

function lastSuccess(uniqueId: string, attempt: Attempt): Result {
  const { runId, jobId, executedAt, startedAt, completedAt, executionTimeS } = attempt;
  const times = { executedAt, startedAt, completedAt, executionTimeS };
  return { uniqueId, runId, jobId, step: -1, status: 'success', message: null, failures: null, ...times };
}

/** Adds what one sync was told; a last success already stored as an attempt is not stored twice. */
export function storeResults(stored: Map<string, Result>, told: readonly Result[]): void {
  for (const result of told) {
    const asAttempt = stored.get(keyOf({ ...result, step: 0 }));
    if (result.step === -1 && asAttempt?.executedAt === result.executedAt) continue;
    const known = stored.get(keyOf(result));
    if (known !== undefined && result.executedAt < known.executedAt) continue;
    stored.set(keyOf(result), result);
    const asSuccess = stored.get(keyOf({ ...result, step: -1 }));
    if (result.step === 0 && asSuccess?.executedAt === result.executedAt) stored.delete(keyOf(asSuccess));
  }
}

function keyOf(result: Result): string {
  return `${result.runId} ${result.step} ${result.uniqueId}`;
}

/** Stored results by node, each list in order of time. */
export function resultsByNode(stored: Iterable<Result>): Map<string, Result[]> {
  const byNode = groupBy(stored, (result) => result.uniqueId);
  for (const list of byNode.values()) list.sort(byTime);
  return byNode;
}
