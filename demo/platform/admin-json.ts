import type { JsonObject } from './artifacts.ts';
import type { History, HistoryJob, HistoryRun, HistoryStep } from './history.ts';

const HUMAN: Record<number, string> = { 10: 'Success', 20: 'Error', 30: 'Cancelled' };

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
    retrying_run_id: null,
    href: `/deploy/${history.account.id}/projects/${history.project.id}/runs/${run.id}/`,
    trigger: related.includes('trigger') ? triggerJson(run) : null,
    job: related.includes('job') && job ? jobJson(history, job) : null,
    environment: related.includes('environment')
      ? (history.environments.find(({ id }) => id === run.environment_id) ?? null)
      : null,
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
    in_progress: false,
    is_complete: true,
    is_success: status === 10,
    is_error: status === 20,
    is_cancelled: status === 30,
    is_running: false,
  };
}

function times(run: HistoryRun): JsonObject {
  return {
    created_at: pythonTime(run.created_at),
    updated_at: pythonTime(run.finished_at),
    dequeued_at: pythonTime(run.dequeued_at),
    started_at: pythonTime(run.started_at),
    finished_at: pythonTime(run.finished_at),
    duration: duration(run.created_at, run.finished_at),
    queued_duration: duration(run.created_at, run.started_at),
    run_duration: duration(run.started_at, run.finished_at),
  };
}

function triggerJson(run: HistoryRun): JsonObject {
  return { id: run.id + 1, cause: run.cause, cause_category: run.cause_category, git_sha: run.git_sha };
}

export function stepJson(run: HistoryRun, step: HistoryStep): JsonObject {
  return {
    id: run.id * 100 + step.index,
    run_id: run.id,
    index: step.index,
    name: step.name,
    status: step.status,
    status_humanized: HUMAN[step.status] ?? 'Unknown',
    started_at: pythonTime(step.started_at),
    finished_at: pythonTime(step.finished_at),
    duration: duration(step.started_at, step.finished_at),
    logs: '',
  };
}

export function jobJson(history: History, { schedule, ...job }: HistoryJob): JsonObject {
  return {
    ...job,
    account_id: history.account.id,
    project_id: history.project.id,
    state: 1,
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
