-- Jobs, runs and steps for readers, and the columns that runs fill in other views.
create view dbt.jobs as
select i.name as integration, j.job_id, j.name, j.job_type, j.environment_id, j.schedule, j.steps, j.deactivated
from dbt_store.job j
join dbt_store.integration i on i.integration_id = j.integration_id;

create view dbt.runs as
select i.name as integration, r.run_id, r.job_id, j.name as job_name, r.environment_id, r.status, r.cause, r.git_sha,
  r.git_branch, r.dbt_version, r.created_at, r.started_at, r.finished_at,
  extract(epoch from r.finished_at - r.started_at)::double precision as duration_s,
  extract(epoch from r.started_at - r.created_at)::double precision as queued_s,
  r.retry_of_run_id, r.sets_state,
  coalesce(c.models_ok, 0) as models_ok, coalesce(c.models_failed, 0) as models_failed,
  coalesce(c.tests_passed, 0) as tests_passed, coalesce(c.tests_failed, 0) as tests_failed,
  coalesce(c.tests_warned, 0) as tests_warned,
  c.results_source, r.results_missing_reason, r.url, r.error_message
from dbt_store.run r
join dbt_store.integration i on i.integration_id = r.integration_id
left join dbt_store.job j on j.integration_id = r.integration_id and j.job_id = r.job_id
left join lateral (
  select
    (count(*) filter (where resource_type = 'model' and class in ('ok', 'warn')))::integer as models_ok,
    (count(*) filter (where resource_type = 'model' and class in ('fail', 'error')))::integer as models_failed,
    (count(*) filter (where resource_type = 'test' and class = 'ok'))::integer as tests_passed,
    (count(*) filter (where resource_type = 'test' and class in ('fail', 'error')))::integer as tests_failed,
    (count(*) filter (where resource_type = 'test' and class = 'warn'))::integer as tests_warned,
    case when bool_or(step > 0) then 'artifacts' when count(*) > 0 then 'discovery' end as results_source
  from (
    select distinct on (o.node_id) n.resource_type, o.step,
      case when dbt_store.is_executed(o.status, n.resource_type, o.step)
        then dbt_store.result_class(o.status, n.resource_type, o.step) end as class
    from dbt_store.run_result o
    join dbt_store.node n on n.integration_id = o.integration_id and n.node_id = o.node_id
    where o.integration_id = r.integration_id and o.run_id = r.run_id
    order by o.node_id, dbt_store.is_executed(o.status, n.resource_type, o.step) desc, o.executed_at desc, o.step desc
  ) latest
) c on true;

create view dbt.run_steps as
select i.name as integration, s.run_id, s.step, s.name, s.command, s.invocation_id, s.status, s.started_at, s.finished_at,
  extract(epoch from s.finished_at - s.started_at)::double precision as duration_s,
  (select count(*)::integer from dbt_store.run_result o
   where o.integration_id = s.integration_id and o.run_id = s.run_id and o.step = s.step) as results
from dbt_store.run_step s
join dbt_store.integration i on i.integration_id = s.integration_id;

create or replace view dbt.run_results as
select i.name as integration, r.run_id, r.step, r.invocation_id, n.unique_id, n.resource_type, n.name, r.status, r.message,
  r.failures, r.executed_at, r.started_at, r.completed_at, r.execution_time_s, r.rows_affected, r.thread_id,
  r.adapter_response, case when r.step > 0 then 'artifacts' else 'discovery' end as results_source,
  r.step <= 0 or run.sets_state as sets_state, r.batches_successful, r.batches_failed
from dbt_store.run_result r
join dbt_store.integration i on i.integration_id = r.integration_id
join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = r.node_id
join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id;

create or replace view dbt.changes as
select i.name as integration, n.unique_id, n.name, n.resource_type, c.changed_at, c.aspect, nullif(c.item, '') as item,
  c.before, c.after, r.git_sha
from dbt_store.node_change c
join dbt_store.integration i on i.integration_id = c.integration_id
join dbt_store.node n on n.integration_id = c.integration_id and n.node_id = c.node_id
left join dbt_store.run r on r.integration_id = c.integration_id and r.run_id = c.run_id;

create or replace view dbt.integrations as
select i.name as integration, i.account_id, i.project_id, i.environment_id, i.job_id, i.project_name,
  i.environment_name, i.adapter_type, i.dbt_version, i.schedule, i.time_zone, i.git_sha, i.dbt_updated_at,
  last.finished_at as last_sync_at, last.outcome as last_sync_outcome, last.source as last_sync_source,
  last.error as last_sync_error, good.finished_at as last_success_at,
  (select count(*)::integer from dbt_store.node n
   where n.integration_id = i.integration_id and n.removed_at is null) as nodes,
  case
    when i.schedule is null then null
    when good.finished_at is null then true
    else now() > good.stale_at
  end as is_stale
from dbt_store.integration i
left join lateral (
  select finished_at, outcome, source, error from dbt_store.sync_run s
  where s.integration_id = i.integration_id and s.finished_at is not null order by s.started_at desc limit 1
) last on true
left join lateral (
  select finished_at, stale_at from dbt_store.sync_run s
  where s.integration_id = i.integration_id and s.outcome in ('done', 'unchanged')
  order by s.started_at desc limit 1
) good on true;

