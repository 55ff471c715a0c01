import { schemaState } from '../store/migrate.ts';
import { databaseError, type Pool } from '../store/pool.ts';

/** What one part that a process needs says of itself. */
export interface Check {
  readonly name: string;
  /** One sentence without secrets; null when nothing is wrong. */
  readonly problem: string | null;
}

const LATE_MS = 3_000;

async function check(name: string, work: () => Promise<string | null>): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('It does not answer in time.'), LATE_MS);
  });
  const told = work().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  return { name, problem: await Promise.race([told, late]).finally(() => clearTimeout(timer)) };
}

async function ask(pool: Pool, query: string): Promise<{ name: string }[]> {
  try {
    return (await pool.query<{ name: string }>(query)).rows;
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}

const SCHEMA: { readonly [state: string]: string } = {
  absent: 'The database holds nothing yet: run migrate.',
  foreign: 'The database has a schema of our name that is not ours: give dbt-observer a database of its own.',
  older: 'The database is of an older version: run migrate.',
  newer: 'The database is of a newer version: update dbt-observer on this machine.',
};

/**
 * Looks whether this process can do its work.
 * @param queue says in one sentence what is wrong with the queue, or null; left out: there is none.
 */
export async function readiness(pool: Pool, queue?: () => Promise<string | null>): Promise<readonly Check[]> {
  const database = await check('database', async () => {
    await ask(pool, 'select');
    return null;
  });
  if (database.problem !== null) return [database];
  const checks = [
    check('migrations', async () => SCHEMA[(await schemaState((query) => ask(pool, query))).state] ?? null),
    ...(queue ? [check('queue', queue)] : []),
  ];
  return [database, ...(await Promise.all(checks))];
}
