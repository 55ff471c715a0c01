-- What is there, what fails of what, and whose it is: a node known from its results alone is not there any more.

create view dbt_store.known_node as
select i.name as integration, n.integration_id, n.node_id, n.unique_id, n.resource_type, n.name, n.package_name,
  n.description, n.tags, n.meta, n.config, n.database_name, n.schema_name, n.identifier, n.relation_name,
  n.materialization, n.access, n.group_name,
  case when n.resource_type = 'model' then dbt_store.layer(n.name, n.file_path) end as layer,
  case
    when n.resource_type in ('exposure', 'group') then n.owner_name
    when g.goes_first then g.owner_name
    when coalesce(n.owner_name, n.owner_email) is not null then n.owner_name
    else t.owner_name
  end as owner_name,
  case
    when n.resource_type in ('exposure', 'group') then n.owner_email
    when g.goes_first then g.owner_email
    when coalesce(n.owner_name, n.owner_email) is not null then n.owner_email
    else t.owner_email
  end as owner_email,
  n.file_path, n.version, n.latest_version, n.deprecation_date, n.contract_enforced,
  case
    when n.state <> 'defined' then n.state
    when n.resource_type in ('model', 'seed', 'snapshot') and s.last_success_at is not null then 'applied'
    when n.resource_type = 'test' and s.last_executed_at is not null then 'applied'
    else 'defined'
  end as state,
  case when n.state <> 'placeholder' then coalesce(n.definition_at, i.definition_at) end as definition_at,
  case when n.catalog_source is not null then coalesce(n.catalog_at, i.catalog_at) end as catalog_at,
  case when n.state = 'defined' and i.access_url is not null and i.account_id is not null and i.project_id is not null then
    i.access_url || '/explore/' || i.account_id || '/projects/' || i.project_id || '/environments/production/details/' || n.unique_id
  end as dbt_url,
  n.first_seen_at, n.changed_at, n.details, n.removed_at, n.raw_code, n.compiled_code, n.row_count, n.bytes, n.label,
  n.properties, n.test_type, n.test_name, n.test_namespace, n.arguments, n.severity,
  coalesce(n.column_name, n.arguments ->> 'column_name') as column_name, n.tested_unique_id,
  t.name as tested_name, t.resource_type as tested_resource_type, n.source_name, n.loader, n.warn_after_s, n.error_after_s,
  s.status, s.message, s.failures, s.last_run_id,
  (select r.job_id from dbt_store.run r where r.integration_id = s.integration_id and r.run_id = s.last_run_id) as last_job_id,
  s.last_run_at, s.executed_status, s.executed_class, s.last_executed_at, s.last_success_run_id, s.last_success_at,
  s.last_pass_at, s.status_since, s.failing_since, s.since_is_exact, s.consecutive_failures, s.execution_time_s,
  n.state = 'placeholder' as is_placeholder
from dbt_store.node n
join dbt_store.integration i on i.integration_id = n.integration_id
left join dbt_store.node t on n.resource_type = 'test' and t.integration_id = n.integration_id and t.unique_id = n.tested_unique_id
-- The owner of its group, or else of the tested node's: of the one of that node's package, else of the first of that name.
-- What names an owner itself has the one of its own group at most. It is one row, so that who does not ask does not wait.
left join lateral (
  select count(*) > 0 and (bool_or(x.is_own_group) or coalesce(n.owner_name, n.owner_email) is null) as goes_first,
    (array_agg(x.owner_name order by x.is_own_group desc, x.is_of_package desc, x.unique_id))[1] as owner_name,
    (array_agg(x.owner_email order by x.is_own_group desc, x.is_of_package desc, x.unique_id))[1] as owner_email
  from (
    select x.unique_id, x.owner_name, x.owner_email, coalesce(x.name = n.group_name, false) as is_own_group,
      x.package_name = case when x.name = n.group_name then n.package_name else t.package_name end as is_of_package
    from dbt_store.node x
    where x.integration_id = n.integration_id and x.resource_type = 'group' and x.name in (n.group_name, t.group_name)
      and hashtextextended(x.name, 0) in (hashtextextended(n.group_name, 0), hashtextextended(t.group_name, 0))
      and x.removed_at is null and (x.owner_name is not null or x.owner_email is not null)) x) g on true
left join dbt_store.node_status s on s.integration_id = n.integration_id and s.node_id = n.node_id;

-- All that reads it reads of nodes that somebody defined.
create or replace view dbt_store.node_facts as select * from dbt_store.known_node where not is_placeholder;

