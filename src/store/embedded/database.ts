import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { FatalError } from '../../domain/errors.ts';
import { DATABASE, errorCode, type Layout } from './layout.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** SQLSTATE classes and codes, appendix A of the PostgreSQL manual. */
const NO_SUCH_DATABASE = '3D000';
const MADE_BY_ANOTHER = new Set(['42P04', '23505', '55006']);
const WRONG_PASSWORD = new Set(['28P01', '28000']);

/** The connection string of a server on a port. It holds the password: never print it except where asked for. */
export async function connectionString(layout: Layout, port: number): Promise<string> {
  const password = (await readFile(layout.password, 'utf8')).trim();
  return `postgresql://${DATABASE}:${encodeURIComponent(password)}@127.0.0.1:${port}/${DATABASE}`;
}

/**
 * Proves that the server on a port is ours, by its password, and that it has our database, which is made when missing.
 *
 * @returns false when nothing answers there yet and it is worth looking again.
 */
export async function hasDatabase(layout: Layout, port: number): Promise<boolean> {
  const url = await connectionString(layout, port);
  const failed = await connectAndRun(url, 'SELECT 1');
  if (failed === undefined) return true;
  const code = errorCode(failed) ?? '';
  if (WRONG_PASSWORD.has(code)) {
    throw new FatalError(
      `The embedded PostgreSQL on port ${port} refuses the password in ${layout.password}. ` +
        'Put the file that belongs to its data back, or stop the server, move the folder away and start again.',
      { cause: failed },
    );
  }
  if (code !== NO_SUCH_DATABASE) return false;
  const maintenance = url.replace(/[^/]*$/, 'postgres');
  const refused = await connectAndRun(maintenance, `CREATE DATABASE ${DATABASE}`);
  if (refused === undefined) return true;
  if (MADE_BY_ANOTHER.has(errorCode(refused) ?? '')) return false;
  throw new FatalError(
    `The embedded PostgreSQL on port ${port} cannot make the database ${DATABASE}: ${refused.message}. ` +
      `Look into ${layout.log}, mend the cause and start again.`,
    { cause: refused },
  );
}

async function connectAndRun(connectionString: string, statement: string): Promise<Error | undefined> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, ssl: false });
  // A server that goes away between two steps is reported by the step that fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await client.end().catch(() => undefined);
  }
}
