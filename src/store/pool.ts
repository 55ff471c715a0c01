import pg from 'pg';
import { FatalError, SyncError } from '../domain/errors.ts';

/** What of the store needs a connection shares this pool. */
export type Pool = pg.Pool;
export type Client = pg.PoolClient;

// ENOENT: the folder of sockets has none of a server.
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ENOTFOUND',
  'ETIMEDOUT',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
const LOST = new Set(['57P01', '57P02', '57P03', '08006', '08003', '08001']);
const LOST_MESSAGE = /Connection terminated|connection error and is not queryable/;
const UNREACHABLE_MESSAGE = /timeout exceeded when trying to connect|due to connection timeout/;
const REFUSED = new Set(['28P01', '28000', '3D000']);
const DENIED = '42501';
const READ_ONLY = '25006';
const DISK_FULL = '53100';
const NO_SSL_MESSAGE = /server does not support SSL connections|error establishing an SSL connection/;
const NO_ROOT_MESSAGE = /sslmode=verify-ca requires specifying a CA/;
const OTHER_HOST = 'ERR_TLS_CERT_ALTNAME_INVALID';
/** OpenSSL's verdicts on a certificate, by the names Node gives them. */
const CERTIFICATE = /^(CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT)/;

/** The SQLSTATE or system code of an error; empty when it has none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function place(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port || '5432'}${pathname}`;
  } catch {
    return 'the configured address';
  }
}

function userOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url).username) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Gives sslmode the meaning it has for every other PostgreSQL client: pg takes the modes below verify-full for
 * verify-full, with a warning, unless it is asked for libpq's meaning
 * (https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION). Modes that only pg has keep theirs.
 */
export function withLibpqSslmode(url: string): string {
  const isTaken = /[?&]sslmode=(prefer|require|verify-ca)(?=&|$)/.test(url) && !/[?&]uselibpqcompat=/.test(url);
  return isTaken ? `${url}&uselibpqcompat=true` : url;
}

/** Enough for one pass, which holds one, and what is asked beside it. */
const CONNECTIONS = 4;

/**
 * A pool of at most so many connections on the database of the connection string. None is made yet.
 * @param url a function when the database may move: each new connection asks it where to go.
 */
export function createPool(url: string | (() => string), connections = CONNECTIONS): Pool {
  const pool = new pg.Pool({
    application_name: 'dbt-observer',
    max: connections,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  const get = () => withLibpqSslmode(typeof url === 'string' ? url : url());
  // Whoever connects beside the pool, or names the place of the database, takes it from there, too.
  Object.defineProperty(pool.options, 'connectionString', { get, enumerable: true });
  // A connection that breaks while idle is replaced by the pool; one in use fails its own query.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A connection of the pool. @throws SyncError or FatalError naming the host and what to do when there is none. */
export async function connect(pool: Pool): Promise<Client> {
  try {
    return await pool.connect();
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}

/** Whether the session went with the error, and all it held. */
export function isSessionLost(error: unknown): boolean {
  const code = codeOf(error);
  return LOST.has(code) || UNREACHABLE.has(code) || LOST_MESSAGE.test(messageOf(error));
}

/**
 * Says in one sentence what is wrong with the database, without its password: a FatalError when a person must change
 * something, a SyncError when it may pass. Errors of other kinds pass as they are.
 */
export function databaseError(error: unknown, url: string): unknown {
  const code = codeOf(error);
  const wrong = wrongSetting(error, url);
  if (wrong !== undefined) return new FatalError(wrong, { cause: error });
  if (UNREACHABLE.has(code) || UNREACHABLE_MESSAGE.test(messageOf(error))) {
    const what = `No PostgreSQL answers at ${place(url)} (${code || 'timeout'}): start it or correct database.url.`;
    return new SyncError(what, { cause: error });
  }
  if (isSessionLost(error)) {
    const what = `The connection to PostgreSQL at ${place(url)} broke off; nothing was half-written. Try again.`;
    return new SyncError(what, { cause: error });
  }
  if (code === DISK_FULL) {
    const what = `The disk of PostgreSQL at ${place(url)} is full (${messageOf(error)}): make room there and try again.`;
    return new SyncError(what, { cause: error });
  }
  return error;
}

function wrongSetting(error: unknown, url: string): string | undefined {
  const code = codeOf(error);
  const message = messageOf(error);
  if (code === DENIED) return denied(message, url);
  if (code === READ_ONLY) {
    return `PostgreSQL at ${place(url)} lets nobody write: it is a standby, or read-only. Give the address of the primary server in database.url.`;
  }
  if (REFUSED.has(code)) {
    const mend = /no encryption|SSL off/.test(message)
      ? 'It may want SSL: add sslmode=require to database.url, or admit this host in its pg_hba.conf.'
      : 'Correct user, password and database in database.url.';
    return `PostgreSQL at ${place(url)} refuses the connection: ${message}. ${mend}`;
  }
  if (NO_SSL_MESSAGE.test(message)) {
    return `PostgreSQL at ${place(url)} has no SSL, which database.url asks for: switch ssl on in that server, or write sslmode=disable if the network may be trusted.`;
  }
  if ((error as { syscall?: unknown } | null)?.syscall === 'open') {
    return `A file that database.url names cannot be read: ${message}. Correct sslrootcert, sslcert and sslkey.`;
  }
  if (NO_ROOT_MESSAGE.test(message)) {
    return 'sslmode=verify-ca in database.url needs sslrootcert=<file> with the certificate authority of the server: add it, or write sslmode=verify-full to trust the public ones.';
  }
  if (code === OTHER_HOST) {
    return `The certificate of PostgreSQL at ${place(url)} is for another host (${message.replace(/[:\s]+$/, '')}): write the name it is for into database.url, or sslmode=verify-ca with sslrootcert=<file>.`;
  }
  if (CERTIFICATE.test(code)) {
    return `The certificate of PostgreSQL at ${place(url)} is not trusted (${message}): name its certificate authority with sslrootcert=<file> in database.url, or write sslmode=require to encrypt without checking it.`;
  }
  return undefined;
}

function denied(message: string, url: string): string {
  const user = userOf(url);
  const role = user === undefined ? 'the role of database.url' : `role "${user}"`;
  const name = user === undefined ? 'it' : `"${user}"`;
  const mend = /for database /.test(message)
    ? `let its owner grant create on it to ${name}`
    : `to read, it needs: grant dbt_reader to ${name}; to sync or migrate, connect as the owner of the schemas dbt and dbt_store`;
  return `At PostgreSQL ${place(url)}, ${role} lacks a right (${message}): ${mend}.`;
}