create or replace view dbt.nodes as
select integration, unique_id, resource_type, name, package_name, description, tags, meta, config, database_name,
  schema_name, identifier, relation_name, materialization, access, group_name, layer, owner_name, owner_email,
  file_path, version, latest_version, deprecation_date, contract_enforced, state, definition_at, catalog_at,
  dbt_url, first_seen_at, changed_at, details
from dbt_store.known_node
where removed_at is null;

-- These say of fewer nodes what they said before.
do $$
declare name text;
begin
  foreach name in array array['dbt.columns', 'dbt.flaky_tests', 'dbt.slowest_models'] loop
    assert pg_get_viewdef(name::regclass) ~ '\mn(_1)?\.removed_at IS NULL', name;
    execute format('create or replace view %s as %s', name, regexp_replace(pg_get_viewdef(name::regclass),
      '\m(n|n_1)\.removed_at IS NULL', '\1.removed_at IS NULL AND \1.state <> ''placeholder'''));
  end loop;
end
$$;

-- A breach of limits that a source has no more is none; limits that could not be told may be there.
create or replace view dbt_store.latest_freshness as
select n.integration_id, n.node_id, f.snapshotted_at, f.status, f.max_loaded_at, f.age_s, f.warn_after_s, f.error_after_s,
  f.run_id
from dbt_store.node n
cross join lateral (
  select * from dbt_store.freshness_result f
  where f.integration_id = n.integration_id and f.node_id = n.node_id
  order by f.snapshotted_at desc limit 1) f
where n.resource_type = 'source' and n.state <> 'placeholder'
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

create or replace view dbt.status_changes as
select n.integration, n.unique_id, n.name, n.resource_type, c.from_status, c.to_status, c.changed_at, c.run_id, n.owner_name
from dbt_store.status_change c
join dbt_store.known_node n on n.integration_id = c.integration_id and n.node_id = c.node_id
where c.from_class is not null;

-- In the order of results: by time as finely as dbt tells it, then by run and step.
create function dbt_store.is_after(
  at timestamptz, run text, step integer, other_at timestamptz, other_run text, other_step integer) returns boolean
language sql stable parallel safe as $$
  select (date_trunc('milliseconds', at), case when run ~ '^[0-9]+$' then run::numeric else 'infinity' end, run, step)
    > (date_trunc('milliseconds', other_at), case when other_run ~ '^[0-9]+$' then other_run::numeric else 'infinity' end,
      other_run, other_step)
$$;

create or replace view dbt.test_incidents as
select n.integration, n.unique_id, n.name, n.tested_unique_id, n.owner_name, c.changed_at as opened_at, e.resolved_at,
  extract(epoch from e.resolved_at - c.changed_at)::double precision as duration_s,
  case when c.changed_at >= coalesce(i.counted_since::timestamp at time zone 'UTC', '-infinity') then (
    select count(*)::integer from dbt_store.state_result r
    where r.integration_id = c.integration_id and r.node_id = c.node_id and r.class in ('fail', 'error')
      and r.executed_at >= date_trunc('milliseconds', c.changed_at)
      and r.executed_at < coalesce(e.resolved_at + interval '1 millisecond', 'infinity')
      and not dbt_store.is_after(c.changed_at, c.run_id, c.step, r.executed_at, r.run_id, r.step)
      and dbt_store.is_after(e.resolved_at, e.run_id, e.step, r.executed_at, r.run_id, r.step) is not false) end as results,
  e.resolved_at is null and n.removed_at is null and not n.is_placeholder
    and coalesce(n.executed_class in ('fail', 'error'), false) as is_open,
  n.owner_email
from dbt_store.status_change c
join dbt_store.integration i on i.integration_id = c.integration_id
join dbt_store.known_node n on n.integration_id = c.integration_id and n.node_id = c.node_id and n.resource_type = 'test'
left join lateral (
  select o.changed_at as resolved_at, o.run_id, o.step from dbt_store.status_change o
  where o.integration_id = c.integration_id and o.node_id = c.node_id and o.to_class in ('ok', 'warn')
    and o.changed_at >= date_trunc('milliseconds', c.changed_at)
    -- Of many changes those of the one millisecond that tells suffice.
    and o.changed_at < coalesce(interval '1 millisecond' + (
      select min(p.changed_at) from dbt_store.status_change p
      where p.integration_id = c.integration_id and p.node_id = c.node_id and p.to_class in ('ok', 'warn')
        and p.changed_at >= date_trunc('milliseconds', c.changed_at) + interval '1 millisecond'), 'infinity')
    and dbt_store.is_after(o.changed_at, o.run_id, o.step, c.changed_at, c.run_id, c.step)
  order by date_trunc('milliseconds', o.changed_at), dbt_store.run_order(o.run_id), o.run_id, o.step limit 1) e on true
