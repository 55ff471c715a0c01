import { type Columns, derived } from './field-map-nodes.ts';

const all = (how: string, names: string): Columns =>
  Object.fromEntries(names.split(' ').map((name) => [name, derived(how)]));

const COVERAGE = 'integration dimension value models tested_models documented_models columns documented_columns tests';

/** What analysts ask: all of it is counted from other views. */
export const analytics = {
  test_health_daily: all('run_results', 'integration day package_name tests_executed passed warned failed errored'),
  model_timing_daily: all('run_results', 'integration day unique_id name runs p50_s p95_s max_s total_s'),
  slowest_models: all(
    'model_timing_daily and run_results',
    'integration unique_id name p50_s p95_s previous_p50_s change_ratio total_s',
  ),
  flaky_tests: all(
    'status_changes and run_results',
    'integration unique_id name tested_unique_id executions flips flip_rate last_flip_at',
  ),
  test_incidents: all(
    'status_changes and run_results',
    'integration unique_id name tested_unique_id owner_name opened_at resolved_at duration_s results is_open owner_email',
  ),
  coverage: all('models, columns and tests', COVERAGE),
  coverage_daily: all('models, columns and tests', `${COVERAGE} day`),
  stale_sources: all(
    'freshness_results',
    'integration unique_id name freshness_status age_now_s stale_since breaches_30d worst_age_s',
  ),
  failing_now: all(
    'models, tests and lineage',
    'integration unique_id name resource_type status failing_since owner_name dbt_url root_cause_unique_id downstream_models downstream_exposures owner_email',
  ),
  run_critical_path: all(
    'run_results and lineage',
    'integration run_id position unique_id name started_at completed_at execution_time_s',
  ),
} satisfies { readonly [view: string]: Columns };
