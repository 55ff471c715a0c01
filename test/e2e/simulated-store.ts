import type pg from 'pg';
import { query } from '../store/database.ts';

const at = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${column}`;
const times = (...columns: string[]) => columns.map(at).join(', ');

const RUNS = `select run_id, job_id::float8, job_name, environment_id::float8, status, cause, git_sha, git_branch, dbt_version,
  ${times('created_at', 'started_at', 'finished_at')}, retry_of_run_id, sets_state,
  models_ok, models_failed, tests_passed, tests_failed, tests_warned, results_source,
  results_missing_reason is not null, error_message from dbt.runs where status in ('success', 'error', 'cancelled')`;
const STEPS = `select run_id, step, name, command, invocation_id, status, ${times('started_at', 'finished_at')}, results
  from dbt.run_steps`;
const RESULTS = `select run_id, step, invocation_id, unique_id, resource_type, status, message, failures::float8,
  ${times('executed_at', 'started_at', 'completed_at')}, execution_time_s, rows_affected::float8, thread_id,
  adapter_response, results_source, sets_state, batches_successful, batches_failed from dbt.run_results`;
const CHECKS = `select unique_id, status, ${times('max_loaded_at', 'snapshotted_at')}, age_s, warn_after_s, error_after_s, run_id
  from dbt.freshness_results`;
const TESTS = `select unique_id, status, message, failures::float8, last_run_id,
  ${times('last_run_at', 'last_executed_at', 'status_since')}, consecutive_failures,
  ${times('last_pass_at', 'failing_since')}, since_is_exact from dbt.tests where status is not null`;
const built = (view: string) => `select unique_id, last_run_status, last_run_error, last_run_id,
  ${times('last_run_at', 'last_executed_at', 'status_since')}, consecutive_failures,
  last_success_run_id, ${times('last_success_at')}, execution_time_s from dbt.${view} where last_run_status is not null`;

const RUN_TABLES = { run: RUNS, step: STEPS, result: RESULTS, check: CHECKS };
const STATE_TABLES = {
  test: TESTS,
  built: ['models', 'seeds', 'snapshots'].map(built).join(' union all '),
};

async function linesOf(url: string, tables: { readonly [table: string]: string }): Promise<string[]> {
  const lines: string[] = [];
  for (const [table, statement] of Object.entries(tables)) {
    const rows = await query<pg.QueryResultRow>(url, statement);
    for (const row of rows) lines.push(`${table} ${JSON.stringify(Object.values(row))}`);
  }
  return lines.sort();
}

/** What readers see of runs that ended, in the form of the simulation's truth. */
export const storedRunLines = (url: string): Promise<string[]> => linesOf(url, RUN_TABLES);

/** The same, with the state of each node. */
export const storedLines = (url: string): Promise<string[]> => linesOf(url, { ...RUN_TABLES, ...STATE_TABLES });

const TABLES = ['job', 'run', 'run_step', 'run_result', 'freshness_result', 'node_status', 'node'];
/** Told by the order in which rows came. */
const IDS = ['integration_id', 'node_id'];

/** All columns of the tables that runs are stored in, but for ids of our own and what else is `leftOut`. */
export async function tableLines(url: string, leftOut: readonly string[] = []): Promise<string[]> {
  const lines: string[] = [];
  for (const table of TABLES) {
    const ofNode = ['run_result', 'freshness_result', 'node_status'].includes(table);
    const join = ofNode ? 'join dbt_store.node n using (integration_id, node_id)' : '';
    const rows = await query<{ line: string }>(
      url,
      `select ${ofNode ? "n.unique_id || ' ' || " : ''}(to_jsonb(t) - $1::text[])::text as line from dbt_store.${table} t ${join}`,
      [[...IDS, ...leftOut]],
    );
    for (const row of rows) lines.push(`${table} ${row.line}`);
  }
  return lines.sort();
}
