import pg from 'pg';
import { connect, databaseError, type Pool } from '../pool.ts';

/** Runs queries of one snapshot. A bigint comes as a number where a number holds it exactly, else as its digits. */
export interface Reader {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<{ readonly rows: Row[] }>;
}

/** What a bigint column gives to a {@link Reader}. */
export type BigIntValue = number | string;

const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (id, format) =>
    id === pg.types.builtins.INT8 ? bigIntValue : pg.types.getTypeParser(id, format as 'text'),
};

function bigIntValue(digits: string): BigIntValue {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : digits;
}

/**
 * Runs read-only queries that all see the same moment. Gives undefined when no store was ever made in the database.
 * @throws SyncError when the database cannot be reached.
 */
export async function readSnapshot<Result>(
  pool: Pool,
  work: (reader: Reader) => Promise<Result>,
): Promise<Result | undefined> {
  const client = await connect(pool);
  const reader: Reader = { query: (text, values = []) => client.query({ text, values: [...values], types: TYPES }) };
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    const { rows } = await reader.query<{ there: boolean }>(
      "select to_regclass('dbt.integrations') is not null as there",
    );
    const result = rows[0]?.there === true ? await work(reader) : undefined;
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}