where c.to_class in ('fail', 'error') and coalesce(c.from_class not in ('fail', 'error'), true);

create or replace view dbt.failing_now as
select i.name as integration, n.unique_id, n.name, n.resource_type, n.executed_status as status, n.failing_since,
  n.owner_name, n.dbt_url, f.root_cause as root_cause_unique_id, f.downstream_models, f.downstream_exposures, n.owner_email
from dbt_store.integration i
-- An integration at a time, so that those who ask for one do not wait for all.
cross join lateral (
  with recursive failing as materialized (
    -- What a test fails of is the node that it tests.
    select s.node_id, n.resource_type = 'test' as is_test, coalesce(t.node_id, s.node_id) as origin_id, s.failing_since,
      n.resource_type = 'test' and t.node_id is null as is_of_several
    from dbt_store.node_status s
    join dbt_store.node n on n.integration_id = s.integration_id and n.node_id = s.node_id and n.removed_at is null
      and n.state <> 'placeholder' and n.resource_type in ('model', 'seed', 'snapshot', 'test')
    left join dbt_store.node t on n.resource_type = 'test' and t.integration_id = s.integration_id
      and t.unique_id = n.tested_unique_id and t.removed_at is null
    where s.integration_id = i.integration_id and s.executed_class in ('fail', 'error')
  ), origin as materialized (
    select origin_id, min(failing_since) as failing_since,
      min(failing_since) filter (where not is_test) as build_failing_since, bool_or(is_of_several) as is_of_several
    from failing group by origin_id
  ), reach (origin_id, node_id) as (
    select origin_id, origin_id from origin
    union
    -- A test of several nodes hits what is downstream of any of them.
    select o.origin_id, e.parent_id
    from origin o
    join dbt_store.edge e on e.integration_id = i.integration_id and e.child_id = o.origin_id and o.is_of_several
    union
    select r.origin_id, e.child_id
    from reach r
    join dbt_store.edge e on e.integration_id = i.integration_id and e.parent_id = r.node_id
    join dbt_store.node c on c.integration_id = i.integration_id and c.node_id = e.child_id
      and c.resource_type <> 'test' and c.removed_at is null
  ), below as (
    select r.origin_id, (count(*) filter (where n.resource_type = 'model'))::integer as models,
      (count(*) filter (where n.resource_type = 'exposure'))::integer as exposures
    from reach r
    join dbt_store.node n on n.integration_id = i.integration_id and n.node_id = r.node_id
    where r.node_id <> r.origin_id and not exists (
      select from dbt_store.edge e
      where e.integration_id = i.integration_id and e.parent_id = r.node_id and e.child_id = r.origin_id)
    group by r.origin_id
  ), above as materialized (
    select r.node_id as origin_id, r.origin_id as above_id, a.failing_since, a.failing_since <= o.failing_since as is_cause
    from reach r
    join origin o on o.origin_id = r.node_id
    join origin a on a.origin_id = r.origin_id and not a.is_of_several
    where r.node_id <> r.origin_id
  ), root as (
    -- What began to fail later is not what a failure follows from, nor is what follows from another cause itself.
    select distinct on (f.node_id) f.node_id, n.unique_id
    from failing f
    join above a on a.origin_id = f.origin_id and a.failing_since <= f.failing_since
    join dbt_store.node n on n.integration_id = i.integration_id and n.node_id = a.above_id
    where a.above_id not in (select origin_id from above where is_cause)
    order by f.node_id, a.failing_since, n.unique_id
  )
  select f.node_id, coalesce(b.models, 0) as downstream_models, coalesce(b.exposures, 0) as downstream_exposures,
    coalesce(r.unique_id, case when f.is_test and o.build_failing_since <= f.failing_since then n.unique_id end) as root_cause
  from failing f
  join origin o on o.origin_id = f.origin_id
  join dbt_store.node n on n.integration_id = i.integration_id and n.node_id = f.origin_id
  left join below b on b.origin_id = f.origin_id
  left join root r on r.node_id = f.node_id
) f
join dbt_store.node_facts n on n.integration_id = i.integration_id and n.node_id = f.node_id;

