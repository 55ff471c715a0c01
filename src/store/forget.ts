import { SyncError } from '../domain/errors.ts';
import { tryLock } from './lock.ts';
import { type Client, connect, databaseError, type Pool } from './pool.ts';
import { QUEUE_SCHEMA } from './queue.ts';
import { hasQueue } from './read/queue.ts';
import { busy, closeAbandonedBackfills, whoIsBusy } from './sync-run.ts';

/** Rows that are stored under the name of an integration, by what they are; nothing that has none. */
export type Counts = { readonly [what: string]: number };

export interface ForgetOptions {
  /** Stops between two steps: what went until then stays gone, and the next try does the rest. */
  readonly signal: AbortSignal;
}

/** Rows that go in one statement. */
const STEP = 5_000;
const TICK = 'claimed_tick';
const JOBS = 'queue_job';

/** Every table that has rows of integrations, those of later versions among them; the one that names them is the last. */
const TABLES = `
  select c.relname as name from pg_class c
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'dbt_store'
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'integration_id' and not a.attisdropped
  where c.relkind in ('r', 'p')
  order by c.relname = 'integration', c.relname <> 'node', c.relname <> 'run', c.relname`;

/** The queues in which jobs of an integration wait. */
const queuesOf = (name: string) => ['sync', 'events', 'backfill'].map((task) => `${task}:${name}`);

async function tablesIn(client: Client): Promise<string[]> {
  return (await client.query<{ name: string }>(TABLES)).rows.map(({ name }) => name);
}

async function idOf(client: Client, name: string): Promise<number | null> {
  const { rows } = await client.query<{ id: number }>(
    'select integration_id as id from dbt_store.integration where name = $1',
    [name],
  );
  return rows[0]?.id ?? null;
}

/** Runs statements of one session, which ends with it when they fail. */
async function inSession<Result>(pool: Pool, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = await connect(pool);
  try {
    return await work(client);
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  } finally {
    // The locks go with the session.
    client.release(true);
  }
}

/** How much is stored under a name. The schema must be at this version. */
export function storedCounts(pool: Pool, name: string): Promise<Counts> {
  return inSession(pool, async (client) => {
    const counts: Record<string, number> = {};
    const count = async (what: string, text: string, value: unknown) => {
      const { rows } = await client.query<{ rows: number }>(`select count(*)::integer as rows from ${text}`, [value]);
      if ((rows[0]?.rows ?? 0) > 0) counts[what] = rows[0]?.rows ?? 0;
    };
    const id = await idOf(client, name);
    for (const table of id === null ? [] : await tablesIn(client)) {
      await count(table, `dbt_store.${table} where integration_id = $1`, id);
    }
    await count(TICK, 'dbt_store.claimed_tick where integration = $1', name);
    if (await hasQueue(client)) await count(JOBS, `${QUEUE_SCHEMA}.jobs where queue_name = any ($1)`, queuesOf(name));
    return counts;
  });
}

/** @throws BusyError or SyncError when somebody works on the integration. */
async function requireIdle(client: Client, name: string, id: number | null): Promise<void> {
  if (await hasQueue(client)) {
    const { rows } = await client.query(
      `select from ${QUEUE_SCHEMA}.jobs where queue_name = any ($1) and locked_at is not null limit 1`,
      [queuesOf(name)],
    );
    if (rows.length > 0) throw new SyncError(`A worker has a job of "${name}" in hand: nothing was removed. ${WAIT}`);
  }
  if (id === null) return;
  if (!(await tryLock(client, id))) throw busy(name, await whoIsBusy(client, id));
  await closeAbandonedBackfills(client, id);
  const { isBackfilled } = await whoIsBusy(client, id);
  if (isBackfilled) throw new SyncError(`A backfill of "${name}" goes on: nothing was removed. ${WAIT}`);
}

const WAIT = 'Wait for its end, or stop it.';

/** What is gone first lets a sync that comes after an interruption read everything, as for a new integration. */
const MARKS = `update dbt_store.integration set complete_token = null, complete_config_hash = null,
  history_token = null, runs_until = null where integration_id = $1`;

async function removeRows(client: Client, table: string, { id, signal }: { id: number; signal: AbortSignal }) {
  let removed = 0;
  for (;;) {
    signal.throwIfAborted();
    const { rowCount } = await client.query(
      `delete from dbt_store.${table} where ctid = any (array(
        select ctid from dbt_store.${table} where integration_id = $1 limit ${STEP}))`,
      [id],
    );
    if (rowCount === null || rowCount === 0) return removed;
    removed += rowCount;
  }
}

/**
 * Removes everything that is stored under a name, in small steps, while no sync of it can begin. Gives what went.
 * @throws BusyError or SyncError when somebody works on it, and nothing is removed then; the signal's reason.
 */
export function forget(pool: Pool, name: string, { signal }: ForgetOptions): Promise<Counts> {
  return inSession(pool, async (client) => {
    const id = await idOf(client, name);
    await requireIdle(client, name, id);
    const removed: Record<string, number> = {};
    const note = (what: string, rows: number | null) => {
      if (rows !== null && rows > 0) removed[what] = rows;
    };
    if (await hasQueue(client)) {
      const { rows } = await client.query<{ rows: number }>(
        `select count(*)::integer as rows from ${QUEUE_SCHEMA}.complete_jobs(array(
          select id from ${QUEUE_SCHEMA}.jobs where queue_name = any ($1) and locked_at is null))`,
        [queuesOf(name)],
      );
      note(JOBS, rows[0]?.rows ?? 0);
    }
    if (id !== null) {
      await client.query(MARKS, [id]);
      for (const table of await tablesIn(client)) note(table, await removeRows(client, table, { id, signal }));
    }
    note(TICK, (await client.query('delete from dbt_store.claimed_tick where integration = $1', [name])).rowCount);
    return removed;
  });
}
