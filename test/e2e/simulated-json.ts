import { ERROR_AFTER, type SimCheck, type SimInvocation, type SimRow, WARN_AFTER } from './simulated-invocations.ts';
import { HOUR, iso, type Micros } from './simulated-project.ts';
import { ACCOUNT, JOBS, PROJECT, type SimRun, type SimStep, type Word } from './simulated-runs.ts';

type Json = Record<string, unknown>;

const CODES: { readonly [word in Word]: number } = { running: 3, success: 10, error: 20, cancelled: 30 };
const JOB_NAMES: Readonly<Record<number, readonly [name: string, type: string, cron: string | null]>> = {
  [JOBS.daily]: ['Daily', 'scheduled', '0 */4 * * *'],
  [JOBS.tests]: ['Tests', 'scheduled', null],
  [JOBS.checks]: ['Checks', 'ci', null],
  [JOBS.merges]: ['Merges', 'merge', null],
  [JOBS.elsewhere]: ['Elsewhere', 'scheduled', null],
};

/** Runs and steps have times with a space in them. */
const spaced = (at: Micros | null) => (at === null ? null : iso(at).replace('T', ' ').replace('Z', '+00:00'));

export const jobName = (id: number): string => JOB_NAMES[id]?.[0] ?? '';

export function jobJson(id: number, environmentId: number): Json {
  const [name, type, cron] = JOB_NAMES[id] ?? [];
  const schedule = { triggers: { schedule: cron !== null }, schedule: { cron: cron ?? '0 0 * * *' } };
  return {
    id,
    name,
    job_type: type,
    environment_id: environmentId,
    execute_steps: ['dbt build'],
    state: 1,
    ...schedule,
  };
}

/** What the service says of a run that did not succeed. */
export const statusMessage = ({ status, id }: SimRun) => (status === 'success' ? null : `Run ${id} ended: ${status}`);
export const commitOf = ({ id }: SimRun) => String(id).repeat(8);

export function runJson(run: SimRun): Json {
  const { id, jobId, environmentId, status, cause, schemaOverride, createdAt, startedAt, finishedAt, retryOf } = run;
  const trigger = { cause_category: cause, cause: `because of ${cause}`, schema_override: schemaOverride };
  return {
    id,
    account_id: ACCOUNT,
    project_id: PROJECT,
    environment_id: environmentId,
    job_definition_id: jobId,
    job_id: jobId,
    status: CODES[status],
    status_humanized: status,
    status_message: statusMessage(run),
    dbt_version: '1.10.1',
    git_sha: commitOf(run),
    git_branch: 'main',
    artifacts_saved: run.kind !== 'unsaved' && run.kind !== 'not cloned',
    created_at: spaced(createdAt),
    started_at: spaced(startedAt),
    finished_at: spaced(finishedAt),
    retrying_run_id: retryOf,
    href: `/deploy/${ACCOUNT}/projects/${PROJECT}/runs/${id}/`,
    trigger,
    job: jobJson(jobId, environmentId),
    run_steps: [],
  };
}

export const stepJson = ({ index, name, status, startedAt, finishedAt }: SimStep): Json => ({
  index,
  name,
  status: CODES[status],
  status_humanized: status,
  started_at: spaced(startedAt),
  finished_at: spaced(finishedAt),
  logs: `${name}\n`.repeat(3),
});

export const threadOf = ({ node: { id } }: SimRow) => `Thread-${1 + (id.length % 4)}`;
export const responseOf = ({ rowsAffected }: SimRow): Json =>
  rowsAffected === null ? {} : { code: 'SELECT', rows_affected: rowsAffected };

function rowJson(row: SimRow): Json {
  const { node, status, message, failures, startedAt, completedAt, seconds, batches } = row;
  const times = { started_at: iso(startedAt ?? 0), completed_at: iso(completedAt ?? 0) };
  return {
    unique_id: node.id,
    status,
    message,
    failures,
    execution_time: seconds,
    thread_id: threadOf(row),
    timing:
      startedAt === null
        ? []
        : [
            { name: 'compile', ...times },
            { name: 'execute', ...times },
          ],
    adapter_response: responseOf(row),
    compiled_code: node.type === 'model' ? `select '${node.id}'` : null,
    ...(batches && { batch_results: { successful: Array(batches.successful), failed: Array(batches.failed) } }),
  };
}

function checkJson({ node, status, snapshottedAt, maxLoadedAt }: SimCheck): Json {
  if (snapshottedAt === null || maxLoadedAt === null) return { unique_id: node.id, status, error: 'It is not there.' };
  const limit = (count: number) => ({ count, period: 'hour' });
  return {
    unique_id: node.id,
    status,
    max_loaded_at: iso(maxLoadedAt),
    snapshotted_at: iso(snapshottedAt),
    max_loaded_at_time_ago_in_s: ((snapshottedAt - maxLoadedAt) / HOUR) * 3_600,
    criteria: { warn_after: limit(WARN_AFTER), error_after: limit(ERROR_AFTER), filter: null },
  };
}

/** The name of the file that an invocation leaves. */
export const fileOf = ({ which }: SimInvocation) => (which === 'freshness' ? 'sources.json' : 'run_results.json');

export function artifactJson({ id, which, generatedAt, rows, checks }: SimInvocation): Json {
  const schema = which === 'freshness' ? 'sources/v3' : 'run-results/v6';
  return {
    metadata: {
      dbt_schema_version: `https://schemas.getdbt.com/dbt/${schema}.json`,
      dbt_version: '1.10.1',
      generated_at: iso(generatedAt),
      invocation_id: id,
      env: {},
    },
    results: which === 'freshness' ? checks.map(checkJson) : rows.map(rowJson),
    elapsed_time: 12.5,
    ...(which !== 'freshness' && { args: { which } }),
  };
}
