import { type Client, connect, databaseError, type Pool } from './pool.ts';

/** Runs work in one transaction: all of it is there afterwards, or nothing. @throws SyncError when the connection breaks. */
export async function inTransaction<Result>(pool: Pool, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = await connect(pool);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // Closing the session rolls back whatever state it is in.
    client.release(true);
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}
