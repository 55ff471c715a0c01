import { readFile } from 'node:fs/promises';
import { Kysely, type Migration, type MigrationProvider, Migrator, PostgresDialect, sql } from 'kysely';
import { FOLDER, knownMigrations } from './migrate.ts';
import type { Pool } from './pool.ts';

const OURS = {
  migrationTableSchema: 'dbt_store_migration',
  migrationTableName: 'migration',
  migrationLockTableName: 'lock',
};

/** The SQL files of `migrations/`, in the order of their names. */
class SqlFiles implements MigrationProvider {
  async getMigrations(): Promise<Record<string, Migration>> {
    const entries = (await knownMigrations()).map(async (name): Promise<[string, Migration]> => {
      const text = await readFile(`${FOLDER}/${name}.sql`, 'utf8');
      return [name, { up: async (db) => void (await sql.raw(text).execute(db)) }];
    });
    return Object.fromEntries(await Promise.all(entries));
  }
}

/** Applies what is missing while others wait, and gives the names of what was applied, oldest first. */
export async function applyMigrations(pool: Pool): Promise<string[]> {
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const { error, results } = await new Migrator({ db, provider: new SqlFiles(), ...OURS }).migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map(({ migrationName }) => migrationName);
}
