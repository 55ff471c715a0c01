import { z } from 'zod';
import type { AdminAnswer, AdminClient } from './client.ts';

/** Enough to find the last deploy run among the checks of pull requests. */
const LOOK_BACK = 20;

const run = z.object({
  id: z.number(),
  /** 1 queued, 2 starting, 3 running, 10 success, 20 error, 30 cancelled. */
  status: z.number(),
  finished_at: z.string().nullish(),
  job: z.object({ name: z.string().nullish(), job_type: z.string().nullish() }).nullish(),
});

export type AdminRun = z.output<typeof run>;

interface Wanted {
  readonly accountId: number;
  readonly environmentId: number;
  readonly jobId?: number | undefined;
}

/** The newest runs of an environment, or of one job, the newest first (Admin API v2, "List runs"; ascending by default). */
export function newestRuns(
  client: AdminClient,
  { accountId, environmentId, jobId }: Wanted,
  signal: AbortSignal,
): Promise<AdminAnswer<AdminRun[]>> {
  const job = jobId === undefined ? '' : `&job_definition_id=${jobId}`;
  const query = `environment_id=${environmentId}${job}&order_by=-id&limit=${LOOK_BACK}&include_related=job`;
  return client.get(`/api/v2/accounts/${accountId}/runs/?${query}`, z.array(run), signal);
}

/** The newest run that moves the environment's state: checks of pull requests do not. */
export function newestDeploy(runs: readonly AdminRun[]): AdminRun | undefined {
  return runs.find(({ job }) => job?.job_type !== 'ci');
}

/** When a run ended, as the service writes it: `2026-11-04 06:00:05.324126+00:00`, which is not ISO 8601. */
export function finishedAt({ finished_at: text }: AdminRun): Date | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : new Date(time);
}
