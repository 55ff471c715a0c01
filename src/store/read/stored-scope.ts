import { connect, databaseError, type Pool } from '../pool.ts';

/** The ids that are stored of an integration. */
export interface StoredScope {
  readonly accountId: number | null;
  /** Null for a folder of artifacts. */
  readonly environmentId: number | null;
}

/** What is stored under the name of an integration; null when there is nothing. The schema must be at this version. */
export async function findStored(pool: Pool, name: string): Promise<StoredScope | null> {
  const client = await connect(pool);
  try {
    const { rows } = await client.query<{ account_id: string | null; environment_id: string | null }>(
      'select account_id, environment_id from dbt_store.integration where name = $1',
      [name],
    );
    client.release();
    const [row] = rows;
    const idOf = (text: string | null) => (text === null ? null : Number(text));
    return row === undefined ? null : { accountId: idOf(row.account_id), environmentId: idOf(row.environment_id) };
  } catch (error) {
    client.release(true);
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}
