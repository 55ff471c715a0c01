import type pg from 'pg';
import { VIEW_KEYS } from '../e2e/differences.ts';

type Row = Record<string, unknown>;

/** The rows of each reader view by their keys. */
export type Dump = Record<string, Map<string, Row>>;

/** It is told as of the moment of reading. */
const OF_NOW = ['age_now_s'];

/** What readers see of an integration, its name aside. */
export async function dumpOf(client: pg.Client, integration: string): Promise<Dump> {
  const dump: Dump = {};
  for (const [view, key] of Object.entries(VIEW_KEYS)) {
    const { rows } = await client.query<Row>(`select * from dbt.${view} where integration = $1`, [integration]);
    const entries = rows.map(({ integration: _, ...row }): [string, Row] => {
      for (const column of OF_NOW) delete row[column];
      return [
        key.map((column) => String(row[column] instanceof Date ? row[column].toISOString() : row[column])).join(' | '),
        row,
      ];
    });
    dump[view] = new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return dump;
}
