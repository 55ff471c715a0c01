import type { Instant, RunRecord, StepRecord } from '../../domain/records.ts';
import { commandOf, type Invocation } from './invocation.ts';

/** What one invocation of dbt Core did, as its artifacts tell it. */
export interface Invoked {
  readonly invocation: Invocation;
  /** Its id, or what stands for it. */
  readonly runId: string;
  readonly which: string | null;
  /** Seconds that the invocation took; null when the artifact does not tell. */
  readonly elapsedS: number | null;
  /** The statuses of its results, in lower case. */
  readonly statuses: ReadonlySet<string>;
  /** Why not every result could be read; null when every one was. */
  readonly missing: string | null;
}

/** Statuses on which dbt itself ends with exit code 1 (docs.getdbt.com, "Exit codes"). */
const BAD: ReadonlySet<string> = new Set(['error', 'fail', 'runtime error', 'partial success']);

/** In dbt Fusion the elapsed time is the sum of the nodes' times, so it tells no start. */
function isFusion({ dbtVersion }: Invocation): boolean {
  return /^2\./.test(dbtVersion ?? '');
}

function startOf({ invocation, elapsedS }: Invoked): Instant | null {
  const { startedAt, generatedAt } = invocation;
  if (startedAt !== null || generatedAt === null || elapsedS === null || isFusion(invocation)) return startedAt;
  const start = Date.parse(generatedAt) - Math.round(elapsedS * 1_000);
  return Number.isNaN(start) ? null : new Date(start).toISOString();
}

/** The invocation in the place of a run, and its only step. */
export function invocationRun(invoked: Invoked): [RunRecord, StepRecord] {
  const { invocation, runId, which, statuses, missing } = invoked;
  const { generatedAt, dbtVersion, reason, cause, invocationId } = invocation;
  const startedAt = startOf(invoked);
  const status = [...statuses].some((one) => BAD.has(one)) ? 'error' : 'success';
  const run: RunRecord = {
    kind: 'run',
    runId,
    jobId: null,
    environmentId: null,
    status,
    cause,
    reason,
    gitSha: null,
    gitBranch: null,
    dbtVersion,
    createdAt: startedAt,
    startedAt,
    finishedAt: generatedAt,
    retryOfRunId: null,
    url: null,
    errorMessage: null,
    setsState: true,
    resultsComplete: missing === null,
    resultsMissingReason: missing,
  };
  const step: StepRecord = {
    kind: 'step',
    runId,
    step: 1,
    name: null,
    command: commandOf(which),
    which,
    invocationId,
    status,
    startedAt,
    finishedAt: generatedAt,
  };
  return [run, step];
}
