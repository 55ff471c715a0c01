import type { JsonObject } from './artifacts.ts';
import type { History, HistoryEnvironment, HistoryJob, HistoryRun, HistoryStep } from './history.ts';

const HUMAN: Record<number, string> = {
  1: 'Queued',
  2: 'Starting',
  3: 'Running',
  10: 'Success',
  20: 'Error',
  30: 'Cancelled',
};

/** The lowest status of a run to which nothing more happens. */
const ENDED = 10;

const ended = ({ status }: HistoryRun) => status >= ENDED;

/** A run as the service writes it. What was not asked for with include_related is null, or an empty list. */
export function runJson(history: History, run: HistoryRun, related: string[]): JsonObject {
  const job = history.jobs.find(({ id }) => id === run.job_id);
  const names = run.steps.flatMap((step) => step.artifacts);
  return {
    ...identity(history, run),
    ...outcome(run.status),
    ...times(run),
    status_message: null,
    dbt_version: run.dbt_version,
    git_branch: run.git_branch,
    git_sha: run.git_sha,
    artifacts_saved: names.length > 0,
    has_docs_generated: names.includes('catalog.json'),
    has_sources_generated: names.includes('sources.json'),
    can_retry: run.status === 20,
    retrying_run_id: null,
    href: `/deploy/${history.account.id}/projects/${history.project.id}/runs/${run.id}/`,
    trigger: related.includes('trigger') ? triggerJson(run) : null,
    job: related.includes('job') && job ? jobJson(history, job) : null,
    environment: related.includes('environment') ? environmentOf(history, run) : null,
    run_steps: [],
  };
}

function identity(history: History, run: HistoryRun): JsonObject {
  return {
    id: run.id,
    trigger_id: run.id + 1,
    account_id: history.account.id,
    project_id: history.project.id,
    environment_id: run.environment_id,
    job_definition_id: run.job_id,
    job_id: run.job_id,
  };
}

function outcome(status: number): JsonObject {
  return {
    status,
    status_humanized: HUMAN[status] ?? 'Unknown',
    in_progress: status < ENDED,
    is_complete: status >= ENDED,
    is_success: status === 10,
    is_error: status === 20,
    is_cancelled: status === 30,
    is_running: status === 3,
  };
}

/** A run that waits has not started, and one that goes on has no end. */
function times(run: HistoryRun): JsonObject {
  const started = run.status === 1 ? null : run.started_at;
  const finished = ended(run) ? run.finished_at : null;
  return {
    created_at: pythonTime(run.created_at),
    updated_at: pythonTime(finished ?? run.created_at),
    dequeued_at: pythonTime(run.status === 1 ? null : run.dequeued_at),
    started_at: pythonTime(started),
    finished_at: pythonTime(finished),
    duration: duration(run.created_at, finished),
    queued_duration: duration(run.created_at, started),
    run_duration: duration(started, finished),
  };
}

/** A check of a pull request builds into a schema of its own. */
function triggerJson(run: HistoryRun): JsonObject {
  const isCheck = run.cause_category === 'ci';
  const number = isCheck ? Number(/#(\d+)/.exec(run.cause)?.[1] ?? 1) : null;
  return {
    id: run.id + 1,
    cause: run.cause,
    cause_category: run.cause_category,
    job_definition_id: run.job_id,
    git_branch: null,
    git_sha: isCheck ? run.git_sha : null,
    github_pull_request_id: number,
    gitlab_merge_request_id: null,
    azure_pull_request_id: null,
    non_native_pull_request_id: null,
    schema_override: isCheck ? `dbt_cloud_pr_${run.job_id}_${number}` : null,
    steps_override: null,
  };
}

/** The logs are there whether they are asked for or not, the long form only when it is. */
export function stepJson(run: HistoryRun, step: HistoryStep, related: string[]): JsonObject {
  const logs = `06:00:00  Running step ${step.name}\n`;
  return {
    id: run.id * 100 + step.index,
    run_id: run.id,
    account_id: null,
    index: step.index,
    name: step.name,
    status: step.status,
    status_humanized: HUMAN[step.status] ?? 'Unknown',
    created_at: pythonTime(step.started_at),
    started_at: pythonTime(step.started_at),
    finished_at: pythonTime(step.finished_at),
    duration: duration(step.started_at, step.finished_at),
    logs,
    debug_logs: related.includes('debug_logs') ? logs.repeat(2) : null,
    truncated_debug_logs: null,
  };
}

export function projectJson({ account, project }: History): JsonObject {
  return { ...project, account_id: account.id, state: 1 };
}

export function environmentJson({ account, project }: History, environment: HistoryEnvironment): JsonObject {
  return { ...environment, account_id: account.id, project_id: project.id, state: 1 };
}

function environmentOf(history: History, { environment_id }: HistoryRun): JsonObject | null {
  const environment = history.environments.find(({ id }) => id === environment_id);
  return environment ? environmentJson(history, environment) : null;
}

/** A job whose history says so (`state: 2`) is deleted. */
export function jobJson(history: History, { schedule, ...job }: HistoryJob): JsonObject {
  return {
    state: 1,
    deactivated: false,
    ...job,
    account_id: history.account.id,
    project_id: history.project.id,
    triggers: { schedule: schedule !== null },
    schedule: schedule === null ? null : { cron: schedule },
  };
}

/** Runs and steps carry times in the form of Python, with a space and an offset, which is not ISO 8601. */
function pythonTime(iso: string | null): string | null {
  if (!iso) return null;
  const [day, time = ''] = new Date(iso).toISOString().split('T');
  return `${day} ${time.replace('Z', '000+00:00')}`;
}

function duration(from: string | null, to: string | null): string {
  const seconds = from && to ? Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)) : 0;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
