-- Results of runs, freshness, changes, and what the passes themselves did.

create view dbt.run_results as
select i.name as integration, r.run_id, r.step, r.invocation_id, n.unique_id, n.resource_type, n.name, r.status, r.message,
  r.failures, r.executed_at, r.started_at, r.completed_at, r.execution_time_s, r.rows_affected, r.thread_id,
  r.adapter_response, case when r.step > 0 then 'artifacts' else 'discovery' end as results_source,
  r.step <= 0 or run.sets_state as sets_state
from dbt_store.run_result r
join dbt_store.integration i on i.integration_id = r.integration_id
join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = r.node_id
join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id;

create view dbt.test_results as
select i.name as integration, r.run_id, r.step, r.invocation_id, n.unique_id, n.resource_type, n.name, r.status, r.message,
  r.failures, r.executed_at, r.started_at, r.completed_at, r.execution_time_s, r.rows_affected, r.thread_id,
  r.adapter_response, case when r.step > 0 then 'artifacts' else 'discovery' end as results_source,
  r.step <= 0 or run.sets_state as sets_state,
  n.test_name, coalesce(n.column_name, n.arguments ->> 'column_name') as column_name, n.tested_unique_id,
  t.name as tested_name
from dbt_store.run_result r
join dbt_store.integration i on i.integration_id = r.integration_id
join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = r.node_id and n.resource_type = 'test'
join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id
left join dbt_store.node t on t.integration_id = n.integration_id and t.unique_id = n.tested_unique_id;

create view dbt.freshness_results as
select i.name as integration, n.unique_id, n.source_name, n.name, f.status, f.max_loaded_at, f.snapshotted_at, f.age_s,
  f.warn_after_s, f.error_after_s, f.run_id
from dbt_store.freshness_result f
join dbt_store.integration i on i.integration_id = f.integration_id
join dbt_store.node n on n.integration_id = f.integration_id and n.node_id = f.node_id;

create view dbt.changes as
select i.name as integration, n.unique_id, n.name, n.resource_type, c.changed_at, c.aspect, nullif(c.item, '') as item,
  c.before, c.after, null::text as git_sha
from dbt_store.node_change c
join dbt_store.integration i on i.integration_id = c.integration_id
join dbt_store.node n on n.integration_id = c.integration_id and n.node_id = c.node_id;

-- Two consecutive results of different class, in the order in which they were executed.
create view dbt.status_changes as
with classed as (
  select r.integration_id, r.node_id, r.run_id, r.step, r.status, r.executed_at,
    dbt_store.result_class(r.status, n.resource_type, r.step) as class
  from dbt_store.run_result r
  join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = r.node_id
  join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id
  where r.step <= 0 or run.sets_state
), paired as (
  select integration_id, node_id, run_id, status, executed_at, class,
    lag(status) over consecutive as from_status, lag(class) over consecutive as from_class
  from classed
  where class <> 'none'
  window consecutive as (
    partition by integration_id, node_id order by executed_at, dbt_store.run_order(run_id), run_id, step)
)
select n.integration, n.unique_id, n.name, n.resource_type, p.from_status, p.status as to_status,
  p.executed_at as changed_at, p.run_id, n.owner_name
from paired p
join dbt_store.node_facts n on n.integration_id = p.integration_id and n.node_id = p.node_id
where p.from_class <> p.class;

create view dbt.sync_runs as
select i.name as integration, s.sync_run_id, s.kind, s.reason, s.source, s.fallback_reason, s.outcome, s.started_at,
  s.finished_at, extract(epoch from s.finished_at - s.started_at)::double precision as duration_s, s.requests, s.bytes,
  s.rows_written, (select coalesce(sum(value::integer), 0)::integer from jsonb_each_text(s.counts)) as nodes, s.results,
  (select count(*)::integer from dbt_store.reject r
   where r.integration_id = s.integration_id and r.sync_run_id = s.sync_run_id) as rejects,
  s.error
from dbt_store.sync_run s
join dbt_store.integration i on i.integration_id = s.integration_id;

create view dbt.rejects as
select i.name as integration, r.reject_id, r.sync_run_id, r.seen_at, r.resource_type, r.unique_id, r.reason, r.raw
from dbt_store.reject r
join dbt_store.integration i on i.integration_id = r.integration_id;
