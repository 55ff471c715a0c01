import { FINAL_STATUSES } from '../../domain/run-status.ts';
import type { RunNews, WebhookEvent } from '../../domain/webhook.ts';

/** Whose events an integration takes. Null: whichever. */
export interface EventScope {
  readonly accountId: number | null;
  readonly projectId: number | null;
  readonly environmentId: number;
  readonly jobId: number | null;
  /** What links to runs are made of; null when it is not known. */
  readonly accessUrl: string | null;
}

/** What is to be done about an event. */
export type Verdict =
  | { readonly kind: 'ignored'; readonly reason: string }
  /** The run's row is written. */
  | { readonly kind: 'noted' }
  /** The run's row is written, and what the run left is taken. */
  | { readonly kind: 'taken' };

const TYPES: { readonly [type: string]: Verdict['kind'] } = {
  'job.run.started': 'noted',
  'job.run.errored': 'noted',
  'job.run.completed': 'taken',
};

/** A subscription without job_ids is told of every job of the account. */
export function verdictOn(event: WebhookEvent, scope: EventScope): Verdict {
  const ignored = (reason: string): Verdict => ({ kind: 'ignored', reason });
  const { type, runId, environmentId } = event;
  if (type === null) return ignored('A test delivery, or one that names no event.');
  const kind = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (kind === undefined || kind === 'ignored') return ignored('An event of a kind that says nothing of a run.');
  if (runId === null) return ignored('It names no run.');
  if (environmentId === null) return ignored('It names no environment.');
  const differs = (told: number | null, ours: number | null) => told !== null && ours !== null && told !== ours;
  if (differs(event.accountId, scope.accountId)) return ignored('A run of another account.');
  if (differs(event.projectId, scope.projectId)) return ignored('A run of another project.');
  if (environmentId !== scope.environmentId) return ignored('A run of another environment.');
  if (differs(event.jobId, scope.jobId)) return ignored('A run of another job.');
  return { kind };
}

/** What an event tells of its run. */
export function newsOf(event: WebhookEvent & { readonly runId: number }, { accessUrl }: EventScope): RunNews {
  const { runId, accountId, projectId, jobId, environmentId, status, startedAt, finishedAt } = event;
  const isFinal = FINAL_STATUSES.has(status ?? '');
  const isKnown = accessUrl !== null && accountId !== null && projectId !== null;
  return {
    runId: String(runId),
    jobId,
    environmentId,
    status,
    reason: event.reason,
    dbtVersion: event.dbtVersion,
    startedAt,
    finishedAt,
    url: isKnown ? new URL(`/deploy/${accountId}/projects/${projectId}/runs/${runId}/`, accessUrl).href : null,
    errorMessage: isFinal && status !== 'success' ? event.message : null,
  };
}

/** How far a run is by what is told of it. */
function progressOf({ status, finishedAt }: RunNews): number {
  if (finishedAt !== null) return 2;
  return FINAL_STATUSES.has(status ?? '') ? 1 : 0;
}

/** One piece of news for each run, whatever order they came in: what tells most of its end, filled with the others. */
export function newestNews(all: readonly RunNews[]): RunNews[] {
  const byRun = new Map<string, RunNews>();
  for (const news of all) {
    const known = byRun.get(news.runId);
    const [less, more] = known !== undefined && progressOf(known) > progressOf(news) ? [news, known] : [known, news];
    byRun.set(news.runId, less === undefined ? more : filled(more, less));
  }
  return [...byRun.values()];
}

const filled = (news: RunNews, other: RunNews): RunNews => ({
  ...news,
  jobId: news.jobId ?? other.jobId,
  status: news.status ?? other.status,
  reason: news.reason ?? other.reason,
  dbtVersion: news.dbtVersion ?? other.dbtVersion,
  startedAt: news.startedAt ?? other.startedAt,
  url: news.url ?? other.url,
  errorMessage: news.errorMessage ?? other.errorMessage,
});
