import type pg from 'pg';
import { compareRows } from '../oracle/compare.ts';
import { expectedAfter, type ViewName } from '../oracle/expected.ts';
import type { History } from '../oracle/load.ts';

const NODE_KEY = ['unique_id'];
const RESULT_KEY = ['run_id', 'step', 'unique_id'];
const EDGE_KEY = ['parent_unique_id', 'child_unique_id'];
/** Each reader view that the oracle knows, with the columns that tell its rows apart. */
export const VIEW_KEYS: Record<ViewName, string[]> = {
  nodes: NODE_KEY,
  removed_nodes: NODE_KEY,
  models: NODE_KEY,
  seeds: NODE_KEY,
  snapshots: NODE_KEY,
  tests: NODE_KEY,
  sources: NODE_KEY,
  exposures: NODE_KEY,
  metrics: NODE_KEY,
  semantic_models: NODE_KEY,
  saved_queries: NODE_KEY,
  groups: NODE_KEY,
  macros: NODE_KEY,
  columns: ['unique_id', 'column_name'],
  lineage: EDGE_KEY,
  relation_lineage: EDGE_KEY,
  relations: NODE_KEY,
  run_results: RESULT_KEY,
  test_results: RESULT_KEY,
  freshness_results: ['unique_id', 'snapshotted_at'],
  changes: ['unique_id', 'changed_at', 'aspect', 'item'],
  status_changes: ['unique_id', 'changed_at', 'run_id'],
};
/** A member that an artifact leaves out is null in the API's answer. */
const LEFT_OUT = [
  'entities',
  'dimensions',
  'measures',
  'query_params',
  'exports',
  'type_params',
  'filter',
  'arguments',
];

/** What differs between the views and the artifacts, one line each, once syncs have followed the runs `syncsAfter`. */
export async function differences(
  client: pg.Client,
  history: History,
  { integration, run, syncsAfter }: { integration: string; run: number; syncsAfter: readonly number[] },
): Promise<string[]> {
  const options = { integration, accessUrl: 'https://ab123.us1.dbt.com', now: new Date(), syncsAfter };
  const expected = expectedAfter(history, run, options);
  const found: string[] = [];
  for (const [view, key] of Object.entries(VIEW_KEYS) as [ViewName, string[]][]) {
    const { rows } = await client.query(`select * from dbt.${view} where integration = $1`, [integration]);
    found.push(...compareRows(rows, expected[view], { key, nullIsAbsent: LEFT_OUT }).map((line) => `${view}: ${line}`));
  }
  return found;
}
