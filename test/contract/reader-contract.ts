/** A kind of column, told by the types a reader may meet in it. */
export type Family = 'text' | 'texts' | 'json' | 'time' | 'day' | 'flag' | 'count' | 'id' | 'number';

/** Column names by family, separated by spaces. */
export type View = { readonly [family in Family]?: string };

/** A view with the columns of others and some more. */
function also(...views: readonly View[]): View {
  const merged: { [family in Family]?: string } = {};
  for (const view of views) {
    for (const [family, names] of Object.entries(view) as [Family, string][]) {
      merged[family] = `${merged[family] ?? ''} ${names}`.trim();
    }
  }
  return merged;
}

const node: View = { text: 'integration unique_id name' };

const nodes: View = {
  text:
    'integration unique_id resource_type name package_name description database_name schema_name identifier relation_name ' +
    'materialization access group_name layer owner_name owner_email file_path version latest_version state dbt_url',
  texts: 'tags',
  json: 'meta config details',
  time: 'deprecation_date definition_at catalog_at first_seen_at changed_at',
  flag: 'contract_enforced',
};

const testCounts: View = {
  text: 'test_status',
  count: 'tests tests_passed tests_warned tests_failed tests_errored',
};

const built = also(nodes, testCounts, {
  text: 'raw_code compiled_code last_run_id last_run_status last_run_error last_success_run_id',
  id: 'last_job_id',
  time: 'last_run_at last_executed_at last_success_at status_since',
  count: 'consecutive_failures row_count bytes columns documented_columns',
  number: 'execution_time_s',
});

const freshness: View = {
  text: 'source_name',
  time: 'max_loaded_at snapshotted_at',
  number: 'age_s warn_after_s error_after_s',
};

const semantic = also(node, { text: 'description owner_name owner_email', texts: 'tags', json: 'meta' });

const coverage: View = {
  text: 'integration dimension value',
  count: 'models tested_models documented_models columns documented_columns tests',
};

const runResults = also(node, {
  text: 'run_id invocation_id resource_type status message thread_id results_source',
  count: 'step failures rows_affected',
  time: 'executed_at started_at completed_at',
  number: 'execution_time_s',
  json: 'adapter_response',
  flag: 'sets_state',
});

