import { readFileSync } from 'node:fs';
import { configHash } from './config/config-hash.ts';
import { proxyFromEnvironment } from './config/proxy.ts';
import { secondTickAfter } from './config/ticks.ts';
import type { DatabaseConfig, IntegrationConfig } from './config/types.ts';
import type { Source } from './domain/source.ts';
import type { IntegrationScope, Store } from './domain/store.ts';
import { createFetch, type HttpOptions } from './http/http.ts';
import type { Logger } from './log.ts';
import { createDiscoveryClient } from './sources/discovery/client.ts';
import { createDiscoverySource } from './sources/discovery/source.ts';
import { discoveryUrl } from './sources/hosts.ts';
import { embeddedStatus, startEmbedded } from './store/embedded/embedded.ts';
import { type MigrationReport, migrate } from './store/migrate.ts';
import { createStore } from './store/pass.ts';
import { createPool, type Pool } from './store/pool.ts';
import { rebuildStatus } from './store/publish/status.ts';
import { inTransaction } from './store/transaction.ts';
import { type SyncOptions, type SyncResult, sync } from './sync/sync.ts';

const PACKAGE = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** The version of this package. */
export const VERSION = PACKAGE.version;

export interface AppOptions {
  readonly database: DatabaseConfig;
  readonly logger: Logger;
  /** Receives single lines a person should read, such as where the embedded PostgreSQL keeps its data. */
  readonly onNotice?: (line: string) => void;
}

export interface SyncOneOptions extends Pick<SyncOptions, 'reason' | 'full' | 'dryRun' | 'signal' | 'onProgress'> {
  /** Closes what is missing however much it is. */
  readonly allowRemovals?: boolean;
}

/** Everything put together over one database. */
export interface App {
  readonly pool: Pool;
  /** Brings the database to this version; a sync must not be tried before. */
  migrate(): Promise<MigrationReport>;
  /** Derives every node's status anew, at once for all readers. Gives the number of rows that were not right. */
  rebuildStatus(): Promise<number>;
  /** One pass over one integration. @throws as `sync` does, after the failure was recorded and logged. */
  syncOne(integration: IntegrationConfig, options: SyncOneOptions): Promise<SyncResult>;
  close(): Promise<void>;
}

/** Opens the database of a configuration, which starts an embedded one. {@link App.close} leaves that running. */
export async function openApp({ database, logger, onNotice }: AppOptions): Promise<App> {
  const pool = createPool(await databaseUrl(database, onNotice));
  const store = createStore(pool);
  return {
    pool,
    migrate: () => migrate(pool),
    rebuildStatus: () => inTransaction(pool, rebuildStatus),
    syncOne: (integration, options) => syncLogged({ store, logger, integration, options }),
    close: () => pool.end(),
  };
}

/** Whether there is a database to read from: false only for an embedded one that was never started. */
export async function hasDatabase(database: DatabaseConfig): Promise<boolean> {
  return database.kind === 'url' || (await embeddedStatus(database)).state !== 'absent';
}

async function databaseUrl(database: DatabaseConfig, onNotice?: (line: string) => void): Promise<string> {
  if (database.kind === 'url') return database.url.reveal();
  const { url } = await startEmbedded({ directory: database.directory, ...(onNotice && { onNotice }) });
  return url;
}

interface LoggedSync {
  readonly store: Store;
  readonly logger: Logger;
  readonly integration: IntegrationConfig;
  readonly options: SyncOneOptions;
}

async function syncLogged({ store, logger, integration, options }: LoggedSync): Promise<SyncResult> {
  const start = performance.now();
  let fields: Record<string, unknown> = { integration: integration.name };
  const named: Store = {
    async begin(scope, passStart) {
      const pass = await store.begin(scope, passStart);
      fields = { ...fields, sync_run_id: pass.syncRunId };
      return pass;
    },
  };
  const duration = () => ({ duration_s: (performance.now() - start) / 1_000 });
  try {
    const scope = scopeOf(integration, options.allowRemovals === true);
    const onDelay: HttpOptions['onDelay'] = ({ reason, ms, ...rest }) => {
      const told = { ...fields, ...rest, wait_s: ms / 1_000 };
      if (reason === 'pause') logger.warn(told, 'host asks to wait');
      else logger.debug(told, 'request is tried again');
    };
    const onPhase: SyncOptions['onPhase'] = (phase, page) =>
      logger.debug({ ...fields, phase, ...(page && { resource_type: page.resourceType }) }, 'phase');
    // What is to be closed must be looked for, even when nothing moved since it was missed.
    const full = options.full || options.allowRemovals === true;
    const result = await sync({
      ...options,
      full,
      store: named,
      source: sourceOf(integration, onDelay),
      scope,
      onPhase,
    });
    for (const [resourceType, nodes] of Object.entries(result.counts)) {
      logger.info({ ...fields, resource_type: resourceType, nodes }, 'resource type read');
    }
    const { outcome, rowsWritten, results, rejects, requests, bytes } = result;
    const done = { outcome, rows_written: rowsWritten, results, rejects, requests, bytes };
    logger.info({ ...fields, ...done, ...duration() }, 'sync ended');
    return result;
  } catch (error) {
    const outcome = options.signal.aborted ? 'interrupted' : 'failed';
    const message = error instanceof Error ? error.message : String(error);
    logger.info({ ...fields, outcome, error: message, ...duration() }, 'sync ended');
    throw error;
  }
}

function sourceOf(integration: IntegrationConfig, onDelay: HttpOptions['onDelay']): Source {
  const { accessUrl, discoveryUrl: given, token, environmentId, jobId } = integration;
  const url = given ?? discoveryUrl(accessUrl ?? '');
  const fetch = createFetch({ userAgent: `dbt-observer/${VERSION}`, proxies: proxyFromEnvironment(), onDelay });
  const setting = given === undefined ? 'access_url' : 'discovery_url';
  const client = createDiscoveryClient({ url, setting, token, environmentId, fetch });
  return createDiscoverySource({ client, environmentId, jobId: jobId ?? null });
}

function scopeOf(integration: IntegrationConfig, allowRemovals: boolean): IntegrationScope {
  const { name, accessUrl, accountId, projectId, environmentId, jobId, schedule, timeZone } = integration;
  return {
    name,
    accountId: accountId ?? null,
    projectId: projectId ?? null,
    environmentId,
    jobId: jobId ?? null,
    // Links into dbt are made of it, so what people copy along (a path, a last slash) must go.
    accessUrl: accessUrl === undefined ? null : new URL(accessUrl).origin,
    schedule: schedule ?? null,
    timeZone,
    staleAfter: schedule === undefined ? null : (end) => secondTickAfter(schedule, timeZone, end),
    maxRemovalRatio: allowRemovals ? 1 : integration.maxRemovalRatio,
    configHash: configHash(integration),
  };
}
