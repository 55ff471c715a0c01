import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { WORKER_LOCK } from './lock.ts';
import type { Pool } from './pool.ts';
import { QUEUE_SCHEMA } from './queue.ts';

const RETRY_MS = 500;
/** The server hears of the death of a process at once, and of that of a whole machine within so many seconds. */
const KEEPALIVES = 'set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4';

/** The lock by which others know that a worker lives, on a session of its own. */
export interface WorkerLock {
  /** Settles when the lock is held for the first time. */
  readonly held: Promise<void>;
  release(): Promise<void>;
}

/** Takes a worker's lock, and takes it again whenever its session is lost, until it is released. */
export function holdWorkerLock(pool: Pool, workerId: string): WorkerLock {
  const released = new AbortController();
  let holding = Promise.resolve();
  const held = new Promise<void>((onHeld) => {
    holding = hold(pool, { workerId, signal: released.signal, onHeld });
  });
  return {
    held,
    release: async () => {
      released.abort();
      await holding;
    },
  };
}

interface Holding {
  readonly workerId: string;
  readonly signal: AbortSignal;
  readonly onHeld: () => void;
}

async function hold(pool: Pool, { workerId, signal, onHeld }: Holding): Promise<void> {
  while (!signal.aborted) {
    const client = new pg.Client({ ...pool.options, application_name: 'dbt-observer worker' });
    let onLost = () => {};
    const lost = new Promise<void>((resolve) => {
      onLost = resolve;
    });
    client.on('error', onLost).on('end', onLost);
    signal.addEventListener('abort', onLost);
    try {
      await client.connect();
      // Not every system can.
      await client.query(KEEPALIVES).catch(() => undefined);
      const locked = client.query('select pg_advisory_lock($1, hashtext($2))', [WORKER_LOCK, workerId]);
      await Promise.race([locked.then(onHeld), lost]);
      await lost;
    } catch {
      // The database is away: whoever needs it says so.
    }
    signal.removeEventListener('abort', onLost);
    await client.end().catch(() => undefined);
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Workers that hold jobs although nobody holds their lock. */
export async function lostWorkers(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ worker: string }>(
    `select distinct j.locked_by as worker from ${QUEUE_SCHEMA}.jobs j
    where j.locked_by is not null and not exists (
      select from pg_locks l where l.locktype = 'advisory' and l.objsubid = 2 and l.granted and l.classid = $1
        and l.objid::bigint = hashtext(j.locked_by)::bigint & 4294967295
        and l.database = (select oid from pg_database where datname = current_database()))`,
    [WORKER_LOCK],
  );
  return rows.map(({ worker }) => worker);
}

/** Lets others do the jobs of workers that are dead. */
export async function freeJobs(pool: Pool, workers: readonly string[]): Promise<void> {
  await pool.query(`select ${QUEUE_SCHEMA}.force_unlock_workers($1::text[])`, [workers]);
}
