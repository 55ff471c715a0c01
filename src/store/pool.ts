import pg from 'pg';
import { SyncError } from '../domain/errors.ts';

/** What of the store needs a connection shares this pool. */
export type Pool = pg.Pool;
export type Client = pg.PoolClient;

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'ECONNRESET', 'EAI_AGAIN', 'EHOSTUNREACH']);
const LOST = new Set(['57P01', '57P02', '57P03', '08006', '08003', '08001']);
const REFUSED = new Set(['28P01', '28000', '3D000']);

function place(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port || '5432'}${pathname}`;
  } catch {
    return 'the configured address';
  }
}

/** A pool on the database of the connection string. No connection is made yet. */
export function createPool(url: string): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'dbt-observer',
    max: 4,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // A connection that breaks while idle is replaced by the pool; one in use fails its own query.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A connection of the pool. @throws SyncError naming the host and what to do when there is none. */
export async function connect(pool: Pool): Promise<Client> {
  try {
    return await pool.connect();
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}

/** Says in one sentence what is wrong with the database, without its password. Errors of other kinds pass as they are. */
export function databaseError(error: unknown, url: string): unknown {
  const code = (error as { code?: string }).code ?? '';
  const message = error instanceof Error ? error.message : String(error);
  if (UNREACHABLE.has(code) || /timeout exceeded when trying to connect/.test(message)) {
    return new SyncError(
      `No PostgreSQL answers at ${place(url)} (${code || 'timeout'}): start it or correct database.url.`,
      {
        cause: error,
      },
    );
  }
  if (REFUSED.has(code)) {
    return new SyncError(
      `PostgreSQL at ${place(url)} refuses us: ${message}. Check user, password and database in database.url.`,
      {
        cause: error,
      },
    );
  }
  if (LOST.has(code) || /Connection terminated|connection error and is not queryable/.test(message)) {
    return new SyncError(
      `The connection to PostgreSQL at ${place(url)} broke off; nothing was half-written. Try again.`,
      {
        cause: error,
      },
    );
  }
  return error;
}
