import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Kysely, type Migration, type MigrationProvider, Migrator, PostgresDialect, sql } from 'kysely';
import { FatalError } from '../domain/errors.ts';
import { databaseError, type Pool } from './pool.ts';

const FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url));
const OURS = {
  migrationTableSchema: 'dbt_store_migration',
  migrationTableName: 'migration',
  migrationLockTableName: 'lock',
};

/** The SQL files of `migrations/`, in the order of their names. */
class SqlFiles implements MigrationProvider {
  async getMigrations(): Promise<Record<string, Migration>> {
    const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
    const entries = names.map(async (name): Promise<[string, Migration]> => {
      const text = await readFile(`${FOLDER}/${name}`, 'utf8');
      return [name.slice(0, -'.sql'.length), { up: async (db) => void (await sql.raw(text).execute(db)) }];
    });
    return Object.fromEntries(await Promise.all(entries));
  }
}

/** What `migrate` did: names of the migrations that were applied now, oldest first. */
export interface MigrationReport {
  readonly applied: readonly string[];
  readonly version: string;
}

async function names(db: Kysely<unknown>, query: string): Promise<string[]> {
  const { rows } = await sql.raw<{ name: string }>(query).execute(db);
  return rows.map((row) => row.name);
}

async function refuseForeign(db: Kysely<unknown>, known: readonly string[]): Promise<void> {
  const schemas = await names(
    db,
    "select nspname as name from pg_namespace where nspname in ('dbt', 'dbt_store', 'dbt_store_migration')",
  );
  if (!schemas.includes('dbt_store_migration')) {
    if (schemas.length === 0) return;
    throw new FatalError(
      `The database already has a schema "${schemas[0]}" that is not dbt-observer's: give dbt-observer a database of its own.`,
    );
  }
  const tables = await names(
    db,
    "select tablename as name from pg_tables where schemaname = 'dbt_store_migration' and tablename = 'migration'",
  );
  if (tables.length === 0) return;
  const newer = (await names(db, 'select name from dbt_store_migration.migration')).filter(
    (name) => !known.includes(name),
  );
  if (newer.length > 0) {
    throw new FatalError(
      `The database was migrated by a newer dbt-observer (${newer.sort().at(-1)}): update dbt-observer on this machine.`,
    );
  }
}

/**
 * Brings the database to this version. Safe to call from any number of processes at once: one migrates, the others wait.
 * @throws FatalError when the database is newer than this version, or has a schema `dbt` that is not ours.
 */
export async function migrate(pool: Pool): Promise<MigrationReport> {
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const provider = new SqlFiles();
  const known = Object.keys(await provider.getMigrations()).sort();
  const url = pool.options.connectionString ?? '';
  try {
    await refuseForeign(db, known);
    const { error, results } = await new Migrator({ db, provider, ...OURS }).migrateToLatest();
    if (error !== undefined) throw error;
    return { applied: (results ?? []).map((result) => result.migrationName), version: known.at(-1) ?? '' };
  } catch (error) {
    if (error instanceof FatalError) throw error;
    const clear = databaseError(error, url);
    if (clear !== error) throw clear;
    const message = error instanceof Error ? error.message : String(error);
    throw new FatalError(`The database could not be migrated: ${message}.`, { cause: error });
  }
}
