import { absent, type Columns, configured, derived, execution, identity, RUN } from './field-map-nodes.ts';

const NO_INVOCATION = absent(
  'what an invocation alone knows: thread_id, invocation_id, adapter_response, rows_affected, batches',
);
const lacking = (columns: string): Columns =>
  Object.fromEntries(
    columns.split(' ').map((column) => [column, absent('jobs, and of runs all but id, job and results (Admin API)')]),
  );

/** Results, as the views of them share them. */
export const results: Columns = {
  ...identity,
  run_id: [...execution(RUN, 'lastRunId'), ...execution(RUN, 'lastSuccessRunId')],
  step: derived('which of the two clocks says it'),
  invocation_id: NO_INVOCATION,
  resource_type: derived('the connection in which it came'),
  status: execution(RUN, 'lastRunStatus'),
  message: execution(RUN, 'lastRunError'),
  failures: execution('Tests', 'lastRunFailures'),
  executed_at: [...execution(RUN, 'lastRunGeneratedAt'), ...execution(RUN, 'runGeneratedAt')],
  started_at: execution(RUN, 'executeStartedAt'),
  completed_at: execution(RUN, 'executeCompletedAt'),
  execution_time_s: execution(RUN, 'executionTime'),
  rows_affected: NO_INVOCATION,
  thread_id: NO_INVOCATION,
  adapter_response: NO_INVOCATION,
  results_source: derived('step'),
  sets_state: derived('what Discovery tells sets state'),
};

const all = (columns: string): Columns =>
  Object.fromEntries(columns.split(' ').map((column) => [column, derived('run_results')]));

/** What runs, their jobs and their results are filled by. */
export const runViews = {
  jobs: { integration: configured, ...lacking('job_id name job_type environment_id schedule steps deactivated') },
  runs: {
    integration: configured,
    run_id: [...execution(RUN, 'lastRunId'), ...execution(RUN, 'lastSuccessRunId')],
    job_id: [...execution(RUN, 'lastJobDefinitionId'), ...execution(RUN, 'lastSuccessJobDefinitionId')],
    environment_id: configured,
    ...lacking('job_name status cause git_sha git_branch dbt_version created_at started_at finished_at'),
    ...lacking('duration_s queued_s retry_of_run_id results_missing_reason url error_message'),
    sets_state: derived('what Discovery tells sets state'),
    ...all('models_ok models_failed tests_passed tests_failed tests_warned results_source'),
  },
  run_steps: {
    integration: configured,
    ...lacking('run_id step name command invocation_id status started_at finished_at duration_s results'),
  },
  run_results: {
    ...results,
    batches_successful: NO_INVOCATION,
    batches_failed: NO_INVOCATION,
  },
} satisfies { readonly [view: string]: Columns };
