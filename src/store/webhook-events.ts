import { SyncError } from '../domain/errors.ts';
import type { Delivery, EventOutcome, ReceivedEvent } from '../domain/webhook.ts';
import { jsonText, storable } from './copy-text.ts';
import { NAME_LOCK } from './integration.ts';
import { databaseError, type Pool } from './pool.ts';

/** An event that nothing was done about yet. */
export interface WaitingEvent {
  readonly integrationId: number;
  readonly id: string;
  readonly body: unknown;
}

/** What was done about some events. */
export interface Handled {
  readonly integrationId: number;
  readonly ids: readonly string[];
  readonly outcome: EventOutcome;
  readonly reason: string | null;
  /** The pass that took what they told. */
  readonly syncRunId?: number | undefined;
}

async function query<Row extends object>(pool: Pool, text: string, values: readonly unknown[]): Promise<Row[]> {
  try {
    return (await pool.query<Row>(text, [...values])).rows;
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}

/** One statement, so that it is there when it is answered, and a second delivery at the same time waits for it. */
const STORE = `with named as (select integration_id from dbt_store.integration where name = $1),
  added as (
    insert into dbt_store.webhook_event (integration_id, event_id, event_type, sent_at, body)
    select integration_id, $2, $3, $4, $5 from named on conflict do nothing returning 1
  )
  select exists (select from named) as known, exists (select from added) as added`;

/**
 * Keeps an event that nobody has told yet. An integration that was never synced gets its row, which its first pass takes
 * over.
 * @throws SyncError when the database cannot be written now; then nothing is kept.
 */
export async function storeEvent(pool: Pool, name: string, event: ReceivedEvent): Promise<Delivery> {
  const { id, type, sentAt, body } = event;
  const values = [name, storable(id), type === null ? null : storable(type), sentAt, jsonText(body)];
  const store = async () => (await query<{ known: boolean; added: boolean }>(pool, STORE, values))[0];
  let told = await store();
  if (told?.known === false) {
    await makeIntegration(pool, name);
    told = await store();
  }
  if (told?.known !== true) {
    throw new SyncError(`Another process has just begun to sync "${name}" for the first time: send the event again.`);
  }
  return told.added ? 'stored' : 'duplicate';
}

/** Whoever makes the row now may need minutes to commit it: nobody waits for that. */
async function makeIntegration(pool: Pool, name: string): Promise<void> {
  await query(
    pool,
    `insert into dbt_store.integration (name) select $1 where pg_try_advisory_xact_lock(${NAME_LOCK}, hashtext($1))
    on conflict (name) do nothing`,
    [name],
  );
}

/** The events of an integration that wait, the oldest first. */
export async function waitingEvents(pool: Pool, name: string, limit: number): Promise<WaitingEvent[]> {
  return query<WaitingEvent>(
    pool,
    `select integration_id as "integrationId", event_id as id, body from dbt_store.webhook_event
    where integration_id = (select integration_id from dbt_store.integration where name = $1) and handled_at is null
    order by received_at, event_id limit $2`,
    [name, limit],
  );
}

/** Says of events what was done about them, once. Gives how many of them nobody had said it of. */
export async function markHandled(
  pool: Pool,
  { integrationId, ids, outcome, reason, syncRunId }: Handled,
): Promise<number> {
  const rows = await query<object>(
    pool,
    `update dbt_store.webhook_event set handled_at = clock_timestamp(), outcome = $3, reason = $4, sync_run_id = $5
    where integration_id = $1 and event_id = any ($2) and handled_at is null returning 1`,
    [integrationId, ids, outcome, reason === null ? null : storable(reason), syncRunId ?? null],
  );
  return rows.length;
}

/** The integrations with events that have waited for so many seconds, by name. */
export async function integrationsWithWaitingEvents(pool: Pool, seconds: number): Promise<string[]> {
  const rows = await query<{ name: string }>(
    pool,
    `select name from dbt_store.integration i where exists (
      select from dbt_store.webhook_event e where e.integration_id = i.integration_id and e.handled_at is null
        and e.received_at <= clock_timestamp() - make_interval(secs => $1))
    order by name`,
    [seconds],
  );
  return rows.map(({ name }) => name);
}
