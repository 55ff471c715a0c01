import { BUILD_FIELDS, DEFINITION_FIELDS } from '../fields.ts';
import type { Client } from '../pool.ts';

/** Which of the statements of one thing a row belongs to, so that what two of them say is never mixed. */
const TELLING = 'telling integer';

/** What identifies and orders a statement; all that is staged of one that says what is stored already. */
const DEFINITION_HEAD = [
  TELLING,
  'unique_id text',
  'resource_type text',
  'state text',
  'at timestamptz',
  'run_id text',
  'digest text',
];
/** With the digest of the code that was compiled with it. */
const BUILD_HEAD = ['unique_id text', 'at timestamptz', 'digest text', 'code text'];

/** What both sources tell of a result. */
const RESULT = [
  'unique_id text',
  'job_id bigint',
  'run_id text',
  'step integer',
  'status text',
  'message text',
  'failures bigint',
  'executed_at timestamptz',
  'started_at timestamptz',
  'completed_at timestamptz',
  'execution_time_s double precision',
];

/** The staging tables of a pass: temporary, so they go with the session whatever happens. */
const TABLES: { readonly [table: string]: readonly string[] } = {
  stage_definition: [
    ...DEFINITION_HEAD,
    'hash text',
    'absent text[]',
    ...DEFINITION_FIELDS.map(({ column, type }) => `${column} ${type}`),
    'properties jsonb',
  ],
  stage_edge: [TELLING, 'child text', 'parent text'],
  stage_build: [...BUILD_HEAD, 'absent text[]', ...BUILD_FIELDS.map(({ column, type }) => `${column} ${type}`)],
  stage_code: ['unique_id text', 'is_built boolean', 'at timestamptz', 'digest text', 'compiled_code text'],
  stage_catalog: [
    TELLING,
    'unique_id text',
    'at timestamptz',
    'digest text',
    'described text',
    'row_count bigint',
    'bytes bigint',
  ],
  stage_column: [
    TELLING,
    'unique_id text',
    'name text',
    'position integer',
    'data_type text',
    'comment text',
    'description text',
    'tags text[]',
    'meta jsonb',
  ],
  stage_described: [TELLING, 'unique_id text', 'is_declared boolean', 'digest text'],
  stage_declared: [
    TELLING,
    'unique_id text',
    'name text',
    'declared_type text',
    'description text',
    'tags text[]',
    'meta jsonb',
  ],
  stage_result: RESULT,
  stage_step_result: [
    ...RESULT,
    'rows_affected bigint',
    'adapter_response jsonb',
    'thread_id text',
    'invocation_id text',
    'batches_successful integer',
    'batches_failed integer',
  ],
  stage_freshness: [
    'unique_id text',
    'snapshotted_at timestamptz',
    'status text',
    'max_loaded_at timestamptz',
    'age_s double precision',
    'warn_after_s double precision',
    'error_after_s double precision',
    'run_id text',
    'job_id bigint',
  ],
  stage_seen: ['unique_id text'],
  stage_job: [
    'job_id bigint',
    'name text',
    'job_type text',
    'environment_id bigint',
    'schedule text',
    'steps text[]',
    'deactivated boolean',
  ],
  stage_run: [
    'run_id text',
    'job_id bigint',
    'environment_id bigint',
    'status text',
    'cause text',
    'reason text',
    'git_sha text',
    'git_branch text',
    'dbt_version text',
    'created_at timestamptz',
    'started_at timestamptz',
    'finished_at timestamptz',
    'retry_of_run_id text',
    'url text',
    'error_message text',
    'sets_state boolean',
    'results_complete boolean',
    'results_missing_reason text',
  ],
  stage_step: [
    'run_id text',
    'step integer',
    'name text',
    'command text',
    'which text',
    'invocation_id text',
    'status text',
    'started_at timestamptz',
    'finished_at timestamptz',
  ],
  stage_written: ['node_id bigint', 'unique_id text', 'at timestamptz'],
  stage_written_result: ['node_id bigint', 'run_id text', 'step integer'],
  stage_written_run: ['run_id text', 'job_id bigint'],
  stage_whole_run: ['run_id text', 'job_id bigint', 'is_once boolean', 'results integer'],
};

const names = (head: readonly string[]) => head.map((column) => column.split(' ')[0]).join(', ');

/** Where the head of a statement goes that says what is stored already: the rest of its row stays null. */
export const KNOWN_DEFINITION = `stage_definition (${names(DEFINITION_HEAD)})`;
export const KNOWN_BUILD = `stage_build (${names(BUILD_HEAD)})`;

/** Results of either kind, by what other tables need to know of them. */
const ANY_RESULT = `create temporary view stage_any_result as
  select unique_id, run_id, step, job_id, executed_at from stage_result
  union all select unique_id, run_id, step, job_id, executed_at from stage_step_result`;

/** Makes the staging tables of this session. */
export async function createTables(client: Client): Promise<void> {
  const statements = Object.entries(TABLES).map(
    ([table, columns]) => `create temporary table ${table} (${columns.join(', ')});`,
  );
  await client.query([...statements, ANY_RESULT].join('\n'));
}

/** Empties them, for a pass that is taken again. */
export async function clearTables(client: Client): Promise<void> {
  await client.query(`truncate ${Object.keys(TABLES).join(', ')}`);
}

const RUN_TABLES = ['stage_step_result', 'stage_run', 'stage_step', 'stage_freshness'];

/** Empties those that runs are staged in: each costs as much as some thousand rows. */
export async function clearRunTables(client: Client): Promise<void> {
  await client.query(`truncate ${[...RUN_TABLES, 'stage_result', 'stage_job', 'stage_whole_run'].join(', ')}`);
}

/** Drops them, so that the session can go back to the pool. */
export async function dropTables(client: Client): Promise<void> {
  await client.query(`drop table if exists ${Object.keys(TABLES).join(', ')} cascade`);
}

/** What joins and conditions look at; the rest (code, configuration) is long, and no plan depends on it. */
const ANALYZED = [
  'stage_definition (unique_id, resource_type, state, at, digest, absent)',
  'stage_build (unique_id, at, digest, absent)',
  'stage_code (unique_id, at, digest)',
  'stage_catalog (unique_id, at, digest)',
  'stage_column (unique_id, name)',
  'stage_result (unique_id, run_id, step, executed_at)',
  'stage_step_result (unique_id, run_id, step, executed_at)',
  'stage_described',
  'stage_declared (unique_id, name)',
  'stage_run (run_id)',
  'stage_step (run_id, step)',
  'stage_edge',
  'stage_freshness',
  'stage_seen',
  'stage_written',
];

/** The same where runs alone were staged. */
export async function analyzeRuns(client: Client): Promise<void> {
  await client.query(
    `analyze ${ANALYZED.filter((table) => RUN_TABLES.includes(table.split(' ')[0] ?? '')).join(', ')}`,
  );
}

/** Tells the planner what was staged: it knows nothing of temporary tables by itself. */
export async function analyzeTables(client: Client): Promise<void> {
  await client.query(`analyze ${ANALYZED.join(', ')}`);
}
