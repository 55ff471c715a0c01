import { FatalError, NothingYetError } from '../../domain/errors.ts';
import type { JobRecord } from '../../domain/records.ts';
import type { Run } from '../../domain/runs.ts';
import type { Page } from '../../domain/source.ts';
import { failureKind } from '../admin/failures.ts';
import { listJobs } from '../admin/jobs.ts';
import { named } from '../admin/named.ts';
import { listEnvironments } from '../admin/production.ts';
import type { Listed } from '../admin/rejects.ts';
import { EMPTY_PAGE } from './empty-page.ts';
import type { RunReading } from './run-reading.ts';

type Environments = ReturnType<typeof listEnvironments>;

/** What is good to have but not needed: a token that may not see it gives a warning. */
async function ifAllowed<Item>(
  reading: RunReading,
  what: string,
  listing: Promise<Listed<Item>>,
): Promise<Listed<Item>> {
  try {
    return await listing;
  } catch (error) {
    const kind = failureKind(error);
    if (kind !== 'missing_permission' && kind !== 'not_found') throw error;
    reading.warnings.add(`${what} not known: ${error instanceof Error ? error.message : String(error)}`);
    return { items: [], rejects: [] };
  }
}

const namesOf = (jobs: readonly JobRecord[]) => jobs.map((job) => named(job.jobId, job.name)).join(', ');

/** A job that is none of the environment's has no run there; one that was moved away may have left some. */
function warnOfJob(
  { jobId, environmentId, warnings }: RunReading,
  jobs: readonly JobRecord[],
  runs: readonly Run[],
): void {
  if (jobId === null || jobs.length === 0) return;
  if (jobs.some((job) => job.jobId === jobId) || runs.some((run) => run.jobId === jobId)) return;
  warnings.add(
    `Environment ${environmentId} has no job ${jobId} that this token may see, so that no results are read: correct job_id. There are: ${namesOf(jobs)}.`,
  );
}

/** The environment's account, project and name, and its jobs, deleted ones included. */
export async function environmentPage(reading: RunReading, runs: readonly Run[]): Promise<Page> {
  const { api, accountId, environmentId, signal } = reading;
  const { projectId = null } = runs.find((run) => run.projectId !== null) ?? {};
  const scope = { accountId, projectId: projectId ?? reading.projectId ?? undefined };
  const [environments, jobs] = await Promise.all([
    ifAllowed(reading, 'The name of the environment is', listEnvironments(api, scope, signal)),
    ifAllowed(reading, 'The jobs are', listJobs(api, { accountId, environmentId, withInactive: true }, signal)),
  ]);
  const environment = environments.items.find(({ id }) => id === environmentId);
  warnOfJob(reading, jobs.items, runs);
  return {
    ...EMPTY_PAGE,
    rejects: [...environments.rejects, ...jobs.rejects],
    history: jobs.items,
    project: {
      accountId,
      projectId: projectId ?? environment?.projectId ?? null,
      dbtVersion: null,
      environmentName: environment?.name ?? null,
    },
  };
}

/** What is wrong with an environment that is not among these. */
function notAmong({ accountId, environmentId }: RunReading, items: Awaited<Environments>['items']): FatalError | null {
  if (items.some(({ id }) => id === environmentId)) return null;
  const list = items.map(({ id, name }) => named(id, name)).join(', ');
  const choice = list === '' ? '' : ` There are: ${list}.`;
  return new FatalError(
    `Account ${accountId} has no environment ${environmentId} that this token may see: correct environment_id.${choice}`,
  );
}

/** Why an environment has no runs. */
export async function withoutRuns(reading: RunReading): Promise<Error> {
  const { api, accountId, environmentId, signal } = reading;
  const { items } = await listEnvironments(api, { accountId }, signal);
  const text = `Environment ${environmentId} has no run that this token may see: let one of its jobs run, then sync again.`;
  return notAmong(reading, items) ?? new NothingYetError(text);
}

/** @throws FatalError when others are listed and this environment is not. A token that may list none says nothing. */
export async function requireEnvironment(reading: RunReading): Promise<void> {
  const { api, accountId, signal } = reading;
  const { items } = await ifAllowed(reading, 'The environments are', listEnvironments(api, { accountId }, signal));
  const wrong = items.length === 0 ? null : notAmong(reading, items);
  if (wrong !== null) throw wrong;
}

/** @throws FatalError when one job is asked for, and the environment's are listed without it. */
export async function requireJob(reading: RunReading): Promise<void> {
  const { api, accountId, environmentId, jobId, signal } = reading;
  if (jobId === null) return;
  const scope = { accountId, environmentId, withInactive: true };
  const { items } = await ifAllowed(reading, 'The jobs are', listJobs(api, scope, signal));
  if (items.length === 0 || items.some((job) => job.jobId === jobId)) return;
  throw new FatalError(
    `Environment ${environmentId} has no job ${jobId} that this token may see: correct --job or job_id. There are: ${namesOf(items)}.`,
  );
}
