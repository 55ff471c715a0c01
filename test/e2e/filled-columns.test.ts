import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Loop, openLoop } from './loop.ts';

const HISTORY = fileURLToPath(new URL('../../demo/histories/duckdb', import.meta.url));

/** What the Discovery API does not have (README, "What the Discovery API does not have"). */
const NOT_IN_DISCOVERY = [
  /\.relation_name$/,
  /\.details$/,
  /^columns\.declared_type$/,
  /^(seeds|sources)\.(config|compiled_code|raw_code)$/,
  /^metrics\.label$/,
  /^(semantic_models|saved_queries)\.(label|group_name)$/,
  /^(run_results|test_results)\.(invocation_id|rows_affected|thread_id|adapter_response)$/,
  /^changes\.git_sha$/,
  /^integrations\.environment_name$/,
  /^(jobs|run_steps)\./,
  /^runs\.(job_name|status|cause|git_sha|git_branch|dbt_version|(created|started|finished)_at|duration_s|queued_s)$/,
  /^runs\.(retry_of_run_id|results_missing_reason|url|error_message)$/,
  /^run_results\.batches_(successful|failed)$/,
  /^sync_runs\.fallback_reason$/,
];

/** What a column of one type cannot have: its view repeats the columns of all nodes. */
const NOT_OF_THIS_TYPE = [
  /^(seeds|snapshots|sources)\.(access|group_name|layer|version|latest_version|deprecation_date|contract_enforced)$/,
  /^sources\.(materialization)$/,
  /^removed_nodes\.(version|latest_version|deprecation_date)$/,
];

/** True of this project only: nothing of the kind happened to it. */
const NOT_IN_THE_DEMO = [
  /^(seeds|snapshots)\.(last_run_error|owner_name|owner_email|tests_.*|test_status)$/,
  /^(sources|semantic_models|saved_queries)\.owner_(name|email)$/,
  /^tests\.test_namespace$/,
  /^rejects\./,
  /\.(row_count|bytes)$/,
  /^integrations\.job_id$/,
  /^failing_now\.root_cause_unique_id$/,
  // It is not 30 days old.
  /^slowest_models\.(previous_p50_s|change_ratio)$/,
];

let loop: Loop;
let client: pg.Client;
/** Columns of each view with a value in some row after some run. */
const filled = new Set<string>();
const columnsOf = new Map<string, string[]>();

async function look(): Promise<void> {
  for (const [view, columns] of columnsOf) {
    const counts = columns.map((name) => `count(${name}) > 0 as ${name}`).join(', ');
    const { rows } = await client.query(`select ${counts} from dbt.${view}`);
    for (const name of columns) if (rows[0][name] === true) filled.add(`${view}.${name}`);
  }
}

beforeAll(async () => {
  loop = await openLoop(HISTORY, 'duckdb', { schedule: '0 7 * * *' });
  client = new pg.Client(loop.databaseUrl);
  await client.connect();
  const { rows } = await client.query<{ view: string; columns: string[] }>(
    `select table_name as view, array_agg(column_name::text) as columns from information_schema.columns
    where table_schema = 'dbt' and table_name in (select table_name from information_schema.views where table_schema = 'dbt')
    group by table_name`,
  );
  for (const { view, columns } of rows) columnsOf.set(view, columns);
  for (let run = 0; run <= 15; run++) {
    await loop.advance(run);
    // Before its first run the environment has no applied state, which ends the sync with an error.
    await loop.sync().catch((error: Error) => expect(run, error.message).toBe(0));
    await look();
  }
}, 60_000);

afterAll(async () => {
  await client?.end();
  await loop?.close();
});

it('fills every column in some row, but for those that have a reason', () => {
  const all = [...columnsOf].flatMap(([view, columns]) => columns.map((name) => `${view}.${name}`));
  const reasons = [...NOT_IN_DISCOVERY, ...NOT_OF_THIS_TYPE, ...NOT_IN_THE_DEMO];
  expect(all.filter((column) => !filled.has(column) && !reasons.some((reason) => reason.test(column)))).toEqual([]);
});

it('names no reason for a column that is filled', () => {
  expect([...filled].filter((column) => NOT_IN_DISCOVERY.some((reason) => reason.test(column)))).toEqual([]);
});
