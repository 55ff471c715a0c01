-- Questions that analysts ask of a year of results, from what is counted as they come.

-- Runs and steps ------------------------------------------------------------------------------------------------------
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
    coalesce(sum(ok + warned) filter (where resource_type = 'model'), 0)::integer as models_ok,
    coalesce(sum(failed + errored) filter (where resource_type = 'model'), 0)::integer as models_failed,
    coalesce(sum(ok) filter (where resource_type = 'test'), 0)::integer as tests_passed,
    coalesce(sum(failed + errored) filter (where resource_type = 'test'), 0)::integer as tests_failed,
    coalesce(sum(warned) filter (where resource_type = 'test'), 0)::integer as tests_warned,
    r.results_complete or count(*) > 0 as is_known,
    case when bool_or(has_steps) then 'artifacts' when count(*) > 0 then 'discovery' end as results_source
  from dbt_store.run_count c
  where c.integration_id = r.integration_id and c.run_id = r.run_id
) c on true;

create or replace view dbt.run_steps as
select i.name as integration, s.run_id, s.step, s.name, s.command, s.invocation_id, s.status, s.started_at, s.finished_at,
  extract(epoch from s.finished_at - s.started_at)::double precision as duration_s, coalesce(s.results, 0) as results
from dbt_store.run_step s
join dbt_store.integration i on i.integration_id = s.integration_id;

create view dbt.test_health_daily as
select i.name as integration, c.day, c.package_name, sum(c.executed)::integer as tests_executed, sum(c.ok)::integer as passed,
  sum(c.warned)::integer as warned, sum(c.failed)::integer as failed, sum(c.errored)::integer as errored
from dbt_store.run_count c
join dbt_store.integration i on i.integration_id = c.integration_id
join dbt_store.run r on r.integration_id = c.integration_id and r.run_id = c.run_id
where c.resource_type = 'test' and c.executed > 0
  and (not c.has_steps or r.sets_state) and (i.job_id is null or r.job_id = i.job_id)
group by i.name, c.day, c.package_name;

create view dbt.run_critical_path as
select i.name as integration, r.run_id, p.position, n.unique_id, n.name, p.started_at, p.completed_at, p.execution_time_s
from dbt_store.run r
join dbt_store.integration i on i.integration_id = r.integration_id
-- A run at a time, so that those who ask for one do not wait for all.
cross join lateral (
  with recursive told as materialized (
    select array(select s.step from dbt_store.run_step s where s.integration_id = r.integration_id and s.run_id = r.run_id)
      || array[0, -1] as steps
  ), path as (
    select 1 as place, last.*
    from (
      select c.last_node_id, c.completed_at from dbt_store.run_count c
      where c.integration_id = r.integration_id and c.run_id = r.run_id and c.last_node_id is not null
      order by c.completed_at desc, c.last_node_id limit 1) c
    cross join lateral (
      select o.node_id, o.started_at, o.completed_at, o.execution_time_s
      from unnest((select steps from told)) s (step)
      join dbt_store.run_result o on o.integration_id = r.integration_id and o.run_id = r.run_id and o.step = s.step
        and o.node_id = c.last_node_id
      where o.completed_at = c.completed_at and o.started_at is not null
      order by o.step desc limit 1) last
    union all
    select p.place + 1, before.*
    from path p
    cross join lateral (
      select o.node_id, o.started_at, o.completed_at, o.execution_time_s
      from (
        -- What has no result in the run (an ephemeral model, one that was not selected) stands for its own parents.
        with recursive above (node_id) as (
          select e.parent_id from dbt_store.edge e where e.integration_id = r.integration_id and e.child_id = p.node_id
          union
          select e.parent_id
          from above a
          join dbt_store.edge e on e.integration_id = r.integration_id and e.child_id = a.node_id
          where not exists (
            select from unnest((select steps from told)) s (step)
            join dbt_store.run_result x on x.integration_id = r.integration_id and x.run_id = r.run_id and x.step = s.step
              and x.node_id = a.node_id)
        )
        select node_id from above) a
      cross join unnest((select steps from told)) s (step)
      cross join lateral (
        select x.* from dbt_store.run_result x
        where x.integration_id = r.integration_id and x.run_id = r.run_id and x.step = s.step and x.node_id = a.node_id
        offset 0) o
      where o.completed_at <= p.started_at and o.started_at < p.started_at
      order by o.completed_at desc, o.node_id limit 1) before
  )
  select (max(place) over () - place + 1)::integer as position, node_id, started_at, completed_at, execution_time_s
  from path
) p
join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = p.node_id;

