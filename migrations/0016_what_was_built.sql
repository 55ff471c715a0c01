-- Code that a node was built with goes before what was only compiled of it; counts of results that nobody read are unknown.

alter table dbt_store.node add column compiled_by_build boolean default true;
alter table dbt_store.node alter column compiled_by_build drop default;
comment on column dbt_store.node.compiled_by_build is
  'Whether the compiled code is what the node was last built or tested with; what was only compiled since leaves it.';
comment on column dbt.models.compiled_code is
  'The SQL that the model was last built with; of one that was never built, what it was last compiled to. Null when neither is told.';
comment on column dbt.snapshots.compiled_code is
  'The SQL that the snapshot was last taken with; of one that was never taken, what it was last compiled to. Null when neither is told.';
comment on column dbt.tests.compiled_code is
  'The SQL that the test was last executed with; of one that was never executed, what it was last compiled to. Null when neither is told.';

comment on column dbt.nodes.first_seen_at is
  'The earliest time at which dbt is known to have had the node: of a manifest, of a result (of what dbt builds or tests) or of a freshness check.';

create or replace view dbt.runs as
select i.name as integration, r.run_id, r.job_id, j.name as job_name, r.environment_id, r.status, r.cause, r.git_sha,
  r.git_branch, r.dbt_version, r.created_at, r.started_at, r.finished_at,
  extract(epoch from r.finished_at - r.started_at)::double precision as duration_s,
  extract(epoch from r.started_at - r.created_at)::double precision as queued_s,
  r.retry_of_run_id, r.sets_state,
  case when c.is_known then c.models_ok end as models_ok, case when c.is_known then c.models_failed end as models_failed,
  case when c.is_known then c.tests_passed end as tests_passed, case when c.is_known then c.tests_failed end as tests_failed,
  case when c.is_known then c.tests_warned end as tests_warned,
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
    r.results_complete or count(*) > 0 as is_known,
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

comment on column dbt.runs.models_ok is 'Models whose latest executed result in the run is a success, with a warning or without. Null when no result of the run could be read, or none was read yet.';
comment on column dbt.runs.models_failed is 'Models whose latest executed result in the run is an error. Null when no result of the run could be read, or none was read yet.';
comment on column dbt.runs.tests_passed is 'Tests whose latest executed result in the run is pass. Null when no result of the run could be read, or none was read yet.';
comment on column dbt.runs.tests_failed is 'Tests whose latest executed result in the run is fail or error. Null when no result of the run could be read, or none was read yet.';
comment on column dbt.runs.tests_warned is 'Tests whose latest executed result in the run is warn. Null when no result of the run could be read, or none was read yet.';
comment on column dbt.run_results.adapter_response is
  'What the warehouse answered, such as bytes processed or a query id; of an answer above 8,192 characters its short members alone. Null when the Discovery API told the result.';
comment on column dbt.test_results.adapter_response is
  'What the warehouse answered, such as bytes processed or a query id; of an answer above 8,192 characters its short members alone. Null when the Discovery API told the result.';
