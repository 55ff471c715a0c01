import { BusyError } from '../domain/errors.ts';
import type { Outcome } from '../domain/store.ts';
import { storable } from './copy-text.ts';
import { BACKFILL_LOCK, backfillKey } from './lock.ts';
import type { Client } from './pool.ts';

/** A pass or a backfill as it begins. */
export interface SyncRunStart {
  readonly kind: 'sync' | 'backfill';
  readonly reason: string;
  readonly source: string;
}

/**
 * Whoever holds the lock of an integration knows that no other pass goes on: one without an end was left by a process
 * that died. A backfill holds it only now and then, but one of its own as long as it lives.
 */
export function closeAbandoned(client: Client, integrationId: number): Promise<void> {
  return close(client, integrationId, ['sync', 'backfill']);
}

/** The same of backfills alone, which needs no lock. */
export function closeAbandonedBackfills(client: Client, integrationId: number): Promise<void> {
  return close(client, integrationId, ['backfill']);
}

async function close(client: Client, integrationId: number, kinds: readonly SyncRunStart['kind'][]): Promise<void> {
  await client.query(
    `update dbt_store.sync_run s set outcome = 'interrupted', finished_at = clock_timestamp(),
      error = case kind when 'sync' then 'The process ended before the pass did; the state before it stayed.'
        else 'The process ended before the backfill did; what it had taken stayed.' end
    where integration_id = $1 and outcome is null and kind = any ($3) and (kind = 'sync' or not exists (
      select from pg_locks l where l.locktype = 'advisory' and l.objsubid = 2 and l.granted
        and l.classid = $2 and l.objid = ${backfillKey('s.sync_run_id')}
        and l.database = (select oid from pg_database where datname = current_database())))`,
    [integrationId, BACKFILL_LOCK, kinds],
  );
}

/** Writes the row of what begins now, and gives its id. */
export async function insertSyncRun(
  client: Client,
  integrationId: number,
  { kind, reason, source }: SyncRunStart,
): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    'insert into dbt_store.sync_run (integration_id, kind, reason, source) values ($1, $2, $3, $4) returning sync_run_id as id',
    [integrationId, kind, reason, source],
  );
  return Number(rows[0]?.id);
}

/** What goes on for an integration now. */
export interface Busy {
  /** When the pass that goes on began, as a clock in UTC shows it; null when none does. */
  readonly syncSince: string | null;
  readonly isBackfilled: boolean;
}

/** Looks who may hold the lock of an integration. */
export async function whoIsBusy(client: Client, integrationId: number): Promise<Busy> {
  const { rows } = await client.query<{ kind: string; since: string }>(
    `select kind, to_char(started_at at time zone 'UTC', 'HH24:MI:SS') as since from dbt_store.sync_run
    where integration_id = $1 and outcome is null order by started_at desc`,
    [integrationId],
  );
  return {
    syncSince: rows.find(({ kind }) => kind === 'sync')?.since ?? null,
    isBackfilled: rows.some(({ kind }) => kind === 'backfill'),
  };
}

/** The error of a pass that finds another one going on. */
export function busy(name: string, { syncSince }: Busy): BusyError {
  const since = syncSince === null ? '' : ` since ${syncSince} UTC`;
  return new BusyError(`Another process has been syncing "${name}"${since}: this one did nothing. Wait for it to end.`);
}

/** How a pass or a backfill ended. */
export interface SyncRunEnd {
  readonly outcome: Outcome;
  readonly error: string | null;
  readonly requests: number;
  readonly bytes: number;
  readonly rowsWritten?: number;
  readonly results?: number;
  readonly counts?: { readonly [resourceType: string]: number };
  readonly staleAt: Date | null;
  readonly source: string;
  readonly fallbackReason: string | null;
}

/** Writes the end of a pass into its row. */
export async function endSyncRun(
  client: Client,
  { integrationId, syncRunId }: { readonly integrationId: number; readonly syncRunId: number },
  end: SyncRunEnd,
): Promise<void> {
  const text = (value: string | null) => (value === null ? null : storable(value));
  await client.query(
    `update dbt_store.sync_run set finished_at = clock_timestamp(), outcome = $3, error = $4, requests = $5, bytes = $6,
      rows_written = $7, results = $8, counts = $9, stale_at = $10, source = $11, fallback_reason = $12
    where integration_id = $1 and sync_run_id = $2`,
    [
      ...[integrationId, syncRunId, end.outcome, text(end.error), end.requests, end.bytes],
      ...[end.rowsWritten ?? 0, end.results ?? 0, JSON.stringify(end.counts ?? {}), end.staleAt, end.source],
      text(end.fallbackReason),
    ],
  );
}