create or replace view dbt.run_critical_path as
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
      select c.last_node_id, c.completed_at from (
        select *, min(day) over () >= coalesce(i.counted_since, '-infinity') as is_whole from dbt_store.run_count
        where integration_id = r.integration_id and run_id = r.run_id) c
      join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = c.last_node_id
      where c.is_whole and c.resource_type <> 'operation'
      order by c.completed_at desc, n.unique_id collate "C" desc limit 1) c
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
        -- What has no timed result in the run (an ephemeral model, one that was reused) stands for its own parents.
        with recursive above (node_id) as (
          select e.parent_id from dbt_store.edge e where e.integration_id = r.integration_id and e.child_id = p.node_id
          union
          select e.parent_id
          from above a
          join dbt_store.edge e on e.integration_id = r.integration_id and e.child_id = a.node_id
          where not exists (
            select from unnest((select steps from told)) s (step)
            join dbt_store.run_result x on x.integration_id = r.integration_id and x.run_id = r.run_id and x.step = s.step
              and x.node_id = a.node_id and x.started_at is not null and x.completed_at is not null)
        )
        select node_id from above) a
      cross join unnest((select steps from told)) s (step)
      cross join lateral (
        select x.* from dbt_store.run_result x
        where x.integration_id = r.integration_id and x.run_id = r.run_id and x.step = s.step and x.node_id = a.node_id
        offset 0) o
      join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = o.node_id
      where o.completed_at <= p.started_at and o.started_at < p.started_at
      order by o.completed_at desc, n.unique_id collate "C" desc, o.step desc limit 1) before
  )
  select (max(place) over () - place + 1)::integer as position, node_id, started_at, completed_at, execution_time_s
  from path
) p
join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = p.node_id;

comment on column dbt.nodes.state is 'applied: a model, seed or snapshot that was built, or a test that was executed. defined: in the project and not (yet) that. external: a model of another project. placeholder: only referred to, by a result or a child; nobody defined it. Other views of what is there leave placeholders out.';
comment on column dbt.relations.freshness_status is 'Outcome of a source''s last freshness check. Null for other nodes, when it was never checked, and when it breached limits that the source has no more.';
comment on column dbt.run_results.sets_state is 'Whether the result counts for current statuses. False for runs of CI jobs and the like, and for those of other jobs where the integration is narrowed to one.';
comment on column dbt.test_results.sets_state is 'Whether the result counts for current statuses. False for runs of CI jobs and the like, and for those of other jobs where the integration is narrowed to one.';
comment on column dbt.runs.job_name is 'Name of the job. Null when the Admin API was not asked, and for jobs that it did not list any more when it was.';
comment on column dbt.run_steps.results is 'How many results of the step were stored; retention may have removed some since.';
comment on view dbt.run_critical_path is 'Which chain of nodes made a run take as long as it did? Of each run with timed results, from the node that completed last back (hooks do not count): before each node comes, of its parents, the one that completed last before it began; what has no timed result in the run, like an ephemeral model or one that was reused, stands for its own parents. Tests that dbt build runs in between are left out. Of nodes that completed in the same moment the last one by its unique id is taken. Lineage is that of now: a chain ends at a node that was removed since. A run of days from which results may have been removed (retention) has no chain. Filter by run_id.';
comment on column dbt.test_incidents.owner_email is 'E-mail address of that owner. Null when none is given.';
comment on view dbt.stale_sources is 'Which sources are staler than their owners allow, since when and how often? One row per source that is there, has limits of freshness (or may have some that could not be told) and whose latest freshness check is warn or error.';
comment on view dbt.failing_now is 'What is broken right now, since when, whose is it, what caused it and what does it hit? One row per model, seed, snapshot or test that is there and whose latest executed result is fail or error.';
comment on column dbt.failing_now.root_cause_unique_id is 'The failing node furthest upstream that this one follows from: of several the one that failed first. What began to fail later than this one is none of it. For a test that nothing upstream explains it is the tested node, where that fails to build since no later than the test. A node whose tests fail counts as failing, although its own build may have succeeded. Null when nothing explains it.';
comment on column dbt.failing_now.owner_email is 'E-mail address of that owner. Null when none is given.';
comment on view dbt.coverage_daily is 'How did tests and documentation of models change over time? The rows of coverage for each day, as they were at its end; the last day is today. Days are UTC and begin with that of the definitions (the manifest) that the first pass read. What is told counts from the day of the definitions that it came with, a catalog of a later day included.';
