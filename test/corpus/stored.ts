import pg from 'pg';
import { type Aspects, linesOf } from './expected-store.ts';

/** A column of what dbt builds, and what it is in the view of tests. */
function executed(column: string, ofTests: string): string {
  const views = ['models', 'seeds', 'snapshots'].map(
    (view) => `select integration, unique_id, ${column} from dbt.${view}`,
  );
  return [...views, `select integration, unique_id, ${ofTests} from dbt.tests`].join(' union all ');
}

/** Each asks of integration $1 what {@link Aspects} says of the artifacts; `bigint` comes as text unless it is cast. */
const QUESTIONS: Readonly<Record<keyof Aspects, string>> = {
  nodes: `select unique_id, resource_type, name from dbt.nodes
    where integration = $1 and state in ('defined', 'applied')`,
  code: `select unique_id, raw_code from (${executed('raw_code', 'raw_code')}) e
    where integration = $1 and raw_code <> ''`,
  states: `select unique_id, state from dbt.nodes where integration = $1 and state <> 'defined'`,
  edges: 'select parent_unique_id, child_unique_id from dbt.lineage where integration = $1',
  tested: 'select unique_id, tested_unique_id, column_name from dbt.tests where integration = $1',
  tags: `select n.unique_id, array(select tag from unnest(n.tags) tag order by tag collate "C")
    from dbt.nodes n where integration = $1 and cardinality(tags) > 0`,
  columns: `select unique_id, column_name, data_type, position, declared_type, coalesce(description, '')
    from dbt.columns where integration = $1`,
  rows: `select unique_id, row_count::double precision from (${executed('row_count', 'null')}) e
    where integration = $1 and row_count is not null`,
  results: 'select unique_id, status from dbt.run_results where integration = $1',
  statuses: `select unique_id, last_run_status from (${executed('last_run_status', 'status')}) e
    where integration = $1 and last_run_status is not null`,
  runs: `select run_id, status from dbt.runs where integration = $1 and not starts_with(run_id, 'invocation-')`,
  freshness: 'select unique_id, status, max_loaded_at, age_s from dbt.freshness_results where integration = $1',
};

/** What the reader views say of an integration, in the words of the comparison. */
export async function storedAspects(databaseUrl: string, integration: string): Promise<Aspects> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const found: Partial<Record<keyof Aspects, readonly string[]>> = {};
    for (const [aspect, text] of Object.entries(QUESTIONS) as [keyof Aspects, string][]) {
      const { rows } = await client.query<unknown[]>({ text, values: [integration], rowMode: 'array' });
      found[aspect] = linesOf(rows);
    }
    return found as Aspects;
  } finally {
    await client.end();
  }
}
