-- What a run and a day are counted from is told where they are written; these filled what was stored before.
drop function dbt_store.fill_rollups(integer);
drop function dbt_store.run_count_of(integer, text[]);
drop function dbt_store.node_day_of(integer, bigint, date);

-- Of nodes that completed in the same moment every store names the same one, whichever it stored first.
comment on column dbt_store.run_count.last_node_id is
  'The node that completed last, at completed_at; of several the last one by its unique id.';
update dbt_store.run_count c set last_node_id = l.node_id
from (
  select distinct on (k.integration_id, k.run_id, k.day, k.resource_type, k.package_name)
    k.integration_id, k.run_id, k.day, k.resource_type, k.package_name, n.node_id
  from dbt_store.run_count k
  join dbt_store.run_result o on o.integration_id = k.integration_id and o.run_id = k.run_id
    and o.completed_at = k.completed_at and o.started_at is not null and dbt_store.utc_day(o.executed_at) = k.day
  join dbt_store.node n on n.integration_id = k.integration_id and n.node_id = o.node_id
    and n.resource_type = k.resource_type and split_part(n.unique_id, '.', 2) = k.package_name
  where dbt_store.is_executed(o.status, n.resource_type, o.step) and not exists (
    select from dbt_store.run_result x
    where x.integration_id = o.integration_id and x.run_id = o.run_id and x.node_id = o.node_id
      and (x.executed_at, x.step) > (o.executed_at, o.step) and dbt_store.is_executed(x.status, n.resource_type, x.step))
  order by k.integration_id, k.run_id, k.day, k.resource_type, k.package_name, n.unique_id collate "C" desc) l
where (c.integration_id, c.run_id, c.day, c.resource_type, c.package_name)
    = (l.integration_id, l.run_id, l.day, l.resource_type, l.package_name)
  and c.last_node_id <> l.node_id;

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
      select c.last_node_id, c.completed_at from dbt_store.run_count c
      join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = c.last_node_id
      where c.integration_id = r.integration_id and c.run_id = r.run_id
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
      join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = o.node_id
      where o.completed_at <= p.started_at and o.started_at < p.started_at
      order by o.completed_at desc, n.unique_id collate "C" desc, o.step desc limit 1) before
  )
  select (max(place) over () - place + 1)::integer as position, node_id, started_at, completed_at, execution_time_s
  from path
) p
join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = p.node_id;

comment on view dbt.run_critical_path is 'Which chain of nodes made a run take as long as it did? Of each run with timed results, from the node that completed last back: before each node comes, of its parents, the one that completed last before it began; what has no result in the run, like an ephemeral model, stands for its own parents. Tests that dbt build runs in between are left out. Of nodes that completed in the same moment the last one by its unique id is taken. Lineage is that of now: a chain ends at a node that was removed since. Filter by run_id.';

-- No statement joins by these or looks for them: telling the planner of them takes longer than anything it would gain.
alter table dbt_store.node
  alter column unknown set statistics 0,
  alter column definition_source set statistics 0,
  alter column definition_normalizer set statistics 0,
  alter column definition_run_id set statistics 0,
  alter column build_source set statistics 0,
  alter column build_normalizer set statistics 0,
  alter column build_at set statistics 0,
  alter column compiled_at set statistics 0,
  alter column compiled_by_build set statistics 0,
  alter column catalog_normalizer set statistics 0,
  alter column columns_source set statistics 0,
  alter column contract_enforced set statistics 0,
  alter column file_path set statistics 0,
  alter column label set statistics 0,
  alter column loader set statistics 0,
  alter column relation_name set statistics 0,
  alter column latest_version set statistics 0,
  alter column deprecation_date set statistics 0,
  alter column test_namespace set statistics 0,
  alter column column_name set statistics 0,
  alter column warn_after_s set statistics 0,
  alter column error_after_s set statistics 0,
  alter column row_count set statistics 0,
  alter column bytes set statistics 0;
alter table dbt_store.node_column
  alter column position set statistics 0,
  alter column declared_type set statistics 0,
  alter column declared_name set statistics 0,
  alter column tags set statistics 0;
alter table dbt_store.node_day
  alter column few set statistics 0,
  alter column p50_s set statistics 0,
  alter column p95_s set statistics 0,
  alter column max_s set statistics 0,
  alter column total_s set statistics 0;
