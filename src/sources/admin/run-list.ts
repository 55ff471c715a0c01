import { z } from 'zod';
import { RejectError } from '../../domain/errors.ts';
import type { Reject } from '../../domain/records.ts';
import type { Run, RunPage, RunStep, RunWindow } from '../../domain/runs.ts';
import type { AdminApi, Query } from './api.ts';
import { failureKind } from './failures.ts';
import { byId, byOffset } from './pages.ts';
import { readRows } from './rejects.ts';
import { runOf, stepOf } from './run-record.ts';
import { naiveRange } from './times.ts';

/** Which runs are asked for. */
export interface RunScope {
  readonly accountId: number;
  readonly projectId?: number | undefined;
  readonly environmentId?: number | undefined;
  readonly jobId?: number | undefined;
  /** Only finished ones that ended within it. */
  readonly window?: RunWindow | undefined;
}

/** Both tell whether a run sets the state of its environment; left out of a list they are null. */
const RELATED = 'trigger,job';

const pathOf = ({ accountId }: RunScope) => `/api/v2/accounts/${accountId}/runs/`;

function queryOf({ projectId, environmentId, jobId, window }: RunScope): Query {
  return {
    include_related: RELATED,
    project_id: projectId,
    environment_id: environmentId,
    job_definition_id: jobId,
    finished_at__range: window && naiveRange(window.from, window.to),
  };
}

/** Filters that the service does not know it ignores, and its ranges are coarse: what is asked for is checked here. */
function isAskedFor(run: Run, { projectId, environmentId, jobId, window }: RunScope): boolean {
  if (projectId !== undefined && run.projectId !== projectId) return false;
  if (environmentId !== undefined && run.environmentId !== environmentId) return false;
  if (jobId !== undefined && run.jobId !== jobId) return false;
  if (window === undefined) return true;
  if (run.finishedAt === null) return false;
  const time = Date.parse(run.finishedAt);
  return time >= window.from.getTime() && time <= window.to.getTime();
}

function pageOf(api: AdminApi, scope: RunScope, rows: readonly unknown[]): RunPage {
  const { items, rejects } = readRows('run', rows, (raw) => runOf(raw, api.site));
  return { runs: items.filter((run) => isAskedFor(run, scope)), rejects };
}

/**
 * Runs in the order of their ids, which is that of their creation, from behind the run `after`. Each comes once,
 * whatever is added meanwhile.
 */
export async function* runsOldestFirst(
  api: AdminApi,
  scope: RunScope & { readonly after?: number | undefined },
  signal: AbortSignal,
): AsyncGenerator<RunPage> {
  const list = { path: pathOf(scope), query: queryOf(scope), after: scope.after };
  for await (const rows of byId(api, list, signal)) yield pageOf(api, scope, rows);
}

/** How many runs a list has; null when the service does not count them. */
export async function countRuns(api: AdminApi, scope: RunScope, signal: AbortSignal): Promise<number | null> {
  const { total } = await api.list(pathOf(scope), { ...queryOf(scope), order_by: 'id', limit: 1 }, signal);
  return total;
}

/** Runs with the newest first, for as long as somebody takes pages. */
export async function* runsNewestFirst(api: AdminApi, scope: RunScope, signal: AbortSignal): AsyncGenerator<RunPage> {
  const list = { path: pathOf(scope), query: { ...queryOf(scope), order_by: '-id' } };
  for await (const rows of byOffset(api, list, signal)) yield pageOf(api, scope, rows);
}

/** Which run is meant. */
interface RunAsked {
  readonly accountId: number;
  readonly runId: number;
}

/** @throws RejectError that names the run when it cannot be read. */
async function askedRun<Result>({ runId }: RunAsked, asked: () => Promise<Result>): Promise<Result | null> {
  try {
    return await asked();
  } catch (error) {
    if (failureKind(error) === 'not_found') return null;
    if (error instanceof RejectError) throw new RejectError(`run ${runId}: ${error.message}`, { cause: error });
    throw error;
  }
}

const runPath = ({ accountId, runId }: RunAsked) => `/api/v2/accounts/${accountId}/runs/${runId}/`;

/**
 * One run as it is now, without its steps (Admin API v2, "Retrieve run").
 * @returns null when the run is gone, or not for this token. @throws RejectError when it cannot be read.
 */
export function findRun(api: AdminApi, asked: RunAsked, signal: AbortSignal): Promise<Run | null> {
  return askedRun(asked, async () =>
    runOf(await api.get(`${runPath(asked)}?include_related=${RELATED}`, z.unknown(), signal), api.site),
  );
}

/** A run with its steps in their order. */
export interface RunWithSteps {
  readonly run: Run;
  readonly steps: readonly RunStep[];
  /** Steps that could not be read. */
  readonly rejects: readonly Reject[];
}

const withSteps = z.looseObject({ run_steps: z.array(z.unknown()).nullish() });

/**
 * One run and its steps (Admin API v2, "Retrieve run"; a list has no steps).
 * @returns null when the run is gone, or not for this token. @throws RejectError when the run itself cannot be read.
 */
export function getRun(api: AdminApi, asked: RunAsked, signal: AbortSignal): Promise<RunWithSteps | null> {
  return askedRun(asked, async () => {
    const raw = await api.get(`${runPath(asked)}?include_related=${RELATED},run_steps`, withSteps, signal);
    const { items, rejects } = readRows(`step of run ${asked.runId}`, raw.run_steps ?? [], stepOf);
    return { run: runOf(raw, api.site), steps: items.toSorted((a, b) => a.index - b.index), rejects };
  });
}
