import { setTimeout as delay } from 'node:timers/promises';
import type { ResultRecord } from '../domain/records.ts';
import type { NamelessNodes, NodeIdentity, RunWindow } from '../domain/runs.ts';
import type { Traffic } from '../domain/source.ts';
import type {
  Backfill,
  BackfillStart,
  IntegrationScope,
  NamelessAsked,
  PortionResult,
  ReadyRun,
  RunPortion,
  TakenRuns,
} from '../domain/store.ts';
import { type CancellableSession, cancellable, cancellableSession } from './cancel.ts';
import { applyScope, findIntegration } from './integration.ts';
import { lockBackfill, noticeDeath, tryLock, unlock } from './lock.ts';
import { type Client, connect, databaseError, isSessionLost, type Pool } from './pool.ts';
import { namelessNodes, nameNodes } from './publish/identities.ts';
import { publishRuns } from './publish/runs.ts';
import { insertRejects } from './rejects.ts';
import { RunStage } from './stage/run-stage.ts';
import { closeAbandoned, closeAbandonedBackfills, endSyncRun, insertSyncRun } from './sync-run.ts';

/** A sync that holds the lock is waited for, however long it takes: this often it is asked for. */
const LOOK_MS = 100;
/** What a portion puts aside stays in memory; it takes as much only when it is needed. */
const SETTINGS = "set temp_buffers = '64MB'";
/** After so many results the tables' statistics are brought up to date, and each time there are twice as many. */
const ANALYZE_RESULTS = 100_000;

interface Parts {
  readonly client: Client;
  readonly session: CancellableSession | undefined;
  readonly scope: IntegrationScope;
  readonly signal: AbortSignal | undefined;
  readonly integrationId: number;
  readonly syncRunId: number;
  readonly url: string;
}

/** A backfill, on a session of its own that holds its staging tables and the lock by which others know that it lives. */
class PostgresBackfill implements Backfill {
  readonly syncRunId: number;
  readonly #parts: Parts;
  readonly #stage: RunStage;
  #written: PortionResult = { rowsWritten: 0, results: 0 };
  #analyzeAt = ANALYZE_RESULTS;
  #broken = false;

  constructor(parts: Parts, stage: RunStage) {
    this.#parts = parts;
    this.#stage = stage;
    this.syncRunId = parts.syncRunId;
  }

