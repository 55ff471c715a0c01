import { RejectError } from '../../domain/errors.ts';
import type { Instant } from '../../domain/records.ts';
import { type Run, type RunPage, type RunStep, setsState } from '../../domain/runs.ts';
import type { AdminApi } from './api.ts';
import { getRun, runsNewestFirst } from './run-list.ts';
import { stepCommand } from './step-command.ts';

/** What Discovery says of an environment, and what is known of its runs. */
export interface LagScope {
  readonly accountId: number;
  readonly environmentId: number;
  /** Only runs of this job count. */
  readonly jobId?: number | undefined;
  /** When Discovery last took in a run; null when it never did. */
  readonly updatedAt: Instant | null;
  /** Seconds that Discovery may take for it. */
  readonly lagS: number;
  /** The time of the newest definitions that are stored: those of runs that began before are there. */
  readonly definedAt: Instant | null;
  readonly now: Date;
}

/** So many runs are asked for their steps. */
const LOOK_BACK = 10;

const ENDED: ReadonlySet<string> = new Set(['success', 'error']);

/** Builds or tests something: only that moves what Discovery shows of the warehouse. */
function executes({ command, status }: RunStep): boolean {
  const { leaves, isCertain } = command === null ? { leaves: null, isCertain: false } : stepCommand(command);
  return leaves === 'run_results' && isCertain && ENDED.has(status);
}

function isMissed(run: Run, scope: LagScope): run is Run & { finishedAt: Instant } {
  const { updatedAt, lagS, definedAt, now } = scope;
  const { startedAt, finishedAt, hasArtifacts, isFinished } = run;
  if (!isFinished || finishedAt === null || hasArtifacts === false || !setsState(run, scope)) return false;
  if (startedAt !== null && definedAt !== null && Date.parse(definedAt) >= Date.parse(startedAt)) return false;
  const finish = Date.parse(finishedAt);
  const isOverdue = now.getTime() - finish > lagS * 1_000;
  return isOverdue && (updatedAt === null || Date.parse(updatedAt) < finish);
}

async function hasExecuted(api: AdminApi, { accountId }: LagScope, run: Run, signal: AbortSignal): Promise<boolean> {
  try {
    return (await getRun(api, { accountId, runId: run.id }, signal))?.steps.some(executes) ?? false;
  } catch (error) {
    if (error instanceof RejectError) return false;
    throw error;
  }
}

/**
 * Why Discovery lags behind the environment's runs, in one sentence that names the run; null when it does not. It does
 * when a run that built or tested something ended more than `lagS` ago, later than what Discovery shows, and its
 * definitions are not stored.
 * @throws as the Admin API's failures.
 */
export async function laggingRun(api: AdminApi, scope: LagScope, signal: AbortSignal): Promise<string | null> {
  const { accountId, environmentId, jobId, updatedAt } = scope;
  // The hundred newest are enough: what is missed for longer is missed in them, too.
  const first: IteratorResult<RunPage> = await runsNewestFirst(api, { accountId, environmentId, jobId }, signal).next();
  const runs = first.done ? [] : first.value.runs;
  const missed = runs.filter((run) => isMissed(run, scope)).slice(0, LOOK_BACK);
  for (const run of missed) {
    if (!(await hasExecuted(api, scope, run, signal))) continue;
    const shown = updatedAt === null ? 'shows no run at all' : `shows nothing later than ${updatedAt}`;
    return `Discovery lags: run ${run.id} finished at ${run.finishedAt}, and Discovery ${shown}.`;
  }
  return null;
}
