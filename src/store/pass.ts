import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../domain/errors.ts';
import type { Reject } from '../domain/records.ts';
import type { Page, SourceName, Stored } from '../domain/source.ts';
import type {
  Fallback,
  IntegrationScope,
  Pass,
  PassReport,
  PassResult,
  PassStart,
  RunStore,
  Store,
} from '../domain/store.ts';
import { beginBackfill } from './backfill.ts';
import { type CancellableSession, cancellable, cancellableSession } from './cancel.ts';
import { applyScope, findIntegration, type StoredIntegration, storedRuns } from './integration.ts';
import { noticeDeath, tryLock, unlock } from './lock.ts';
import { type Client, connect, databaseError, isSessionLost, type Pool } from './pool.ts';
import { publishPass } from './publish/publish.ts';
import { keepRejects } from './rejects.ts';
import { NOTHING_WRITTEN } from './stage/ahead.ts';
import { Stage } from './stage/stage.ts';
import { busy, closeAbandoned, endSyncRun, insertSyncRun, type SyncRunEnd, whoIsBusy } from './sync-run.ts';

/** Above this many written rows the tables' statistics are brought up to date, so that readers get good plans at once. */
const ANALYZE_ROWS = 1_000;
/** A pass that is stopped must have recorded that, or given it up, before the process loses its patience. */
const LAST_WORDS_TIMEOUT = '2s';
/** A tenth of the usual sample, some thousand rows: enough for plans of joins, and the pass ends sooner. */
const SAMPLE = 'set local default_statistics_target = 10';
const PUBLISHED_TABLES = [
  'node',
  'node_column',
  'edge',
  'run',
  'run_step',
  'run_result',
  'node_status',
  'freshness_result',
  'node_change',
];

interface PassParts {
  readonly client: Client;
  /** How its statements are cancelled; undefined when nothing can. */
  readonly session: CancellableSession | undefined;
  readonly scope: IntegrationScope;
  readonly start: PassStart;
  readonly integration: StoredIntegration;
  readonly syncRunId: number;
  readonly url: string;
  readonly waiting: number | undefined;
}

/** One pass over one integration, on a session of its own. Anything it leaves behind goes with that session. */
class PostgresPass implements Pass {
  readonly syncRunId: number;
  readonly lastComplete: Pass['lastComplete'];
  readonly lastHistory: string | null;
  readonly #parts: PassParts;
  readonly #rejects: Reject[] = [];
  #opening: Promise<Stage> | undefined;
  #source: SourceName;
  #fallbackReason: string | null = null;
  #broken = false;

  constructor(parts: PassParts) {
    this.#parts = parts;
    this.#source = parts.start.source;
    this.syncRunId = parts.syncRunId;
    this.lastComplete = parts.integration.lastComplete;
    this.lastHistory = parts.integration.lastHistory;
  }

