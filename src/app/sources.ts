import type { FilesIntegration, IntegrationConfig, PlatformIntegration } from '../config/types.ts';
import { FatalError } from '../domain/errors.ts';
import type { RunSource } from '../domain/runs.ts';
import type { Source, Traffic } from '../domain/source.ts';
import type { AdminApi } from '../sources/admin/api.ts';
import { laggingRun } from '../sources/admin/lag.ts';
import { onlyAccount } from '../sources/admin/only-account.ts';
import { createFolderSource } from '../sources/artifacts/folder.ts';
import { createRunHistory } from '../sources/artifacts/run-history.ts';
import { createHistorySource, createRunSource, type RunSourceOptions } from '../sources/artifacts/run-source.ts';
import type { FallbackOptions } from '../sync/fallback.ts';
import type { HistoryOptions } from '../sync/history.ts';
import { type Asking, adminApiOf, discoveryOf } from './asking.ts';
import { environmentOf } from './environment.ts';
import { advice, alike, reasonFor, refusalOf } from './fallback.ts';
import { lateSource } from './late-source.ts';

const NO_TRAFFIC: Traffic = { requests: 0, bytes: 0 };

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
  readonly history?: HistoryOptions;
  /** Null for a folder. */
  readonly environmentId: number | null;
}

/** An integration of which the environment is known. */
export interface Platform extends Asking {
  readonly integration: PlatformIntegration;
  readonly environmentId: number;
  /** Null when nothing tells the host of the Admin API. */
  readonly admin: Admin | null;
}

export interface Admin {
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
  return platformOf(await platform(integration, surroundings));
}

/** @throws FatalError when its environment cannot be found out, as the Admin API's failures. */
export async function platform(integration: PlatformIntegration, surroundings: Surroundings): Promise<Platform> {
  const { stored, signal, ...asking } = surroundings;
  const isWhole = integration.accountId !== undefined && integration.environmentId !== undefined;
  const known = isWhole ? null : await stored();
  const api = adminApiOf(integration, asking);
  const admin = api && { api, accountId: accountOf(api, integration.accountId ?? known?.accountId ?? undefined) };
  const environmentId =
    integration.environmentId ?? known?.environmentId ?? (await lookedUp(integration, admin, signal));
  return { ...asking, integration, environmentId, admin };
}

/** The runs of an integration, and the environment they are of. @throws as {@link sourcesOf}. */
export async function runsOf(
  integration: PlatformIntegration,
  { jobId, ...surroundings }: Surroundings & { readonly jobId: number | undefined },
): Promise<{ readonly source: RunSource; readonly environmentId: number }> {
  const { environmentId, admin, limits } = await platform(integration, surroundings);
  if (admin === null) throw new FatalError('Runs come from the Admin API: give access_url or admin_url.');
  const { api } = admin;
  const accountId = await admin.accountId(surroundings.signal);
  const ids = {
    accountId,
    projectId: integration.projectId ?? null,
    environmentId,
    jobId: jobId ?? integration.jobId ?? null,
  };
  return {
    source: createRunHistory({ api, ...ids, everyRun: true, maxArtifactMb: limits.maxArtifactMb }),
    environmentId,
  };
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
    return { source: stateOf(platform, admin), environmentId };
  }
  const source = discoveryOf(integration, environmentId, platform);
  if (admin === null) return { source, environmentId };
  const fallback = integration.source === 'auto' ? { fallback: fallbackOf(platform, admin) } : {};
  if (!integration.runHistory) return { source, environmentId, ...fallback };
  // Both ask with the same client, whose requests are to be counted once.
  const traffic = integration.source === 'auto' ? () => NO_TRAFFIC : admin.api.traffic;
  const history = { source: sourceOver(platform, admin, { create: createHistorySource, traffic }), refusalOf };
  return { source, environmentId, ...fallback, history };
}

interface Making {
  readonly create: (options: RunSourceOptions) => Source;
  readonly traffic: () => Traffic;
}

function sourceOver(platform: Platform, { api, accountId }: Admin, { create, traffic }: Making): Source {
  const { integration, environmentId, limits } = platform;
  const { projectId, jobId, runHistory: everyRun } = integration;
  const { maxArtifactMb } = limits;
  const ids = { projectId: projectId ?? null, environmentId, jobId: jobId ?? null };
  const make = async (signal: AbortSignal) =>
    create({ api, accountId: await accountId(signal), ...ids, everyRun, maxArtifactMb });
  return lateSource(make, traffic);
}

const stateOf = (platform: Platform, admin: Admin): Source =>
  sourceOver(platform, admin, { create: createRunSource, traffic: admin.api.traffic });

function fallbackOf(platform: Platform, admin: Admin): FallbackOptions {
  const { integration, environmentId } = platform;
  const { jobId, discoveryLagS: lagS } = integration;
  const lag: FallbackOptions['lag'] = async ({ environment }, { definedAt }, signal) => {
    const accountId = await admin.accountId(signal);
    const asked = { accountId, environmentId, ...(jobId !== undefined && { jobId }) };
    const state = { updatedAt: environment.updatedAt, lagS, definedAt, now: new Date() };
    return laggingRun(admin.api, { ...asked, ...state }, signal);
  };
  return { source: stateOf(platform, admin), reasonFor, lag, advice, alike: alike(integration.adminUrl !== undefined) };
}
