import type { FreshnessCriteria, FreshnessResult, RunResult } from '../platform/artifacts.ts';

/** What dbt says of a node that was built or passed; a no-op is neither good nor bad. */
const GOOD = new Set(['success', 'pass', 'no-op']);

export const isGood = ({ status }: { status: string }): boolean => GOOD.has(status);

/** The result that a node would have had in a run if nothing had gone wrong, as it went in another run (`example`). */
export function goodResult(result: RunResult, example: RunResult | undefined, generatedAt: string): RunResult {
  if (isGood(result)) return result;
  const isTest = /^(unit_)?test\./.test(result.unique_id);
  const seconds = example?.execution_time ?? 0.1;
  return {
    ...result,
    ...example,
    status: example?.status ?? (isTest ? 'pass' : 'success'),
    message: example?.message ?? null,
    failures: example?.failures ?? (isTest ? 0 : null),
    execution_time: seconds,
    timing: result.timing?.some(({ name }) => name === 'execute') ? result.timing : [timing(generatedAt, seconds)],
  };
}

function timing(generatedAt: string, seconds: number) {
  const startedAt = new Date(Date.parse(generatedAt) - seconds * 1000).toISOString();
  return { name: 'execute', started_at: startedAt, completed_at: new Date(Date.parse(generatedAt)).toISOString() };
}

const PERIOD_S: Record<string, number> = { minute: 60, hour: 3_600, day: 86_400 };

/** The check of a source whose data came in time: half as old as is allowed. A check that could not be made stays. */
export function goodFreshness(result: FreshnessResult & { criteria?: FreshnessCriteria | null }): FreshnessResult {
  const { snapshotted_at: at, criteria } = result;
  if (isGood(result) || !at) return result;
  const { count, period } = criteria?.warn_after?.count ? criteria.warn_after : (criteria?.error_after ?? {});
  const age = ((count ?? 1) * (PERIOD_S[period ?? ''] ?? 3_600)) / 2;
  const loadedAt = new Date(Date.parse(at) - age * 1000).toISOString();
  return { ...result, status: 'pass', max_loaded_at: loadedAt, max_loaded_at_time_ago_in_s: age };
}
