import type { Client } from './pool.ts';

/** The first key of our advisory locks, so that they do not meet those of other programs ("dbto" in ASCII). */
export const SYNC_LOCK = 0x6462_746f;

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
