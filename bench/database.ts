import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { startEmbedded, stopEmbedded } from '../src/store/embedded/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { createPool } from '../src/store/pool.ts';

/** The server of a run, and a folder of its own. */
export interface Server {
  readonly url: string;
  readonly folder: string;
  readonly version: string;
  /** Stops the server when it is ours, and removes what the run left. */
  stop(): Promise<void>;
}

export interface Exported {
  /** The rows of each table in the text format of COPY. */
  readonly files: { readonly [table: string]: string };
  readonly rows: number;
}

/** Those of the tables below whose rows a source tells: the others follow from them. */
export const TOLD = ['node', 'node_column', 'edge', 'run_result', 'freshness_result'];

/** The tables that hold what a sync keeps, in an order that foreign keys allow. */
const TABLES = [
  'integration',
  'job',
  'run',
  'run_step',
  'node',
  'node_column',
  'edge',
  'run_result',
  'node_status',
  'freshness_result',
  'node_change',
  'run_count',
  'node_day',
  'status_change',
  'coverage_day',
  'sync_run',
];

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A server that is given, or an embedded one with the settings that users get, in a temporary folder. */
export async function startServer(given: string | undefined): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'dbt-observer-bench-'));
  // As root the server runs as another user, who must be able to pass through.
  await chmod(folder, 0o711);
  const directory = join(folder, '.dbt-observer');
  let data: string | undefined;
  const stop = async () => {
    if (given === undefined) await stopEmbedded({ directory });
    if (data !== undefined) await rm(dirname(dirname(data)), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const started = given === undefined ? await startEmbedded({ directory }) : undefined;
    data = started?.dataDirectory;
    const url = given ?? started?.url ?? '';
    const { rows } = await withClient(url, (client) => client.query<{ server_version: string }>('show server_version'));
    return { url, folder, version: rows[0]?.server_version ?? 'unknown', stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A new database, migrated and empty. Gives its connection string. */
export async function createDatabase({ url }: Server, name: string): Promise<string> {
  await withClient(url, (client) => client.query(`create database ${name}`));
  const database = new URL(url);
  database.pathname = `/${name}`;
  const pool = createPool(database.href);
  try {
    await migrate(pool);
  } finally {
    await pool.end();
  }
  return database.href;
}

export async function dropDatabase({ url }: Server, name: string): Promise<void> {
  await withClient(url, (client) => client.query(`drop database if exists ${name} with (force)`));
}

/** What earlier work left to be written is written now, and not while something is measured. */
export async function settle(url: string): Promise<void> {
  await withClient(url, async (client) => {
    try {
      await client.query('checkpoint');
    } catch (error) {
      // A server that was given may not let us; its own checkpoints are then part of what is measured.
      if ((error as { code?: string }).code !== '42501') throw error;
    }
  });
}

/** Writes every final row into files, once, for the floor to load. */
export async function exportRows(url: string, folder: string): Promise<Exported> {
  return withClient(url, async (client) => {
    const files: Record<string, string> = {};
    let rows = 0;
    for (const table of TABLES) {
      const file = join(folder, `${table}.copy`);
      // Of a query, so that columns that the store itself fills are among them.
      const copy = client.query(copyTo(`copy (select * from dbt_store.${table}) to stdout`));
      await pipeline(copy, createWriteStream(file));
      files[table] = file;
      rows += copy.rowCount;
    }
    return { files, rows };
  });
}

/** Empty tables like those of the store, with their primary keys and nothing else. */
export async function createFloorTables(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('drop schema if exists floor cascade; create schema floor');
    for (const table of TABLES) {
      const { rows } = await client.query<{ key: string }>(
        `select pg_get_constraintdef(oid) as key from pg_constraint where conrelid = $1::regclass and contype = 'p'`,
        [`dbt_store.${table}`],
      );
      await client.query(
        `create table floor.${table} (like dbt_store.${table}); alter table floor.${table} add ${rows[0]?.key}`,
      );
    }
  });
}
