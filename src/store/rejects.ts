import { hash } from 'node:crypto';
import type { Reject } from '../domain/records.ts';
import { jsonText, storable } from './copy-text.ts';
import type { Client } from './pool.ts';

/** The raw record is kept for a person to look at, not to be read again: this many characters of it are enough. */
const RAW_LIMIT = 8_000;
/** It begins where no character of an address stands before, so that long words are looked at once. */
const EMAIL = /(?<![\w.%+-])[\w.%+-]+@[\w.-]+\.[a-z]{2,}/gi;

/** Deeper than this nobody looks; and neither JavaScript nor Postgres takes any depth. */
const RAW_DEPTH = 100;

function shallow(raw: unknown, depth = 0): unknown {
  if (typeof raw !== 'object' || raw === null) return raw;
  if (depth === RAW_DEPTH) return Array.isArray(raw) ? '[…]' : '{…}';
  if (Array.isArray(raw)) return raw.map((item) => shallow(item, depth + 1));
  return Object.fromEntries(Object.entries(raw).map(([key, item]) => [key, shallow(item, depth + 1)]));
}

function rawText(raw: unknown): string {
  const text = jsonText(shallow(raw)).replaceAll(EMAIL, '***');
  return text.length <= RAW_LIMIT ? text : jsonText({ truncated: text.slice(0, RAW_LIMIT) });
}

/** A pass or a backfill. */
export interface SyncRunKey {
  readonly integrationId: number;
  readonly syncRunId: number;
}

/** A reject as it is stored: type, id, reason, raw record. */
type Row = readonly [string | null, string | null, string, string];

const rowOf = ({ resourceType, uniqueId, reason, raw }: Reject): Row => [
  resourceType,
  uniqueId === null ? null : storable(uniqueId),
  storable(reason),
  rawText(raw),
];

async function insertRows(client: Client, syncRun: SyncRunKey, rows: readonly Row[]): Promise<void> {
  await client.query(
    `insert into dbt_store.reject (integration_id, sync_run_id, resource_type, unique_id, reason, raw)
    select $1, $2, * from unnest($3::text[], $4::text[], $5::text[], $6::jsonb[])`,
    [
      syncRun.integrationId,
      syncRun.syncRunId,
      ...[rows.map(([type]) => type), rows.map(([, id]) => id), rows.map(([, , reason]) => reason)],
      rows.map(([, , , raw]) => raw),
    ],
  );
}

/** Keeps the rejects of a page with the sync_run that met them, in one statement. */
export async function insertRejects(client: Client, syncRun: SyncRunKey, rejects: readonly Reject[]): Promise<void> {
  await insertRows(client, syncRun, rejects.map(rowOf));
}

/** Pages come in any order. */
function digestOf(rows: readonly Row[]): string {
  return hash(
    'sha1',
    rows
      .map((row) => hash('sha1', JSON.stringify(row)))
      .sort()
      .join(),
    'base64',
  );
}

/**
 * Keeps all that a pass rejected. Where the pass that told the state before it rejected the very same, this one refers
 * to it, and nothing is written but its own row.
 */
export async function keepRejects(client: Client, syncRun: SyncRunKey, rejects: readonly Reject[]): Promise<void> {
  if (rejects.length === 0) return;
  const kept = rejects.map(rowOf);
  const { rows } = await client.query<{ of: string | null }>(
    `update dbt_store.sync_run set rejects_digest = $3, rejects_of = (
      select coalesce(last.rejects_of, last.sync_run_id) from (
        select * from dbt_store.sync_run
        where integration_id = $1 and sync_run_id < $2 and kind = 'sync' and outcome in ('done', 'partial')
        order by sync_run_id desc limit 1) last
      where last.rejects_digest = $3 and exists (select from dbt_store.reject r
        where r.integration_id = $1 and r.sync_run_id = coalesce(last.rejects_of, last.sync_run_id)))
    where integration_id = $1 and sync_run_id = $2 returning rejects_of as of`,
    [syncRun.integrationId, syncRun.syncRunId, digestOf(kept)],
  );
  if (rows[0]?.of == null) await insertRows(client, syncRun, kept);
}