  async stage({ records, history, rejects }: Pick<Page, 'records' | 'history' | 'rejects'>): Promise<void> {
    this.#parts.start.signal?.throwIfAborted();
    await this.#run(async (client) => {
      const stage = await this.#openStage(client);
      await stage.add(records, history);
      this.#rejects.push(...rejects);
    });
  }

  async stored(): Promise<Stored> {
    return this.#run((client) => storedRuns(client, this.#parts.integration, this.#parts.scope.jobId));
  }

  /** Makes the staging tables while the first pages are on their way; whoever stages hears of what goes wrong. */
  prepare(): void {
    this.#openStage(this.#parts.client).catch(() => undefined);
  }

  async restart(instead?: Fallback): Promise<void> {
    this.#rejects.length = 0;
    if (instead !== undefined) {
      this.#source = instead.source;
      this.#fallbackReason = instead.reason;
    }
    await this.#run(async () => (await this.#opening)?.clear(this.#source));
  }

  async publish(report: PassReport): Promise<PassResult> {
    const { scope, start, integration } = this.#parts;
    const { result, analyzed } = await this.#runCancellable(async (client) => {
      const stage = await this.#openStage(client);
      await stage.finish();
      if (!start.dryRun && stage.ahead === undefined) await client.query('begin');
      const context = {
        client,
        integrationId: integration.id,
        source: this.#source,
        normalizerVersion: start.normalizerVersion,
        complete: report.complete,
        states: report.states,
        written: stage.ahead?.written ?? NOTHING_WRITTEN,
        tally: stage.tally,
        definesAll: stage.definesAll,
      };
      const { guarded, analyzed, ...published } = await publishPass(context, report, scope);
      const partialReasons = [...report.partialReasons, ...(guarded === null ? [] : [guarded])];
      const outcome = partialReasons.length > 0 ? 'partial' : 'done';
      await this.#keepRejects(client);
      await this.#finish(client, { outcome, error: partialReasons.join(' ') || null, ...published, ...report });
      if (!start.dryRun) await client.query('commit');
      const rejects = this.#rejects.length;
      return { analyzed, result: { outcome, ...published, partialReasons, rejects } as const };
    });
    if (result.rowsWritten > ANALYZE_ROWS && !start.dryRun) await this.#analyze(analyzed);
    return result;
  }

  async unchanged(traffic: { requests: number; bytes: number }): Promise<void> {
    const { integration, scope } = this.#parts;
    await this.#runCancellable(async (client) => {
      // A schedule may be new although dbt's state is not.
      await applyScope(client, integration.id, { scope, project: null });
      await this.#finish(client, { outcome: 'unchanged', error: null, ...traffic });
    });
  }

  async fail(
    outcome: 'failed' | 'interrupted',
    message: string,
    traffic: { requests: number; bytes: number },
  ): Promise<void> {
    // What stopped the pass was told already; here it matters only whether the session is still there.
    await this.#run(async () => (await this.#opening)?.settle()).catch(() => undefined);
    if (this.#broken) return;
    await this.#run(async (client) => {
      await client.query('rollback');
      if (this.#parts.start.dryRun) return;
      if (this.#isStopped()) await client.query(`set statement_timeout = '${LAST_WORDS_TIMEOUT}'`);
      await this.#keepRejects(client);
      await this.#finish(client, { outcome, error: message, ...traffic });
    });
  }

  async release(): Promise<void> {
    const { client, integration } = this.#parts;
    try {
      if (this.#broken) throw new SyncError('The session is broken.');
      const stage = await this.#opening;
      await client.query('rollback');
      await stage?.drop();
      await unlock(client, integration.id);
      client.release(this.#isStopped());
    } catch {
      // The session and all it holds are given up: the server frees the lock with it.
      client.release(true);
    }
  }

  /** A pass that ends unchanged needs no staging tables, so they are made by whoever needs them first. */
  #openStage(client: Client): Promise<Stage> {
    const { integration, start, waiting } = this.#parts;
    const { normalizerVersion, dryRun } = start;
    const options = { integrationId: integration.id, source: this.#source, normalizerVersion, dryRun, waiting };
    this.#opening ??= Stage.open(client, options);
    return this.#opening;
  }

  #isStopped(): boolean {
    return this.#parts.start.signal?.aborted === true;
  }

  /** What was published stays published: readers only get poorer plans when this fails. */
  async #analyze(analyzed: readonly string[]): Promise<void> {
    const left = PUBLISHED_TABLES.filter((table) => !analyzed.includes(table));
    const tables = left.map((table) => `dbt_store.${table}`).join(', ');
    await this.#runCancellable((client) => client.query(`${SAMPLE}; analyze ${tables}`)).catch(() => undefined);
  }

  #keepRejects(client: Client): Promise<void> {
    const { integration } = this.#parts;
    return keepRejects(client, { integrationId: integration.id, syncRunId: this.syncRunId }, this.#rejects);
  }

  async #finish(client: Client, end: Omit<SyncRunEnd, 'staleAt' | 'source' | 'fallbackReason'>): Promise<void> {
    const { scope, integration } = this.#parts;
    const isGood = end.outcome === 'done' || end.outcome === 'unchanged';
    const staleAt = isGood ? (scope.staleAfter?.(new Date()) ?? null) : null;
    const told = { source: this.#source, fallbackReason: this.#fallbackReason, staleAt };
    await endSyncRun(client, { integrationId: integration.id, syncRunId: this.syncRunId }, { ...end, ...told });
  }

  #runCancellable<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    return this.#run((client) => cancellable(this.#parts.session, () => work(client)));
  }

  async #run<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.#parts.client);
    } catch (error) {
      this.#broken ||= isSessionLost(error);
      throw databaseError(error, this.#parts.url);
    }
  }
}

/** A portion of a backfill is published within seconds; somebody who waits longer than this does so in vain. */
const PORTION_MS = 60_000;
const LOOK_MS = 100;

/** Takes the integration's lock; waits for a backfill that holds it while it publishes. @throws BusyError when a pass goes on. */
async function lockOrRefuse(client: Client, integrationId: number, { name, signal }: Waiter): Promise<void> {
  const deadline = Date.now() + PORTION_MS;
  while (!(await tryLock(client, integrationId))) {
    const found = await whoIsBusy(client, integrationId);
    if (found.syncSince !== null || !found.isBackfilled || Date.now() > deadline) throw busy(name, found);
    await delay(LOOK_MS, undefined, { signal });
  }
}

interface Waiter {
  readonly name: string;
  readonly signal: AbortSignal | undefined;
}

export interface StoreOptions {
  /** How many new nodes of a first pass may wait in memory before they are written; 0: they are staged like all others. */
  readonly waiting?: number;
}

/** The Postgres store. The schema must be at this version (see migrate). */
export function createStore(pool: Pool, { waiting }: StoreOptions = {}): Store & RunStore {
  const url = pool.options.connectionString ?? '';
  return {
    async begin(scope, start) {
      const client = await connect(pool);
      try {
        const session = await cancellableSession(pool, client, start.signal);
        return await cancellable(session, async () => {
          await noticeDeath(client);
          // A dry run is one transaction that is never committed.
          if (start.dryRun) await client.query('begin');
          const integration = await findIntegration(client, scope);
          await lockOrRefuse(client, integration.id, { name: scope.name, signal: start.signal });
          // Read again under the lock: another pass may have ended between.
          const current = await findIntegration(client, scope);
          await closeAbandoned(client, current.id);
          const syncRunId = await insertSyncRun(client, current.id, { ...start, kind: 'sync' });
          return new PostgresPass({ client, session, scope, start, integration: current, syncRunId, url, waiting });
        });
      } catch (error) {
        client.release(true);
        throw databaseError(error, url);
      }
    },
    beginBackfill: (scope, start) => beginBackfill(pool, scope, start),
  };
}