/** What readers may rely on: a column here is never renamed, dropped or given another type. */
export const CONTRACT: { readonly [view: string]: View } = {
  integrations: {
    text:
      'integration project_name environment_name adapter_type dbt_version schedule time_zone git_sha ' +
      'last_sync_outcome last_sync_source last_sync_error',
    id: 'account_id project_id environment_id job_id',
    time: 'dbt_updated_at last_sync_at last_success_at known_since',
    count: 'nodes',
    flag: 'is_stale',
  },
  nodes,
  removed_nodes: also(nodes, { time: 'removed_at' }),
  models: built,
  seeds: built,
  snapshots: built,
  tests: also(node, {
    text:
      'test_type test_name test_namespace severity column_name tested_unique_id tested_name tested_resource_type ' +
      'owner_name owner_email status message last_run_id raw_code compiled_code file_path dbt_url',
    json: 'arguments meta',
    texts: 'tags',
    id: 'last_job_id',
    count: 'failures consecutive_failures',
    time: 'last_run_at last_executed_at last_pass_at status_since failing_since',
    flag: 'since_is_exact',
  }),
  sources: also(nodes, testCounts, freshness, { text: 'loader freshness_status', number: 'age_now_s' }),
  exposures: also(node, {
    text: 'label exposure_type maturity url description owner_name owner_email health',
    texts: 'tags',
    json: 'meta',
    count: 'upstream_models upstream_sources failing_tests errored_models stale_sources',
  }),
  metrics: also(semantic, { text: 'label metric_type group_name', json: 'type_params filter' }),
  semantic_models: also(node, { text: 'model_unique_id', json: 'entities dimensions measures' }),
  saved_queries: also(node, { json: 'query_params exports' }),
  groups: also(node, { text: 'owner_name owner_email', count: 'models' }),
  macros: also(node, { text: 'package_name', json: 'arguments' }),
  columns: also(node, {
    text: 'resource_type column_name data_type declared_type description comment test_status',
    texts: 'tags',
    json: 'meta',
    count: 'position tests',
  }),
  lineage: {
    text: 'integration parent_unique_id parent_resource_type parent_name child_unique_id child_resource_type child_name',
  },
  relation_lineage: {
    text:
      'integration parent_unique_id parent_database parent_schema parent_identifier ' +
      'child_unique_id child_database child_schema child_identifier',
  },
  relations: {
    text: 'integration database_name schema_name identifier unique_id resource_type freshness_status test_status verdict reason',
    time: 'last_built_at last_tested_at',
  },
  jobs: {
    text: 'integration name job_type schedule',
    texts: 'steps',
    id: 'job_id environment_id',
    flag: 'deactivated',
  },
  runs: {
    text:
      'integration run_id job_name status cause git_sha git_branch dbt_version retry_of_run_id results_source ' +
      'results_missing_reason url error_message',
    id: 'job_id environment_id',
    time: 'created_at started_at finished_at',
    number: 'duration_s queued_s',
    flag: 'sets_state',
    count: 'models_ok models_failed tests_passed tests_failed tests_warned',
  },
  run_steps: {
    text: 'integration run_id name command invocation_id status',
    time: 'started_at finished_at',
    number: 'duration_s',
    count: 'step results',
  },
  run_results: also(runResults, { count: 'batches_successful batches_failed' }),
  test_results: also(runResults, { text: 'test_name column_name tested_unique_id tested_name' }),
  freshness_results: also(node, freshness, { text: 'status run_id' }),
  changes: also(node, { text: 'resource_type aspect item git_sha', json: 'before after', time: 'changed_at' }),
  status_changes: also(node, {
    text: 'resource_type from_status to_status run_id owner_name',
    time: 'changed_at',
  }),
  sync_runs: {
    text: 'integration kind reason source fallback_reason outcome error',
    time: 'started_at finished_at',
    number: 'duration_s',
    count: 'sync_run_id requests bytes rows_written nodes results rejects rejects_sync_run_id',
  },
  rejects: {
    text: 'integration resource_type unique_id reason',
    count: 'reject_id sync_run_id',
    time: 'seen_at',
    json: 'raw',
  },
  test_health_daily: {
    text: 'integration package_name',
    day: 'day',
    count: 'tests_executed passed warned failed errored',
  },
  model_timing_daily: also(node, { day: 'day', count: 'runs', number: 'p50_s p95_s max_s total_s' }),
  slowest_models: also(node, { number: 'p50_s p95_s previous_p50_s change_ratio total_s' }),
  flaky_tests: also(node, {
    text: 'tested_unique_id',
    count: 'executions flips',
    number: 'flip_rate',
    time: 'last_flip_at',
  }),
  test_incidents: also(node, {
    text: 'tested_unique_id owner_name owner_email',
    time: 'opened_at resolved_at',
    number: 'duration_s',
    count: 'results',
    flag: 'is_open',
  }),
  coverage,
  coverage_daily: also(coverage, { day: 'day' }),
  stale_sources: also(node, {
    text: 'freshness_status',
    number: 'age_now_s worst_age_s',
    time: 'stale_since',
    count: 'breaches_30d',
  }),
  failing_now: also(node, {
    text: 'resource_type status owner_name owner_email dbt_url root_cause_unique_id',
    time: 'failing_since',
    count: 'downstream_models downstream_exposures',
  }),
  run_critical_path: also(node, {
    text: 'run_id',
    count: 'position',
    time: 'started_at completed_at',
    number: 'execution_time_s',
  }),
};

/** The Postgres types, as information_schema writes them, that a family may have. */
export const TYPES: { readonly [family in Family]: readonly string[] } = {
  text: ['text'],
  texts: ['ARRAY'],
  json: ['jsonb'],
  time: ['timestamp with time zone'],
  day: ['date'],
  flag: ['boolean'],
  count: ['integer', 'bigint'],
  id: ['bigint'],
  number: ['double precision'],
};
