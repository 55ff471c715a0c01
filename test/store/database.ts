import pg from 'pg';
import { inject } from 'vitest';
import { startEmbedded } from '../../src/store/embedded/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createPool } from '../../src/store/pool.ts';

/** A database of its own for one test: migrated, empty, on the server of this run. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Any number that all processes of a run take for the same lock. */
const TEMPLATE_LOCK = 7_240_117;

let ready: Promise<{ server: string; template: string; prefix: string }> | undefined;
let made = 0;

/** Makes a database by copying the migrated template; whoever comes first makes the template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  ready ??= prepare();
  const { server, template, prefix } = await ready;
  return create(server, `${prefix}_${process.pid}_${++made}`, ` template ${template}`);
}

/** A database in which no migration has run. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  ready ??= prepare();
  const { server, prefix } = await ready;
  return create(server, `${prefix}_${process.pid}_${++made}`, '');
}

/** Runs statements on a database, on one connection, and gives the rows of the last one. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(statement, values)).rows);
}

/** Drops every database whose name begins with the prefix. */
export async function dropDatabases({ url, prefix }: { url: string; prefix: string }): Promise<void> {
  const found = await query<{ datname: string }>(
    url,
    'select datname from pg_database where starts_with(datname, $1)',
    [prefix],
  );
  for (const { datname } of found) await query(url, `drop database "${datname}" with (force)`);
}

async function create(server: string, name: string, source: string): Promise<TestDatabase> {
  await query(server, `create database ${name}${source}`);
  return {
    url: urlOf(server, name),
    drop: async () => void (await query(server, `drop database if exists ${name} with (force)`)),
  };
}

async function prepare() {
  const { directory, url, prefix } = inject('testServer');
  const server = url ?? (await startEmbedded({ directory, durable: false })).url;
  const template = `${prefix}_template`;
  await withClient(server, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount === 0) await makeTemplate(client, server, template);
  });
  return { server, template, prefix };
}

/** It gets its name when it is whole: a run that was stopped in between leaves no half template. */
async function makeTemplate(client: pg.Client, server: string, template: string): Promise<void> {
  const draft = `${template}_draft`;
  await client.query(`drop database if exists ${draft} with (force)`);
  await client.query(`create database ${draft}`);
  const pool = createPool(urlOf(server, draft));
  try {
    await migrate(pool);
  } finally {
    await pool.end();
  }
  await client.query(`alter database ${draft} rename to ${template}`);
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
