import type { Reject } from '../domain/records.ts';
import { jsonText, storable } from './copy-text.ts';
import type { Client } from './pool.ts';

/** The raw record is kept for a person to look at, not to be read again: this many characters of it are enough. */
const RAW_LIMIT = 8_000;
/** It begins where no character of an address stands before, so that long words are looked at once. */
const EMAIL = /(?<![\w.%+-])[\w.%+-]+@[\w.-]+\.[a-z]{2,}/gi;

function rawText(raw: unknown): string {
  const text = jsonText(raw).replaceAll(EMAIL, '***');
  return text.length <= RAW_LIMIT ? text : jsonText({ truncated: text.slice(0, RAW_LIMIT) });
}

/** Keeps the rejects of a page with the sync_run that met them, in one statement. */
export async function insertRejects(
  client: Client,
  syncRun: { integrationId: number; syncRunId: number },
  rejects: readonly Reject[],
): Promise<void> {
  await client.query(
    `insert into dbt_store.reject (integration_id, sync_run_id, resource_type, unique_id, reason, raw)
    select $1, $2, * from unnest($3::text[], $4::text[], $5::text[], $6::jsonb[])`,
    [
      syncRun.integrationId,
      syncRun.syncRunId,
      rejects.map(({ resourceType }) => resourceType),
      rejects.map(({ uniqueId }) => (uniqueId === null ? null : storable(uniqueId))),
      rejects.map(({ reason }) => storable(reason)),
      rejects.map(({ raw }) => rawText(raw)),
    ],
  );
}
