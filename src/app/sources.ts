import type { FilesIntegration, IntegrationConfig, PlatformIntegration } from '../config/types.ts';
import { FatalError } from '../domain/errors.ts';
import type { Source } from '../domain/source.ts';
import type { AdminApi } from '../sources/admin/api.ts';
import { laggingRun } from '../sources/admin/lag.ts';
import { onlyAccount } from '../sources/admin/only-account.ts';
import { createFolderSource } from '../sources/artifacts/folder.ts';
import { createRunSource } from '../sources/artifacts/run-source.ts';
import type { FallbackOptions } from '../sync/fallback.ts';
import { type Asking, adminApiOf, discoveryOf } from './asking.ts';
import { environmentOf } from './environment.ts';
import { advice, reasonFor } from './fallback.ts';
import { lateSource } from './late-source.ts';

/** What the store knows of an integration's name. */
export interface StoredIds {
  readonly accountId: number | null;
  readonly environmentId: number | null;
}

export interface Surroundings extends Asking {
  /** What is stored under the integration's name; null when it is new. */
  readonly stored: () => Promise<StoredIds | null>;
  readonly signal: AbortSignal;
}

/** Who is asked for one integration, and for which environment. */
export interface Sources {
  readonly source: Source;
  readonly fallback?: FallbackOptions;
  /** Null for a folder. */
  readonly environmentId: number | null;
}

/** An integration of which the environment is known. */
interface Platform extends Asking {
  readonly integration: PlatformIntegration;
  readonly environmentId: number;
  /** Null when nothing tells the host of the Admin API. */
  readonly admin: Admin | null;
}

interface Admin {
  readonly api: AdminApi;
  /** The account, asked for once if it is neither configured nor stored. */
  readonly accountId: (signal: AbortSignal) => Promise<number>;
}

/**
 * The sources of an integration. Nothing is asked of dbt but for an environment that is neither configured nor stored.
 * @throws FatalError when that cannot be found out, as the Admin API's failures.
 */
export async function sourcesOf(integration: IntegrationConfig, surroundings: Surroundings): Promise<Sources> {
  if (integration.source === 'files') return folderOf(integration, surroundings);
  const { stored, signal, ...asking } = surroundings;
  const isWhole = integration.accountId !== undefined && integration.environmentId !== undefined;
  const known = isWhole ? null : await stored();
  const api = adminApiOf(integration, asking);
  const admin = api && { api, accountId: accountOf(api, integration.accountId ?? known?.accountId ?? undefined) };
  const environmentId =
    integration.environmentId ?? known?.environmentId ?? (await lookedUp(integration, admin, signal));
  return platformOf({ ...asking, integration, environmentId, admin });
}

function folderOf({ artifactsDir }: FilesIntegration, { limits: { maxArtifactMb } }: Asking): Sources {
  return { source: createFolderSource({ dir: artifactsDir, maxArtifactMb }), environmentId: null };
}

function accountOf(api: AdminApi, known: number | undefined): Admin['accountId'] {
  let found = known;
  return async (signal) => {
    const account = found ?? (await onlyAccount(api, signal));
    found = account;
    return account;
  };
}

function lookedUp(integration: PlatformIntegration, admin: Admin | null, signal: AbortSignal): Promise<number> {
  if (admin === null) throw new FatalError('environment_id is required where the Admin API cannot be asked for it.');
  const { api, accountId } = admin;
  return environmentOf(integration, async () => ({ api, accountId: await accountId(signal) }), signal);
}

function platformOf(platform: Platform): Sources {
  const { integration, environmentId, admin } = platform;
  if (integration.source === 'artifacts') {
    if (admin === null) throw new FatalError('source: artifacts needs access_url or admin_url.');
    return { source: runsOf(platform, admin), environmentId };
  }
  const source = discoveryOf(integration, environmentId, platform);
  if (integration.source === 'discovery' || admin === null) return { source, environmentId };
  return { source, environmentId, fallback: fallbackOf(platform, admin) };
}

function runsOf({ integration, environmentId, limits }: Platform, { api, accountId }: Admin): Source {
  const { projectId, jobId } = integration;
  const { maxArtifactMb } = limits;
  const ids = { projectId: projectId ?? null, environmentId, jobId: jobId ?? null };
  const make = async (signal: AbortSignal) =>
    createRunSource({ api, accountId: await accountId(signal), ...ids, maxArtifactMb });
  return lateSource(make, () => api.traffic());
}

function fallbackOf(platform: Platform, admin: Admin): FallbackOptions {
  const { integration, environmentId } = platform;
  const { jobId, discoveryLagS: lagS } = integration;
  const lag: FallbackOptions['lag'] = async ({ environment }, { completeRuns }, signal) => {
    const accountId = await admin.accountId(signal);
    const asked = { accountId, environmentId, ...(jobId !== undefined && { jobId }) };
    const state = { updatedAt: environment.updatedAt, lagS, completeRuns, now: new Date() };
    return laggingRun(admin.api, { ...asked, ...state }, signal);
  };
  return { source: runsOf(platform, admin), reasonFor, lag, advice };
}
