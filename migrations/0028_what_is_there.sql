-- Once a complete pass has told all that is there, a node that is known from its results alone is not there to be stale, slow or flaky.

create or replace view dbt.flaky_tests as
select i.name as integration, n.unique_id, n.name, n.tested_unique_id, x.executions, f.flips,
  f.flips::double precision / x.executions as flip_rate, f.last_flip_at
from (
  select c.integration_id, c.node_id, count(*)::integer as flips, max(c.changed_at) as last_flip_at
  from dbt_store.status_change c
  join dbt_store.integration of on of.integration_id = c.integration_id
  where c.changed_at > now() - interval '30 days' and c.from_class is not null
    and (c.from_class in ('fail', 'error')) <> (c.to_class in ('fail', 'error'))
    -- Executions before that may be gone.
    and c.changed_at >= coalesce(of.counted_since::timestamp at time zone 'UTC', '-infinity')
  group by c.integration_id, c.node_id
  having count(*) >= 2) f
join dbt_store.integration i on i.integration_id = f.integration_id
join dbt_store.node n on n.integration_id = f.integration_id and n.node_id = f.node_id
  and n.resource_type = 'test' and n.removed_at is null and (n.state <> 'placeholder' or i.complete_at is null)
cross join lateral (
  select count(*)::integer as executions
  from dbt_store.run_result r
  join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id
  where r.integration_id = f.integration_id and r.node_id = f.node_id and r.executed_at > now() - interval '30 days'
    and r.executed_at >= coalesce(i.counted_since::timestamp at time zone 'UTC', '-infinity')
    and dbt_store.is_executed(r.status, 'test', r.step)
    and (r.step <= 0 or run.sets_state) and (i.job_id is null or run.job_id = i.job_id)) x;

create or replace view dbt.slowest_models as
select i.name as integration, n.unique_id, n.name, t.p[1] as p50_s, t.p[2] as p95_s, t.previous_p50_s,
  t.p[1] / nullif(t.previous_p50_s, 0) - 1 as change_ratio, t.total_s
from (select dbt_store.utc_day(now()) as today offset 0) b
cross join dbt_store.integration i
join dbt_store.node n on n.integration_id = i.integration_id and n.resource_type = 'model' and n.removed_at is null
  and (n.state <> 'placeholder' or i.complete_at is null)
-- A model at a time: a sort of all their days takes longer.
cross join lateral (
  select
    percentile_cont(array[0.5, 0.95]) within group (order by s.seconds) filter (where d.day > b.today - 30) as p,
    percentile_cont(0.5) within group (order by s.seconds) filter (where d.day <= b.today - 30) as previous_p50_s,
    sum(s.seconds) filter (where d.day > b.today - 30) as total_s
  from dbt_store.node_day d
  cross join lateral unnest(coalesce(d.few, (
    select o.seconds from dbt_store.node_day o
    where o.integration_id = d.integration_id and o.node_id = d.node_id and o.day = d.day))) s (seconds)
  where d.integration_id = n.integration_id and d.node_id = n.node_id and d.day > b.today - 60 and d.day <= b.today) t
where t.total_s is not null;

-- A breach of limits that a source has no more is none; limits that could not be told may be there.
create or replace view dbt_store.latest_freshness as
select n.integration_id, n.node_id, f.snapshotted_at, f.status, f.max_loaded_at, f.age_s, f.warn_after_s, f.error_after_s,
  f.run_id
from dbt_store.node n
join dbt_store.integration i on i.integration_id = n.integration_id
cross join lateral (
  select * from dbt_store.freshness_result f
  where f.integration_id = n.integration_id and f.node_id = n.node_id
  order by f.snapshotted_at desc limit 1) f
where n.resource_type = 'source' and (n.state <> 'placeholder' or i.complete_at is null)
  and (coalesce(f.status, '') not in ('warn', 'error') or n.warn_after_s is not null or n.error_after_s is not null
    or n.unknown && array['warn_after_s', 'error_after_s']);

create or replace view dbt.run_results as
select i.name as integration, r.run_id, r.step, r.invocation_id, n.unique_id, n.resource_type, n.name, r.status, r.message,
  r.failures, r.executed_at, r.started_at, r.completed_at, r.execution_time_s, r.rows_affected, r.thread_id,
  r.adapter_response, case when r.step > 0 then 'artifacts' else 'discovery' end as results_source,
  (r.step <= 0 or run.sets_state) and (i.job_id is null or coalesce(run.job_id = i.job_id, false)) as sets_state,
  r.batches_successful, r.batches_failed
from dbt_store.run_result r
join dbt_store.integration i on i.integration_id = r.integration_id
join dbt_store.node n on n.node_id = r.node_id
left join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id;

create or replace view dbt.test_results as
select i.name as integration, r.run_id, r.step, r.invocation_id, n.unique_id, n.resource_type, n.name, r.status, r.message,
  r.failures, r.executed_at, r.started_at, r.completed_at, r.execution_time_s, r.rows_affected, r.thread_id,
  r.adapter_response, case when r.step > 0 then 'artifacts' else 'discovery' end as results_source,
  (r.step <= 0 or run.sets_state) and (i.job_id is null or coalesce(run.job_id = i.job_id, false)) as sets_state,
  n.test_name, coalesce(n.column_name, n.arguments ->> 'column_name') as column_name, n.tested_unique_id,
  t.name as tested_name
from dbt_store.run_result r
join dbt_store.integration i on i.integration_id = r.integration_id
join dbt_store.node n on n.node_id = r.node_id and n.resource_type = 'test'
left join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id
left join dbt_store.node t on t.integration_id = n.integration_id and t.unique_id = n.tested_unique_id;

comment on column dbt.relations.freshness_status is 'Outcome of a source''s last freshness check. Null for other nodes, when it was never checked, and when it breached limits that the source has no more.';
comment on column dbt.run_results.sets_state is 'Whether the result counts for current statuses. False for runs of CI jobs and the like, and for those of other jobs where the integration is narrowed to one.';
comment on column dbt.test_results.sets_state is 'Whether the result counts for current statuses. False for runs of CI jobs and the like, and for those of other jobs where the integration is narrowed to one.';
comment on column dbt.runs.job_name is 'Name of the job. Null when the Admin API was not asked, and for jobs that it did not list any more when it was.';
comment on column dbt.run_steps.results is 'How many results of the step were stored; retention may have removed some since.';
comment on view dbt.stale_sources is 'Which sources are staler than their owners allow, since when and how often? One row per source that is there, has limits of freshness (or may have some that could not be told) and whose latest freshness check is warn or error.';
comment on view dbt.coverage_daily is 'How did tests and documentation of models change over time? The rows of coverage for each day, as they were at its end; the last day is today. Days are UTC and begin with that of the definitions (the manifest) that the first pass read. What is told counts from the day of the definitions that it came with, a catalog of a later day included.';
comment on column dbt.nodes.owner_name is 'Owner: what an exposure or a group says itself, else the owner of the node''s group (a test belongs to that of the node it tests), else meta.owner. A test without one has the owner of the node it tests. Null when nobody is named; the warehouse''s owner is never used.';
