import { createHmac, randomUUID } from 'node:crypto';
import type { History, HistoryRun } from './history.ts';

/** What happens to a run that webhooks tell of. */
export type RunEvent = 'job.run.started' | 'job.run.completed' | 'job.run.errored';

const WORDS: Record<number, string> = {
  1: 'Queued',
  2: 'Starting',
  3: 'Running',
  10: 'Success',
  20: 'Errored',
  30: 'Cancelled',
};

/** What a webhook says of a run: ids are text here, and times have nanoseconds. */
export function eventBody(history: History, run: HistoryRun, type: RunEvent): Record<string, unknown> {
  const job = history.jobs.find(({ id }) => id === run.job_id);
  const environment = history.environments.find(({ id }) => id === run.environment_id);
  const code = type === 'job.run.started' ? 3 : run.status;
  const ends: Record<RunEvent, object> = {
    'job.run.started': {},
    'job.run.completed': { runFinishedAt: seconds(run.finished_at) },
    'job.run.errored': { runErroredAt: seconds(run.finished_at) },
  };
  return {
    accountId: history.account.id,
    eventId: `wev_${randomUUID().replaceAll('-', '')}`,
    timestamp: new Date().toISOString().replace('Z', '123456Z'),
    eventType: type,
    data: {
      jobId: String(run.job_id),
      jobName: job?.name ?? '',
      runId: String(run.id),
      environmentId: String(run.environment_id),
      environmentName: environment?.name ?? '',
      projectId: String(history.project.id),
      projectName: history.project.name,
      dbtVersion: run.dbt_version,
      runStatus: WORDS[code] ?? 'Unknown',
      runStatusCode: code,
      runStatusMessage: code === 20 ? 'dbt command failed' : 'None',
      runReason: run.cause,
      runStartedAt: seconds(run.started_at),
      ...ends[type],
    },
  };
}

const seconds = (iso: string) => `${new Date(iso).toISOString().slice(0, 19)}Z`;

/** Posts a body as webhooks do: the header is nothing but the hex digest. Gives the status, "0" when nobody answers. */
export async function post(url: string, secret: string, body: string): Promise<string> {
  const authorization = createHmac('sha256', secret).update(body).digest('hex');
  const headers = { authorization, 'content-type': 'application/json' };
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
    return String(response.status);
  } catch {
    return '0';
  }
}
