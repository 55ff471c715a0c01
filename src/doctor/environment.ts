import type { AdminEnvironment } from '../sources/admin/environments.ts';
import { finishedAt, newestDeploy } from '../sources/admin/runs.ts';
import type { AdminFinding } from './admin.ts';
import { failed, minute, ok, skipped, span, type Verdict, warning } from './check.ts';
import type { DiscoveryFinding, EnvironmentState } from './discovery.ts';

/** What the configuration says, and what the APIs said to it. */
export interface EnvironmentCase {
  /** The configured one, else the production environment; undefined when that is not known. */
  readonly environmentId: number | undefined;
  readonly accountId: number | undefined;
  readonly projectId: number | undefined;
  readonly jobId: number | undefined;
  readonly discovery: DiscoveryFinding;
  readonly admin: AdminFinding | undefined;
  readonly now: Date;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A run is in the Discovery API minutes after its end. */
const LAG = 30 * MINUTE;
/** Metadata of an environment without a run goes after three months, results of nodes after two (docs, "Query the Discovery API"). */
const KEPT_DAYS = 60;

export const environmentsOf = (admin: AdminFinding | undefined): readonly AdminEnvironment[] | undefined =>
  admin?.kind === 'data' ? admin.environments : undefined;

/** The environments that jobs run in, production first. */
export function listed(environments: readonly AdminEnvironment[]): string {
  const deployments = environments.filter(({ type }) => type !== 'development');
  const shown = deployments
    .toSorted((a, b) => Number(b.deployment_type === 'production') - Number(a.deployment_type === 'production'))
    .slice(0, 5);
  const more = deployments.length > shown.length ? ', …' : '';
  return shown.map(({ id, name }) => `${id} (${name ?? 'no name'})`).join(', ') + more;
}

/** Whether the environment is there, is the one that is meant, and has a state. */
export function environmentVerdict(one: EnvironmentCase): Verdict {
  const { environmentId: id, discovery, admin } = one;
  if (id === undefined) return skipped('which environment is meant is not known');
  const known = environmentsOf(admin);
  const found = known?.find((environment) => environment.id === id);
  if (found?.type === 'development') return forDevelopment(found, known ?? []);
  if (discovery.kind === 'no_environment') return invisible(id, found, known);
  const other = otherOwner(one, discovery.kind === 'state' ? discovery.state : undefined, found);
  if (other !== undefined) return other;
  if (discovery.kind === 'nothing_built') {
    const mend = 'Run a deploy job with dbt build or dbt run in it, or choose another environment.';
    return failed(discovery.message, mend);
  }
  if (discovery.kind !== 'state') return skipped('the Discovery API did not answer');
  const { state } = discovery;
  if (!state.hasDefinition) {
    const message = `Environment ${described(id, state, found)}, has no definition state: a sync reads only what was built, and its outcome is partial.`;
    return warning(message, 'Run a deploy job with dbt build, run or compile in it: that leaves a new manifest.');
  }
  return ok(described(id, state, found));
}

/** Refuses an environment in which nothing runs. */
export function forDevelopment({ id, name }: AdminEnvironment, known: readonly AdminEnvironment[]): Verdict {
  return failed(
    `Environment ${id} (${name ?? 'no name'}) is for development: jobs do not run there, so it has no state.`,
    `Take a deployment environment. The account has: ${listed(known)}.`,
  );
}

function invisible(id: number, found: AdminEnvironment | undefined, known: readonly AdminEnvironment[] | undefined) {
  const message = `The Discovery API has no environment ${id} for this token.`;
  if (found !== undefined) {
    const mend = `The environment exists (${found.name ?? 'no name'}): admit the token to its project ${found.project_id ?? ''}`;
    return failed(message, `${mend.trim()}, or run a deploy job in it if there was none yet.`);
  }
  if (known !== undefined && known.length > 0) {
    return failed(message, `Correct environment_id. The account has: ${listed(known)}.`);
  }
  const mend =
    "Check environment_id (it is in the address of the environment's page), which projects the token may see, and the region of access_url.";
  return failed(message, mend);
}

/** Ids that are configured must be those of the environment: a sync refuses another one. */
export function otherOwner(
  { environmentId, accountId, projectId }: EnvironmentCase,
  state: EnvironmentState | undefined,
  found: AdminEnvironment | undefined,
): Verdict | undefined {
  const owners = [
    { key: 'account', configured: accountId, real: state?.accountId ?? found?.account_id },
    { key: 'project', configured: projectId, real: state?.projectId ?? found?.project_id },
  ];
  const wrong = owners.find(({ configured, real }) => configured !== undefined && real != null && real !== configured);
  if (wrong === undefined) return undefined;
  const { key, configured, real } = wrong;
  const message = `Environment ${environmentId} belongs to ${key} ${real}, but ${key}_id is ${configured}.`;
  return failed(message, `Correct ${key}_id or environment_id.`);
}

/** An environment in few words. */
export function described(
  id: number,
  { projectName }: Pick<EnvironmentState, 'projectName'>,
  found: AdminEnvironment | undefined,
): string {
  const project = projectName === null ? '' : `, project ${projectName}`;
  if (found === undefined) return `${id}${project}`;
  return `${id}, ${found.name ?? 'no name'} (${found.deployment_type ?? 'neither production nor staging'})${project}`;
}

const STATUSES: { readonly [status: number]: string } = {
  1: 'is queued',
  2: 'is starting',
  3: 'is running',
  10: 'succeeded',
  20: 'failed',
  30: 'was cancelled',
};

/** The newest run that moves the state, as the Admin API tells it. */
export function lastRunVerdict(one: EnvironmentCase): Verdict {
  const { admin, discovery } = one;
  if (discovery.kind === 'no_environment') return skipped('there is no such environment');
  if (admin?.kind !== 'data' || admin.runs === undefined) {
    const updated = discovery.kind === 'state' ? discovery.state.updatedAt : null;
    if (updated === null) return skipped('only the Admin API tells of runs');
    return ok(`dbt took the last one in at ${minute(updated)}; more of it only the Admin API tells`);
  }
  const run = newestDeploy(admin.runs);
  if (run === undefined) return noDeploy(one, admin.runs.length > 0);
  const job = run.job?.name == null ? '' : ` of the job ${run.job.name}`;
  const end = finishedAt(run);
  const text = `run ${run.id}${job} ${STATUSES[run.status] ?? `has status ${run.status}`}${end ? ` at ${minute(end)}` : ''}`;
  if (run.status === 20 || run.status === 30) {
    return warning(
      `The last ${text}.`,
      'Look at the run in dbt: results of nodes it did not reach are those of earlier runs.',
    );
  }
  return ok(text);
}

function noDeploy({ environmentId, jobId }: EnvironmentCase, hasChecks: boolean): Verdict {
  const whose = jobId === undefined ? `environment ${environmentId}` : `job ${jobId}`;
  if (hasChecks) {
    const message = `The newest runs of ${whose} are checks of pull requests only, which do not move its state.`;
    return warning(message, jobId === undefined ? 'Run a deploy job in it.' : 'Name a deploy job as job_id.');
  }
  if (jobId === undefined) return warning(`There are no runs of ${whose}.`, 'Run a deploy job in it.');
  return warning(
    `There are no runs of ${whose} in environment ${environmentId}: nothing of it would be read.`,
    "Check job_id (it is in the address of the job's page), or run the job.",
  );
}

/** How old the state is that a sync would read. */
export function freshnessVerdict({ discovery, admin, now }: EnvironmentCase): Verdict {
  if (discovery.kind !== 'state') return skipped('there is no state');
  const { updatedAt } = discovery.state;
  if (updatedAt === null) {
    return warning(
      'dbt does not say when its state last moved: every sync reads everything.',
      'Nothing needs to be done.',
    );
  }
  const age = now.getTime() - updatedAt.getTime();
  const since = `dbt's state last moved at ${minute(updatedAt)}, ${span(age)} ago`;
  if (age > KEPT_DAYS * DAY) {
    const message = `${since}: results older than two months are gone, and after three months without a run everything is.`;
    return warning(message, 'Let a deploy job run again, or choose the environment in which jobs do run.');
  }
  const run = admin?.kind === 'data' && admin.runs ? newestDeploy(admin.runs) : undefined;
  const end = run === undefined ? undefined : finishedAt(run);
  if (run !== undefined && end !== undefined && end > updatedAt && now.getTime() - end.getTime() > LAG) {
    const message = `Run ${run.id} ended at ${minute(end)}, and the Discovery API has not taken it in: ${since}.`;
    return warning(
      message,
      'Wait; if it stays so, ask dbt support. A run without dbt build, run, test, seed or snapshot moves nothing.',
    );
  }
  if (age > DAY) {
    const message = `${since}: nothing has run for more than a day.`;
    return warning(message, 'If jobs should run more often, look at their schedules in dbt.');
  }
  return ok(since);
}
