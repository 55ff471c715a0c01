import { type Client, isSessionLost } from './pool.ts';

/** The first key of our advisory locks, so that they do not meet those of other programs ("dbto" in ASCII). */
export const SYNC_LOCK = 0x6462_746f;

/** The first key of the lock that a backfill holds as long as it lives, by its sync_run ("dbtb" in ASCII). */
export const BACKFILL_LOCK = 0x6462_7462;

/** The first key of the lock that a worker of the queue holds as long as it lives, by its name ("dbtw" in ASCII). */
export const WORKER_LOCK = 0x6462_7477;

/** The first key of the lock under which schemas are made and changed ("dbtm" in ASCII). */
export const MIGRATION_LOCK = 0x6462_746d;

/** The second key of {@link BACKFILL_LOCK}, of a sync_run_id in SQL: keys are of four bytes. */
export const backfillKey = (syncRunId: string): string => `${syncRunId} % 2147483647`;

/** Takes the lock by which others know that a backfill lives. It goes with the session. */
export async function lockBackfill(client: Client, syncRunId: number): Promise<void> {
  const key = backfillKey('$2::bigint');
  await client.query(`select pg_advisory_lock($1, (${key})::integer)`, [BACKFILL_LOCK, syncRunId]);
}

/** Takes the integration's lock for this session, or says that somebody else has it. It goes with the session. */
export async function tryLock(client: Client, integrationId: number): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, $2) as locked', [
    SYNC_LOCK,
    integrationId,
  ]);
  return rows[0]?.locked ?? false;
}

/** Gives the lock back. */
export async function unlock(client: Client, integrationId: number): Promise<void> {
  await client.query('select pg_advisory_unlock($1, $2)', [SYNC_LOCK, integrationId]);
}

/** A server that looks for our death while it works, and one that hears nothing from our machine for two minutes. */
const NOTICES = [
  "set client_connection_check_interval = '5s'",
  'set tcp_keepalives_idle = 60; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 6',
];

/**
 * Lets the server free the lock soon after our death: it would notice it only at the end of its statement, and that
 * of a whole machine only after hours. Not every system can
 * (https://www.postgresql.org/docs/current/runtime-config-connection.html).
 */
export async function noticeDeath(client: Client): Promise<void> {
  for (const notice of NOTICES) {
    try {
      await client.query(notice);
    } catch (error) {
      if (isSessionLost(error)) throw error;
    }
  }
}
