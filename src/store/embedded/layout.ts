import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Name of the database, and of the role that owns it, in every embedded server. */
export const DATABASE = 'dbt_observer';

/** Where the parts of one embedded PostgreSQL lie. `cluster` appears in one rename, so either all of it is there or nothing. */
export type Layout = {
  readonly home: string;
  readonly cluster: string;
  readonly data: string;
  readonly password: string;
  readonly port: string;
  readonly log: string;
};

export function layoutIn(home: string): Layout {
  const cluster = join(home, 'cluster');
  return {
    home,
    cluster,
    data: join(cluster, 'data'),
    password: join(cluster, 'password'),
    port: join(cluster, 'port'),
    log: join(cluster, 'server.log'),
  };
}

/** The file that says where the data is, when the server's user cannot reach the directory itself. */
export function pointerIn(directory: string): string {
  return join(directory, 'data-location');
}

/** What unfinished work is called until it is renamed; the number of its process follows. */
export const UNFINISHED = 'unfinished-';

/** A new folder for work that gets its name only when it is done, and that a later start clears away if it never is. */
export function unfinishedIn(home: string): Promise<string> {
  return mkdtemp(join(home, `${UNFINISHED}${process.pid}-`));
}

/** The layout that belongs to a directory, without creating anything. */
export async function locate(directory: string): Promise<Layout> {
  const elsewhere = await readIfThere(pointerIn(directory));
  return layoutIn(elsewhere?.trim() || directory);
}

/** A file's text, or undefined when there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The `code` that Node's system errors and Postgres' errors carry. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
