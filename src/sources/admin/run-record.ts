import { z } from 'zod';
import { maskEmails } from '../../domain/emails.ts';
import type { Run, RunStep, RunTrigger } from '../../domain/runs.ts';
import { id, nullableId, nullableText, read } from '../../normalize/scalars.ts';
import { apiTime, secondsBetween } from './times.ts';
import { isFinished, statusFields, statusWord } from './words.ts';

const time = apiTime.nullable().default(null);
const text = nullableText.default(null);
const pullRequest = z.union([z.number(), z.string()]).nullish();

const rawTrigger = z.object({
  cause: text,
  cause_category: text,
  git_sha: text,
  git_branch: text,
  github_pull_request_id: pullRequest,
  gitlab_merge_request_id: pullRequest,
  azure_pull_request_id: pullRequest,
  non_native_pull_request_id: pullRequest,
  schema_override: text,
});

const rawRun = z.object({
  id,
  account_id: nullableId.default(null),
  project_id: nullableId.default(null),
  environment_id: nullableId.default(null),
  job_definition_id: nullableId.default(null),
  ...statusFields,
  status_message: text,
  dbt_version: text,
  git_sha: text,
  git_branch: text,
  created_at: time,
  started_at: time,
  finished_at: time,
  retrying_run_id: nullableId.default(null),
  artifacts_saved: z.boolean().nullable().default(null),
  href: text,
  trigger: rawTrigger.nullish(),
  job: z.object({ name: text, job_type: text }).nullish(),
});

const rawStep = z.object({
  index: z.int().min(1),
  name: z.string(),
  ...statusFields,
  started_at: time,
  finished_at: time,
});

const masked = (text: string | null) => (text === null ? null : maskEmails(text));

function triggerOf(raw: z.output<typeof rawTrigger>): RunTrigger {
  const pullRequestId =
    raw.github_pull_request_id ??
    raw.gitlab_merge_request_id ??
    raw.azure_pull_request_id ??
    raw.non_native_pull_request_id;
  return {
    category: raw.cause_category,
    cause: masked(raw.cause),
    gitSha: raw.git_sha,
    gitBranch: raw.git_branch,
    pullRequestId: pullRequestId === undefined || pullRequestId === null ? null : String(pullRequestId),
    schemaOverride: raw.schema_override || null,
  };
}

/** The page of a run for a browser: the service's own link, else made of the access URL. */
function urlOf({ id, href, account_id, project_id }: z.output<typeof rawRun>, origin: string): string {
  const path = `/deploy/${account_id}/projects/${project_id}/runs/${id}/`;
  const url = URL.canParse(href ?? path, origin) ? new URL(href ?? path, origin) : new URL(path, origin);
  return /^https?:$/.test(url.protocol) ? url.href : new URL(path, origin).href;
}

/** Reads a run of the host `origin`. @throws RejectError saying what is wrong with it. */
export function runOf(raw: unknown, origin: string): Run {
  const run = read(rawRun, raw);
  const status = statusWord(run);
  return {
    id: run.id,
    accountId: run.account_id,
    projectId: run.project_id,
    environmentId: run.environment_id,
    jobId: run.job_definition_id,
    jobName: run.job?.name ?? null,
    jobType: run.job?.job_type ?? null,
    status,
    isFinished: isFinished(status, run.finished_at),
    message: masked(run.status_message),
    trigger: run.trigger ? triggerOf(run.trigger) : null,
    gitSha: run.git_sha,
    gitBranch: run.git_branch,
    dbtVersion: run.dbt_version,
    createdAt: run.created_at,
    startedAt: run.started_at,
    finishedAt: run.finished_at,
    durationS: secondsBetween(run.started_at, run.finished_at),
    queuedS: secondsBetween(run.created_at, run.started_at),
    retryOfRunId: run.retrying_run_id,
    hasArtifacts: run.artifacts_saved,
    url: urlOf(run, origin),
  };
}

/** How the service names a step that invokes dbt; others are its own. */
const INVOCATION = /^Invoke dbt with `(.*)`$/s;

/** Reads a step of a run. Its logs are not kept. @throws RejectError saying what is wrong with it. */
export function stepOf(raw: unknown): RunStep {
  const step = read(rawStep, raw);
  return {
    index: step.index,
    name: step.name,
    command: INVOCATION.exec(step.name.trim())?.[1] ?? null,
    status: statusWord(step),
    startedAt: step.started_at,
    finishedAt: step.finished_at,
    durationS: secondsBetween(step.started_at, step.finished_at),
  };
}