comment on view dbt.jobs is 'Jobs of the dbt platform in the environment, as the Admin API lists them.';
comment on column dbt.jobs.integration is 'Name of the integration, as configured.';
comment on column dbt.jobs.job_id is 'dbt''s id of the job.';
comment on column dbt.jobs.name is 'Name of the job.';
comment on column dbt.jobs.job_type is 'What dbt calls the kind of job: scheduled, ci, merge, other.';
comment on column dbt.jobs.environment_id is 'dbt''s id of the environment that the job runs in.';
comment on column dbt.jobs.schedule is 'When dbt runs the job, as a cron expression. Null when it has no schedule.';
comment on column dbt.jobs.steps is 'The dbt commands of the job, in their order.';
comment on column dbt.jobs.deactivated is 'Whether the job is switched off.';

comment on view dbt.runs is 'Runs of jobs, and invocations of dbt Core in their place. A run that only the Discovery API told of has no status, cause and times.';
comment on column dbt.runs.integration is 'Name of the integration, as configured.';
comment on column dbt.runs.run_id is 'dbt''s id of the run; for dbt Core the id of the invocation.';
comment on column dbt.runs.job_id is 'dbt''s id of the job. Null for dbt Core.';
comment on column dbt.runs.job_name is 'Name of the job. Null unless the Admin API was asked.';
comment on column dbt.runs.environment_id is 'dbt''s id of the environment. Null for dbt Core.';
comment on column dbt.runs.status is 'queued, starting, running, success, error or cancelled; an invocation of dbt Core is error if any of its results is. Null when only the Discovery API told of the run.';
comment on column dbt.runs.cause is 'Category of what set the run off, in dbt''s words: scheduled, api, ci, merge, ui and others. Null when it is not told.';
comment on column dbt.runs.git_sha is 'Commit that the run built. Null when it is not told.';
comment on column dbt.runs.git_branch is 'Branch that the run built. Null when it is not told.';
comment on column dbt.runs.dbt_version is 'Version of dbt that ran. Null when it is not told.';
comment on column dbt.runs.created_at is 'When the run was asked for. Null when it is not told.';
comment on column dbt.runs.started_at is 'When the run began. Null before that, or when it is not told.';
comment on column dbt.runs.finished_at is 'When the run ended. Null before that, or when it is not told.';
comment on column dbt.runs.duration_s is 'Seconds from its start to its end. Null when one of them is not known.';
comment on column dbt.runs.queued_s is 'Seconds from being asked for to its start. Null when one of them is not known.';
comment on column dbt.runs.retry_of_run_id is 'The run that this one retries. Null when it is no retry.';
comment on column dbt.runs.sets_state is 'Whether its results are the state of the environment: not those of checks of proposals and of other schemas.';
comment on column dbt.runs.models_ok is 'Models whose latest executed result in the run is a success, with a warning or without.';
comment on column dbt.runs.models_failed is 'Models whose latest executed result in the run is an error.';
comment on column dbt.runs.tests_passed is 'Tests whose latest executed result in the run is pass.';
comment on column dbt.runs.tests_failed is 'Tests whose latest executed result in the run is fail or error.';
comment on column dbt.runs.tests_warned is 'Tests whose latest executed result in the run is warn.';
comment on column dbt.runs.results_source is 'artifacts or discovery: who told the results. Null when there are none.';
comment on column dbt.runs.results_missing_reason is 'Why results of the run are missing, in one sentence. Null when none are.';
comment on column dbt.runs.url is 'Page of the run in dbt. Null when it is not told.';
comment on column dbt.runs.error_message is 'What dbt says of a run that did not succeed, with e-mail addresses masked. Null when it succeeded or nothing is said.';

comment on view dbt.run_steps is 'Steps of runs: each invocation of dbt, and what the platform does itself, such as cloning the repository.';
comment on column dbt.run_steps.integration is 'Name of the integration, as configured.';
comment on column dbt.run_steps.run_id is 'dbt''s id of the run; for dbt Core the id of the invocation.';
comment on column dbt.run_steps.step is 'Place of the step in its run, from 1.';
comment on column dbt.run_steps.name is 'Name of the step. Null for dbt Core.';
comment on column dbt.run_steps.command is 'The dbt command of the step. Null when it invokes nothing.';
comment on column dbt.run_steps.invocation_id is 'Id of the invocation, as its artifacts tell it. Null when it left none.';
comment on column dbt.run_steps.status is 'queued, starting, running, success, error or cancelled.';
comment on column dbt.run_steps.started_at is 'When the step began. Null before that, or when it is not told.';
comment on column dbt.run_steps.finished_at is 'When the step ended. Null before that, or when it is not told.';
comment on column dbt.run_steps.duration_s is 'Seconds from its start to its end. Null when one of them is not known.';
comment on column dbt.run_steps.results is 'How many results of the step are stored.';

comment on column dbt.run_results.batches_successful is 'Batches of a microbatch model that were built. Null for all others.';
comment on column dbt.run_results.batches_failed is 'Batches of a microbatch model that could not be built. Null for all others.';
