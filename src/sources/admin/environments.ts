import { z } from 'zod';
import type { AdminAnswer, AdminClient } from './client.ts';

/** The most that one page gives. */
const LIMIT = 100;

const environment = z.object({
  id: z.number(),
  name: z.string().nullish(),
  project_id: z.number().nullish(),
  account_id: z.number().nullish(),
  /** `deployment`, or `development`, which has no state to read. */
  type: z.string().nullish(),
  /** `production`, `staging` or null. */
  deployment_type: z.string().nullish(),
});

export type AdminEnvironment = z.output<typeof environment>;

const project = z.object({ id: z.number(), name: z.string().nullish() });

export type AdminProject = z.output<typeof project>;

interface Wanted {
  readonly accountId: number;
  /** Only those of this project. */
  readonly projectId?: number | undefined;
}

/** The first hundred environments of an account or project (Admin API v2, "List environments"). */
export function listEnvironments(
  client: AdminClient,
  { accountId, projectId }: Wanted,
  signal: AbortSignal,
): Promise<AdminAnswer<AdminEnvironment[]>> {
  const filter = projectId === undefined ? '' : `&project_id=${projectId}`;
  return client.get(
    `/api/v2/accounts/${accountId}/environments/?limit=${LIMIT}${filter}`,
    z.array(environment),
    signal,
  );
}

/** The first hundred projects of an account (Admin API v3, "List projects"). */
export function listProjects(
  client: AdminClient,
  accountId: number,
  signal: AbortSignal,
): Promise<AdminAnswer<AdminProject[]>> {
  return client.get(`/api/v3/accounts/${accountId}/projects/?limit=${LIMIT}`, z.array(project), signal);
}