-- Timing --------------------------------------------------------------------------------------------------------------
create view dbt.model_timing_daily as
select i.name as integration, d.day, n.unique_id, n.name, d.runs, d.p50_s, d.p95_s, d.max_s, d.total_s
from dbt_store.node_day d
join dbt_store.integration i on i.integration_id = d.integration_id
join dbt_store.node n on n.node_id = d.node_id and n.resource_type = 'model';

create view dbt.slowest_models as
select i.name as integration, n.unique_id, n.name, t.p[1] as p50_s, t.p[2] as p95_s, t.previous_p50_s,
  t.p[1] / nullif(t.previous_p50_s, 0) - 1 as change_ratio, t.total_s
from (select dbt_store.utc_day(now()) as today offset 0) b
cross join dbt_store.integration i
join dbt_store.node n on n.integration_id = i.integration_id and n.resource_type = 'model' and n.removed_at is null
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

-- Changes of status ---------------------------------------------------------------------------------------------------
create or replace view dbt.status_changes as
select n.integration, n.unique_id, n.name, n.resource_type, c.from_status, c.to_status, c.changed_at, c.run_id, n.owner_name
from dbt_store.status_change c
join dbt_store.node_facts n on n.integration_id = c.integration_id and n.node_id = c.node_id
where c.from_class is not null;

create view dbt.test_incidents as
select n.integration, n.unique_id, n.name, n.tested_unique_id, n.owner_name, c.changed_at as opened_at, e.resolved_at,
  extract(epoch from e.resolved_at - c.changed_at)::double precision as duration_s,
  case when c.changed_at >= coalesce(i.counted_since::timestamp at time zone 'UTC', '-infinity') then (
    select count(*)::integer from dbt_store.state_result r
    where r.integration_id = c.integration_id and r.node_id = c.node_id and r.class in ('fail', 'error')
      and r.executed_at >= c.changed_at and r.executed_at < coalesce(e.resolved_at, 'infinity')) end as results,
  e.resolved_at is null and n.removed_at is null as is_open
from dbt_store.status_change c
join dbt_store.integration i on i.integration_id = c.integration_id
join dbt_store.node_facts n on n.integration_id = c.integration_id and n.node_id = c.node_id and n.resource_type = 'test'
left join lateral (
  select min(o.changed_at) as resolved_at from dbt_store.status_change o
  where o.integration_id = c.integration_id and o.node_id = c.node_id and o.changed_at >= c.changed_at
    and o.to_class in ('ok', 'warn')) e on true
where c.to_class in ('fail', 'error') and coalesce(c.from_class not in ('fail', 'error'), true);

create view dbt.flaky_tests as
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
  and n.resource_type = 'test' and n.removed_at is null
cross join lateral (
  select count(*)::integer as executions
  from dbt_store.run_result r
  join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id
  where r.integration_id = f.integration_id and r.node_id = f.node_id and r.executed_at > now() - interval '30 days'
    and r.executed_at >= coalesce(i.counted_since::timestamp at time zone 'UTC', '-infinity')
    and dbt_store.is_executed(r.status, 'test', r.step)
    and (r.step <= 0 or run.sets_state) and (i.job_id is null or run.job_id = i.job_id)) x;
