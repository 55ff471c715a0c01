import { z } from 'zod';
import { id, nullableText, read } from '../../normalize/scalars.ts';
import type { AdminApi } from './api.ts';
import { allRows } from './pages.ts';
import { type Listed, readRows } from './rejects.ts';

const rawAccount = z.object({
  id,
  name: nullableText.default(null),
  plan: nullableText.default(null),
  static_subdomain: nullableText.default(null),
  vanity_subdomain: nullableText.default(null),
});

/** An account of the dbt platform. */
export interface Account {
  readonly id: number;
  readonly name: string | null;
  readonly plan: string | null;
  /** What stands before the region in its access URL. */
  readonly prefix: string | null;
}

function accountOf(raw: unknown): Account {
  const { id, name, plan, static_subdomain, vanity_subdomain } = read(rawAccount, raw);
  return { id, name, plan, prefix: static_subdomain ?? vanity_subdomain };
}

/**
 * The accounts that the token sees. One that restricts IP addresses is left out of them when asked from elsewhere,
 * although the token is good (terraform-provider-dbtcloud).
 */
export async function listAccounts(api: AdminApi, signal: AbortSignal): Promise<Listed<Account>> {
  return readRows('account', await allRows(api, { path: '/api/v2/accounts/', query: {} }, signal), accountOf);
}

const rawProject = z.object({ id, name: nullableText.default(null) });

export type Project = z.output<typeof rawProject>;

/** The projects of an account that the token sees (Admin API v3, "List projects"). */
export async function listProjects(api: AdminApi, accountId: number, signal: AbortSignal): Promise<Listed<Project>> {
  const rows = await allRows(api, { path: `/api/v3/accounts/${accountId}/projects/`, query: {} }, signal);
  return readRows('project', rows, (raw) => read(rawProject, raw));
}
