-- What fails of what, since when, and what a run took.

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
  e.resolved_at is null and n.removed_at is null and not (n.state = 'placeholder' and i.complete_at is not null)
    and coalesce(n.executed_class in ('fail', 'error'), false) as is_open,
  n.owner_email
from dbt_store.status_change c
join dbt_store.integration i on i.integration_id = c.integration_id
join dbt_store.node_facts n on n.integration_id = c.integration_id and n.node_id = c.node_id and n.resource_type = 'test'
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
      and (n.state <> 'placeholder' or i.complete_at is null)
      and n.resource_type in ('model', 'seed', 'snapshot', 'test')
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

comment on view dbt.run_critical_path is 'Which chain of nodes made a run take as long as it did? Of each run with timed results, from the node that completed last back (hooks do not count): before each node comes, of its parents, the one that completed last before it began; what has no timed result in the run, like an ephemeral model or one that was reused, stands for its own parents. Tests that dbt build runs in between are left out. Of nodes that completed in the same moment the last one by its unique id is taken. Lineage is that of now: a chain ends at a node that was removed since. A run of days from which results may have been removed (retention) has no chain. Filter by run_id.';
comment on column dbt.test_incidents.owner_email is 'E-mail address of that owner. Null when none is given.';
comment on view dbt.failing_now is 'What is broken right now, since when, whose is it, what caused it and what does it hit? One row per model, seed, snapshot or test that is there and whose latest executed result is fail or error.';
comment on column dbt.failing_now.root_cause_unique_id is 'The failing node furthest upstream that this one follows from: of several the one that failed first. What began to fail later than this one is none of it. For a test that nothing upstream explains it is the tested node, where that fails to build since no later than the test. A node whose tests fail counts as failing, although its own build may have succeeded. Null when nothing explains it.';
comment on column dbt.failing_now.owner_email is 'E-mail address of that owner. Null when none is given.';
comment on column dbt.test_incidents.owner_name is 'Owner of the test now: the owner of the group of the node it tests, else its own meta.owner, else that of the tested node. Null when nobody is named.';
comment on column dbt.failing_now.owner_name is 'Owner of the node, as in dbt.nodes; of a test the owner of the group of the node it tests, else its own meta.owner, else that of the tested node. Null when nobody is named.';