  async taken({ from, to }: RunWindow, jobId: number | null): Promise<TakenRuns> {
    return this.#run(async (client) => {
      const { rows } = await client.query<{ run_id: string; complete: boolean; reason: string | null }>(
        `select run_id, results_complete as complete, results_missing_reason as reason from dbt_store.run
        where integration_id = $1 and finished_at >= $2 and finished_at <= $3
          and (results_complete or results_missing_reason is not null) and ($4::bigint is null or job_id = $4)`,
        [this.#parts.integrationId, from, to, jobId],
      );
      return {
        complete: new Set(rows.filter(({ complete }) => complete).map(({ run_id: id }) => id)),
        missing: new Map(rows.flatMap((row) => (row.complete ? [] : [[row.run_id, row.reason ?? '']]))),
      };
    });
  }

  async nameless(asked: NamelessAsked): Promise<readonly NamelessNodes[]> {
    return this.#run((client) => namelessNodes(client, this.#parts.integrationId, asked));
  }

  async name(identities: readonly NodeIdentity[], settled: readonly string[]): Promise<number> {
    return this.#runLocked(async (client) => {
      const rows = await nameNodes(client, this.#parts.integrationId, { identities, settled });
      this.#written = { ...this.#written, rowsWritten: this.#written.rowsWritten + rows };
      return rows;
    });
  }

  ready(results: readonly ResultRecord[]): ReadyRun | undefined {
    return this.#stage.ready(results);
  }

  async publish(portion: RunPortion): Promise<PortionResult> {
    const { integrationId, scope } = this.#parts;
    const { rejects, project } = portion;
    return this.#runLocked(async (client) => {
      try {
        await closeAbandoned(client, integrationId);
        await client.query('begin');
        await this.#stage.add(client, portion);
        const context = { client, integrationId, tally: this.#stage.tally };
        const published = await publishRuns(context, scope.jobId);
        const scoped = await applyScope(client, integrationId, { scope, project });
        await insertRejects(client, { integrationId, syncRunId: this.syncRunId }, rejects);
        const result = { ...published, rowsWritten: published.rowsWritten + scoped };
        await this.#progress(client, result, portion);
        await client.query('commit');
        await this.#analyze(client);
        return result;
      } catch (error) {
        if (!isSessionLost(error)) await client.query('rollback');
        throw error;
      } finally {
        await this.#stage.clear(client).catch(() => undefined);
      }
    });
  }

  async finish(outcome: Parameters<Backfill['finish']>[0], error: string | null, traffic: Traffic): Promise<void> {
    if (this.#broken) return;
    const { integrationId } = this.#parts;
    const told = { source: 'artifacts', fallbackReason: null, staleAt: null };
    // How it ended is said even when everything else was to stop.
    await this.#runToEnd(async (client) => {
      if (this.#parts.signal?.aborted) await client.query("set statement_timeout = '2s'");
      const { requests, bytes } = traffic;
      const end = { outcome, error, requests, bytes, ...this.#written, ...told };
      await endSyncRun(client, { integrationId, syncRunId: this.syncRunId }, end);
    });
  }

  async release(): Promise<void> {
    // The session goes, and with it its tables and the lock that says that the backfill lives.
    this.#parts.client.release(true);
  }

  /** Works with the integration's lock, which is given back whatever happens. */
  #runLocked<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const { integrationId, signal } = this.#parts;
    return this.#run(async (client) => {
      while (!(await tryLock(client, integrationId))) {
        await delay(LOOK_MS);
        signal?.throwIfAborted();
      }
      try {
        return await work(client);
      } finally {
        await unlock(client, integrationId).catch(() => undefined);
      }
    });
  }

  /** Whoever looks at the row of a backfill sees how far it is. */
  async #progress(
    client: Client,
    { rowsWritten, results }: PortionResult,
    { requests, bytes }: Traffic,
  ): Promise<void> {
    const before = this.#written;
    this.#written = { rowsWritten: before.rowsWritten + rowsWritten, results: before.results + results };
    await client.query(
      'update dbt_store.sync_run set rows_written = $3, results = $4, requests = $5, bytes = $6 where integration_id = $1 and sync_run_id = $2',
      [this.#parts.integrationId, this.syncRunId, this.#written.rowsWritten, this.#written.results, requests, bytes],
    );
  }

  async #analyze(client: Client): Promise<void> {
    if (this.#written.results < this.#analyzeAt) return;
    this.#analyzeAt = 2 * this.#written.results;
    await client.query('analyze dbt_store.run, dbt_store.run_result, dbt_store.node_status');
  }

  #run<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    return this.#runToEnd((client) => cancellable(this.#parts.session, () => work(client)));
  }

  async #runToEnd<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const { client, url } = this.#parts;
    try {
      return await work(client);
    } catch (error) {
      this.#broken ||= isSessionLost(error);
      throw databaseError(error, url);
    }
  }
}

/** Starts a backfill. @throws FatalError when the name belongs to another environment. */
export async function beginBackfill(
  pool: Pool,
  scope: IntegrationScope,
  { reason, signal, dryRun }: BackfillStart,
): Promise<Backfill> {
  const url = pool.options.connectionString ?? '';
  const client = await connect(pool);
  try {
    const session = await cancellableSession(pool, client, signal);
    return await cancellable(session, async () => {
      await noticeDeath(client);
      // A session that has put something aside before cannot change it any more, and is only slower.
      await client.query(SETTINGS).catch(() => undefined);
      // A dry run is one transaction that is never committed.
      if (dryRun) await client.query('begin');
      const { id: integrationId } = await findIntegration(client, scope);
      await closeAbandonedBackfills(client, integrationId);
      // Nobody may see the row before there is the lock that says that we live.
      if (!dryRun) await client.query('begin');
      const syncRunId = await insertSyncRun(client, integrationId, { kind: 'backfill', reason, source: 'artifacts' });
      await lockBackfill(client, syncRunId);
      if (!dryRun) await client.query('commit');
      const stage = await RunStage.open(client, integrationId);
      return new PostgresBackfill({ client, session, scope, signal, integrationId, syncRunId, url }, stage);
    });
  } catch (error) {
    client.release(true);
    throw databaseError(error, url);
  }
}
