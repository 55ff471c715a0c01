import { type Client, connect, databaseError, type Pool } from '../pool.ts';

/**
 * Runs read-only queries that all see the same moment. Gives undefined when no store was ever made in the database.
 * @throws SyncError when the database cannot be reached.
 */
export async function readSnapshot<Result>(
  pool: Pool,
  work: (client: Client) => Promise<Result>,
): Promise<Result | undefined> {
  const client = await connect(pool);
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    const { rows } = await client.query<{ there: boolean }>(
      "select to_regclass('dbt.integrations') is not null as there",
    );
    const result = rows[0]?.there === true ? await work(client) : undefined;
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}
