import { z } from 'zod';
import type { JobRecord } from '../../domain/records.ts';
import { id, nullableId, nullableText, read } from '../../normalize/scalars.ts';
import type { AdminApi } from './api.ts';
import { allRows } from './pages.ts';
import { type Listed, readRows } from './rejects.ts';

const ACTIVE = 1;

const rawJob = z.object({
  id,
  name: nullableText.default(null),
  job_type: nullableText.default(null),
  environment_id: nullableId.default(null),
  execute_steps: z.array(z.string()).nullish(),
  state: z.int().nullish(),
  deactivated: z.boolean().nullish(),
  triggers: z.object({ schedule: z.boolean().nullish() }).nullish(),
  schedule: z.object({ cron: z.string().nullish() }).nullish(),
});

function jobOf(raw: unknown): JobRecord {
  const job = read(rawJob, raw);
  // A job whose schedule was switched off keeps its cron expression.
  const isScheduled = job.triggers?.schedule !== false;
  return {
    kind: 'job',
    jobId: job.id,
    name: job.name,
    jobType: job.job_type,
    environmentId: job.environment_id,
    schedule: (isScheduled ? job.schedule?.cron : null) ?? null,
    steps: job.execute_steps ?? [],
    deactivated: job.deactivated === true || (job.state ?? ACTIVE) !== ACTIVE,
  };
}

export interface JobScope {
  readonly accountId: number;
  readonly projectId?: number | undefined;
  readonly environmentId?: number | undefined;
  /** With those that were deleted, whose runs are still there. */
  readonly withInactive?: boolean;
}

/** The jobs of an account, project or environment (Admin API v2, "List jobs", which gives active ones by default). */
export async function listJobs(api: AdminApi, scope: JobScope, signal: AbortSignal): Promise<Listed<JobRecord>> {
  const { accountId, projectId, environmentId, withInactive } = scope;
  const state = withInactive ? 'all' : undefined;
  const query = { project_id: projectId, environment_id: environmentId, state };
  const rows = await allRows(api, { path: `/api/v2/accounts/${accountId}/jobs/`, query }, signal);
  return readRows('job', rows, jobOf);
}
