import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FatalError } from '../domain/errors.ts';
import { MIGRATION_LOCK } from './lock.ts';
import { connect, databaseError, type Pool } from './pool.ts';

/** Where the SQL files are. */
export const FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url));

/** What `migrate` did: names of the migrations that were applied now, oldest first. */
export interface MigrationReport {
  readonly applied: readonly string[];
  readonly version: string;
}

/** How the database's schemas compare with what this version would make of them. */
export type SchemaState =
  | { readonly state: 'absent' }
  /** A schema of our name that somebody else made. */
  | { readonly state: 'foreign'; readonly schema: string }
  | { readonly state: 'current' | 'older' | 'newer'; readonly version: string };

/** Names of the migrations of this version, oldest first. */
export async function knownMigrations(): Promise<string[]> {
  const files = await readdir(FOLDER);
  return files.flatMap((name) => /^(.*)\.sql$/.exec(name)?.[1] ?? []).sort();
}

/**
 * Whose the schemas of our names are, by the migrations that were applied: without any there is nothing of ours but,
 * after a first try that broke off, the empty place where they are noted. `ask` gives the rows of a query.
 */
export async function schemaState(ask: (query: string) => Promise<readonly { name: string }[]>): Promise<SchemaState> {
  const names = async (query: string) => (await ask(query)).map(({ name }) => name);
  const known = await knownMigrations();
  // Asked first: whoever migrates now makes both at once, so a schema that is seen here is noted in what is read next.
  const [schema] = await names(
    "select nspname as name from pg_namespace where nspname in ('dbt', 'dbt_store') order by 1",
  );
  const places = await names(
    "select relname as name from pg_class where oid = to_regclass('dbt_store_migration.migration')",
  );
  const applied =
    places.length === 0 ? [] : await names('select name from dbt_store_migration.migration order by name');
  const last = applied.at(-1);
  if (last === undefined) return schema === undefined ? { state: 'absent' } : { state: 'foreign', schema };
  const newer = applied.filter((name) => !known.includes(name)).at(-1);
  if (newer !== undefined) return { state: 'newer', version: newer };
  return { state: known.every((name) => applied.includes(name)) ? 'current' : 'older', version: last };
}

function refuseForeign(found: SchemaState): void {
  if (found.state === 'foreign') {
    throw new FatalError(
      `The database already has a schema "${found.schema}" that is not dbt-observer's: give dbt-observer a database of its own.`,
    );
  }
  if (found.state === 'newer') {
    throw new FatalError(
      `The database was migrated by a newer dbt-observer (${found.version}): update dbt-observer on this machine.`,
    );
  }
}

/**
 * Brings the database to this version. Safe to call from any number of processes at once: one migrates, the others wait.
 * @throws FatalError when the database is newer than this version, or has a schema `dbt` that is not ours.
 */
export async function migrate(pool: Pool): Promise<MigrationReport> {
  const version = (await knownMigrations()).at(-1) ?? '';
  try {
    const found = await schemaState(async (query) => (await pool.query<{ name: string }>(query)).rows);
    refuseForeign(found);
    if (found.state === 'current') return { applied: [], version };
    // Most commands find everything there, and need nothing of what it takes to make it.
    const { applyMigrations } = await import('./apply-migrations.ts');
    return { applied: await applyMigrations(pool), version };
  } catch (error) {
    if (error instanceof FatalError) throw error;
    const clear = databaseError(error, pool.options.connectionString ?? '');
    if (clear !== error) throw clear;
    const message = error instanceof Error ? error.message : String(error);
    throw new FatalError(`The database could not be migrated: ${message}.`, { cause: error });
  }
}

/** Changes schemas while no other process does so in this way. */
export async function migrateAlone(pool: Pool, change: () => Promise<void>): Promise<void> {
  const client = await connect(pool);
  try {
    await client.query('select pg_advisory_lock($1, 0)', [MIGRATION_LOCK]);
    await change();
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  } finally {
    // The lock goes with the session.
    client.release(true);
  }
}
