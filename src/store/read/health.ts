import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { type SchemaState, schemaState } from '../migrate.ts';
import { type Client, codeOf, connect, type Pool } from '../pool.ts';

/** What a server tells of itself. */
export interface ServerFacts {
  /** As people say it: `16.4`. */
  readonly version: string;
  /** As it is compared: 160004. */
  readonly versionNumber: number;
  /** Of the database: `UTF8`. */
  readonly encoding: string;
  readonly database: string;
  readonly user: string;
  /** A standby, or a server that was made read-only. */
  readonly isReadOnly: boolean;
  /** By how many milliseconds its clock is ahead of ours. */
  readonly aheadMs: number;
}

/** Longer than any question here takes on a server that is well, in milliseconds. */
const TIMEOUT_MS = 10_000;
const SESSION_TIMEOUT_MS = 5_000;
/** Nobody's work is waited for longer than this. */
const PATIENCE = "set local lock_timeout = '5s'; set local statement_timeout = '10s'";

/** Whether a question here was given up because no answer came. */
export function isTimeout(error: unknown): boolean {
  return codeOf(error) === '' && error instanceof Error && error.message === 'Query read timeout';
}

async function ask<Row extends pg.QueryResultRow>(
  client: Client,
  text: string,
  timeoutMs = TIMEOUT_MS,
): Promise<Row[]> {
  const question = { text, query_timeout: timeoutMs };
  return (await client.query<Row>(question)).rows;
}

export async function serverFacts(client: Client): Promise<ServerFacts> {
  const asked = Date.now();
  const rows = await ask<Omit<ServerFacts, 'aheadMs'> & { now: Date }>(
    client,
    `select current_setting('server_version') as version, current_setting('server_version_num')::integer as "versionNumber",
      current_setting('server_encoding') as encoding, current_database() as database, current_user as user,
      pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as "isReadOnly", clock_timestamp() as now`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a query without a condition gave no row');
  const { now, ...facts } = row;
  return { ...facts, aheadMs: now.getTime() - (asked + Date.now()) / 2 };
}

/** What a sync would find of the schemas, by the rule that it follows itself. */
export function schemaOf(client: Client): Promise<SchemaState> {
  return schemaState((query) => ask(client, query));
}

/**
 * Does what a sync does, and takes it back: temporary tables, a row, and what a migration that is due would make.
 * @throws the database's error when one of them is refused.
 */
export async function tryWriting(client: Client, { state }: SchemaState): Promise<void> {
  const name = `doctor_${randomUUID().replaceAll('-', '')}`;
  const isThere = state === 'current' || state === 'older';
  await client.query('begin');
  try {
    await client.query(PATIENCE);
    await client.query(`create temporary table ${name} (number integer) on commit drop`);
    if (state === 'absent') await client.query(`create schema ${name}`);
    if (state === 'older') await client.query(`create table dbt_store.${name} (number integer)`);
    if (isThere) {
      await client.query(
        `insert into dbt_store.integration (integration_id, name) overriding system value
        values (-1 - floor(random() * 2000000000)::integer, '${name}')`,
      );
    }
  } finally {
    await client.query('rollback');
  }
}

/**
 * Whether something between us and the server gives each transaction another session, told by what it does: two clients
 * that ask in turn must each stay on a session of their own, also while the other one's transaction holds it.
 */
export async function isPooledByTransaction(pool: Pool): Promise<boolean> {
  const first = await connect(pool);
  const second = await connect(pool).catch((error: unknown) => {
    first.release();
    throw error;
  });
  try {
    const own = await sessionOf(first);
    const others = await sessionOf(second);
    if (own === others || (await sessionOf(first)) !== own || (await sessionOf(second)) !== others) return true;
    await second.query('begin');
    return (await sessionOf(second)) !== others || (await sessionOf(first)) !== own;
  } catch (error) {
    // A pooler with one session to give lets the first client wait for it in vain.
    if (isTimeout(error)) return true;
    throw error;
  } finally {
    first.release(true);
    second.release(true);
  }
}

async function sessionOf(client: Client): Promise<number> {
  const [row] = await ask<{ pid: number }>(client, 'select pg_backend_pid() as pid', SESSION_TIMEOUT_MS);
  return row?.pid ?? 0;
}
