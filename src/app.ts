import { loggedAsking } from './app/asking.ts';
import { type BackfillOneOptions, backfillLogged } from './app/backfill.ts';
import type { Metrics } from './app/metrics.ts';
import { type AppQueue, openQueue } from './app/queue.ts';
import { scopeOf } from './app/scope.ts';
import { sourcesOf } from './app/sources.ts';
import { createWebhooks, type Webhooks } from './app/webhooks/webhooks.ts';
import type { DatabaseConfig, IntegrationConfig, Limits, PlatformIntegration } from './config/types.ts';
import { BusyError } from './domain/errors.ts';
import type { Store } from './domain/store.ts';
import type { Logger } from './log.ts';
import { embeddedStatus, startEmbedded } from './store/embedded/embedded.ts';
import { followedUrl } from './store/embedded/follow.ts';
import { type MigrationReport, migrate } from './store/migrate.ts';
import { createStore } from './store/pass.ts';
import { createPool, type Pool } from './store/pool.ts';
import { rebuildState } from './store/publish/state.ts';
import { findStored } from './store/read/stored-scope.ts';
import { inTransaction } from './store/transaction.ts';
import type { BackfillResult } from './sync/backfill.ts';
import { type SyncOptions, type SyncResult, sync } from './sync/sync.ts';

export { VERSION } from './app/version.ts';

export interface AppOptions {
  readonly database: DatabaseConfig;
  readonly limits: Limits;
  readonly logger: Logger;
  /** Counts what goes on; left out: nobody does. */
  readonly metrics?: Metrics | undefined;
  /** Receives single lines a person should read, such as where the embedded PostgreSQL keeps its data. */
  readonly onNotice?: (line: string) => void;
  /** The clock by which is decided what is due; left out: that of this machine. */
  readonly now?: (() => Date) | undefined;
  /** Connections to the database at most; left out: enough for one sync. */
  readonly connections?: number | undefined;
}

export interface SyncOneOptions extends Pick<SyncOptions, 'reason' | 'full' | 'dryRun' | 'signal' | 'onProgress'> {
  /** Closes what is missing however much it is. */
  readonly allowRemovals?: boolean;
  /** Instead of that of everything. */
  readonly logger?: Logger;
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
  /** Takes the runs of a period. @throws as `backfill` does, after the failure was recorded and logged. */
  backfillOne(integration: PlatformIntegration, options: BackfillOneOptions): Promise<BackfillResult>;
  /** What runs all the time: asks for work and does it. */
  readonly queue: AppQueue;
  /** What webhooks of dbt tell. */
  readonly webhooks: Webhooks;
  close(): Promise<void>;
}

/** Opens the database of a configuration, which starts an embedded one. {@link App.close} leaves that running. */
export async function openApp(options: AppOptions): Promise<App> {
  const { database, limits, logger, metrics, onNotice, now = () => new Date(), connections } = options;
  const pool = createPool(await databaseUrl(database, onNotice), connections);
  const store = createStore(pool);
  const around = { pool, store, limits, logger, metrics };
  const syncOne: App['syncOne'] = async (integration, asked) => {
    const result = await syncLogged({ ...around, logger: asked.logger ?? logger, integration, options: asked });
    // One by the schedule is a job, whose end says the same.
    if (!asked.dryRun && asked.reason !== 'schedule') await queue.syncSucceeded(integration.name);
    return result;
  };
  const backfillOne: App['backfillOne'] = (integration, asked) =>
    backfillLogged({ ...around, logger: asked.logger ?? logger, integration, options: asked });
  const queue = openQueue({ pool, logger, now, syncOne, backfillOne });
  return {
    pool,
    migrate: () => migrate(pool),
    rebuildStatus: () => inTransaction(pool, rebuildState),
    syncOne,
    backfillOne,
    queue,
    webhooks: createWebhooks({ ...around, syncOne }),
    close: () => pool.end(),
  };
}

/** Whether there is a database to read from: false only for an embedded one that was never started. */
export async function hasDatabase(database: DatabaseConfig): Promise<boolean> {
  return database.kind === 'url' || (await embeddedStatus(database)).state !== 'absent';
}

/** An embedded one is found again wherever another process starts it anew. */
async function databaseUrl(
  database: DatabaseConfig,
  onNotice?: (line: string) => void,
): Promise<string | (() => string)> {
  if (database.kind === 'url') return database.url.reveal();
  const options = { directory: database.directory, ...(onNotice && { onNotice }) };
  const { url, dataDirectory } = await startEmbedded(options);
  return followedUrl(url, dataDirectory);
}

interface LoggedSync {
  readonly pool: Pool;
  readonly store: Store;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
  readonly integration: IntegrationConfig;
  readonly options: SyncOneOptions;
}

async function syncLogged(work: LoggedSync): Promise<SyncResult> {
  const { pool, store, limits, logger, metrics, integration, options } = work;
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
  const told = (outcome: string, result?: SyncResult) =>
    metrics?.onSync({ ...result, outcome, reason: options.reason, durationS: duration().duration_s });
  const onPhase: SyncOptions['onPhase'] = (phase, page) =>
    logger.debug({ ...fields, phase, ...(page && { resource_type: page.resourceType }) }, 'phase');
  try {
    const { allowRemovals = false, signal } = options;
    const stored = () => findStored(pool, integration.name);
    const asking = loggedAsking(work, () => fields);
    const { environmentId, ...sources } = await sourcesOf(integration, { ...asking, stored, signal });
    const scope = scopeOf(integration, { environmentId, allowRemovals, limits });
    // What is to be closed must be looked for, even when nothing moved since it was missed.
    const full = options.full || allowRemovals;
    const result = await sync({ ...options, ...sources, full, store: named, scope, onPhase });
    logResult(logger, fields, { ...result, ...duration() });
    told(result.outcome, result);
    return result;
  } catch (error) {
    // Nothing was tried: there is no pass of which an end could be told.
    if (error instanceof BusyError) throw error;
    const outcome = options.signal.aborted ? 'interrupted' : 'failed';
    const message = error instanceof Error ? error.message : String(error);
    logger.info({ ...fields, outcome, error: message, ...duration() }, 'sync ended');
    told(outcome);
    throw error;
  }
}

function logResult(
  logger: Logger,
  fields: Record<string, unknown>,
  result: SyncResult & { readonly duration_s: number },
): void {
  for (const [resourceType, nodes] of Object.entries(result.counts)) {
    logger.info({ ...fields, resource_type: resourceType, nodes }, 'resource type read');
  }
  for (const warning of result.warnings) logger.info({ ...fields, warning }, 'source warns');
  const { outcome, source, fallbackReason, rowsWritten, results, rejects, requests, bytes, duration_s } = result;
  const served = { outcome, source, ...(fallbackReason !== null && { fallback_reason: fallbackReason }) };
  const done = { rows_written: rowsWritten, results, rejects, requests, bytes, duration_s };
  logger.info({ ...fields, ...served, ...done }, 'sync ended');
}
