import type { PlatformIntegration } from '../config/types.ts';
import { FatalError, SyncError } from '../domain/errors.ts';
import type { AdminApi } from '../sources/admin/api.ts';
import { listJobs } from '../sources/admin/jobs.ts';
import { productionEnvironment } from '../sources/admin/production.ts';

/** Who is asked for an environment that is not configured. */
export interface Asked {
  readonly api: AdminApi;
  readonly accountId: number;
}

/** Deleted jobs have runs, too, but nothing new comes of them. */
async function environmentOfJob({ api, accountId }: Asked, jobId: number, signal: AbortSignal): Promise<number> {
  const { items } = await listJobs(api, { accountId }, signal);
  const job = items.find((one) => one.jobId === jobId);
  if (job === undefined) {
    throw new FatalError(`Account ${accountId} has no job ${jobId} that this token may see: check job_id.`);
  }
  if (job.environmentId !== null) return job.environmentId;
  throw new FatalError(`The Admin API does not tell the environment of job ${jobId}: give it as environment_id.`);
}

const ADVICE = 'It was asked because no environment_id is given: with one, nothing has to be looked up.';

/** The failure of a question that nobody would have asked of a fuller configuration. */
function advised(error: unknown): unknown {
  if (error instanceof FatalError) return new FatalError(`${error.message} ${ADVICE}`, { cause: error });
  return error instanceof SyncError ? new SyncError(`${error.message} ${ADVICE}`, { cause: error }) : error;
}

/**
 * The environment of an integration that names none: its job's, else the production environment of its project.
 * @throws FatalError when there is none, or more than one to choose from; as the Admin API's failures.
 */
export async function environmentOf(
  { jobId, projectId }: PlatformIntegration,
  accountOf: () => Promise<Asked>,
  signal: AbortSignal,
): Promise<number> {
  const asked = await accountOf().catch((error: unknown) => {
    throw advised(error);
  });
  if (jobId !== undefined) return environmentOfJob(asked, jobId, signal);
  const { api, accountId } = asked;
  return (await productionEnvironment(api, { accountId, projectId }, signal)).id;
}
