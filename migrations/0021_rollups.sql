-- What is counted of results as they come, so that a year of them is read as fast as a day: each function tells what the
-- rows are, publishing writes them for what it touched, and here they are filled from what is stored.

create function dbt_store.utc_day(at timestamptz) returns date
language sql immutable parallel safe as $$
  select (at at time zone 'UTC')::date
$$;

-- Results of a run ----------------------------------------------------------------------------------------------------
create table dbt_store.run_count (
  integration_id integer not null,
  run_id text not null,
  day date not null,
  resource_type text not null,
  package_name text not null,
  executed integer not null,
  ok integer not null,
  warned integer not null,
  failed integer not null,
  errored integer not null,
  has_steps boolean not null,
  completed_at timestamptz,
  last_node_id bigint,
  primary key (integration_id, run_id, day, resource_type, package_name)
);
comment on table dbt_store.run_count is
  'Nodes of a run by their latest executed result in it. The day is that result''s, in UTC; the package is the one of the unique id.';
comment on column dbt_store.run_count.last_node_id is 'The node that completed last, at completed_at; of several the first that was stored.';
create index run_count_day on dbt_store.run_count (integration_id, day);

create function dbt_store.run_count_of(scope integer, runs text[]) returns setof dbt_store.run_count
language sql stable as $$
  select scope, run_id, dbt_store.utc_day(executed_at), resource_type, package_name,
    (count(*) filter (where is_executed))::integer, (count(*) filter (where class = 'ok'))::integer,
    (count(*) filter (where class = 'warn'))::integer, (count(*) filter (where class = 'fail'))::integer,
    (count(*) filter (where class = 'error'))::integer, bool_or(step > 0),
    max(completed_at) filter (where is_timed),
    -- Of those that completed last the least number, without a sort.
    -(max(array[(extract(epoch from completed_at) * 1000000)::bigint, -node_id]) filter (where is_timed))[2]
  from (
    select distinct on (o.run_id, o.node_id) o.run_id, o.node_id, n.resource_type, split_part(n.unique_id, '.', 2) as package_name, o.step,
      o.executed_at, o.started_at, o.completed_at, e.is_executed,
      case when e.is_executed then dbt_store.result_class(o.status, n.resource_type, o.step) end as class,
      e.is_executed and o.started_at is not null and o.completed_at is not null as is_timed
    from dbt_store.run_result o
    join dbt_store.node n on n.integration_id = scope and n.node_id = o.node_id
    cross join lateral (select dbt_store.is_executed(o.status, n.resource_type, o.step) as is_executed) e
    where o.integration_id = scope and o.run_id = any (runs)
    order by o.run_id, o.node_id, e.is_executed desc, o.executed_at desc, o.step desc
  ) latest
  group by 2, 3, 4, 5
$$;

alter table dbt_store.run_step add column results integer;
comment on column dbt_store.run_step.results is 'How many results of the step are stored; null is none.';

-- Results that set the state: those of the integration's job alone, where it is narrowed to one.
create view dbt_store.state_result as
select r.integration_id, r.node_id, r.run_id, r.step, r.status, r.executed_at, r.execution_time_s, n.resource_type,
  dbt_store.result_class(r.status, n.resource_type, r.step) as class,
  dbt_store.is_executed(r.status, n.resource_type, r.step) as is_executed
from dbt_store.run_result r
join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = r.node_id
-- Looked up for each: a planner that joins them reads all runs for every node.
where (
  select (r.step <= 0 or run.sets_state) and (i.job_id is null or run.job_id = i.job_id)
  from dbt_store.run run
  join dbt_store.integration i on i.integration_id = run.integration_id
  where run.integration_id = r.integration_id and run.run_id = r.run_id);

-- Days of what is built -----------------------------------------------------------------------------------------------
create table dbt_store.node_day (
  integration_id integer not null,
  node_id bigint not null,
  day date not null,
  runs integer not null,
  p50_s double precision,
  p95_s double precision,
  max_s double precision,
  total_s double precision not null,
  seconds double precision[] not null,
  -- As many as an index can hold.
  few double precision[] generated always as (case when cardinality(seconds) <= 32 then seconds end) stored,
  -- The days of a node lie together in the index alone: of a year each is on another page of the table.
  primary key (integration_id, node_id, day) include (runs, p50_s, p95_s, max_s, total_s, few)
);
comment on table dbt_store.node_day is
  'How long a model, seed or snapshot took on a day in UTC: its executions, the seconds of those that succeeded, and of all of them the sum.';
alter table dbt_store.node_day alter column seconds set statistics 0;
create index node_day_day on dbt_store.node_day (day, integration_id);

create function dbt_store.node_day_of(scope integer, node bigint, of_day date)
returns table (integration_id integer, node_id bigint, day date, runs integer, p50_s double precision, p95_s double precision,
  max_s double precision, total_s double precision, seconds double precision[])
language sql stable as $$
  select scope, node, of_day, count(*)::integer, percentile_cont(0.5) within group (order by success_s),
    percentile_cont(0.95) within group (order by success_s), max(success_s), coalesce(sum(execution_time_s order by execution_time_s), 0),
    coalesce(array_agg(success_s order by success_s) filter (where success_s is not null), '{}')
  from (
    select r.execution_time_s, case when r.class in ('ok', 'warn') then r.execution_time_s end as success_s
    from dbt_store.state_result r
    where r.integration_id = scope and r.node_id = node and r.is_executed
      and r.resource_type in ('model', 'seed', 'snapshot')
      and r.executed_at >= of_day::timestamp at time zone 'UTC'
      and r.executed_at < (of_day + 1)::timestamp at time zone 'UTC'
  ) executed
  having count(*) > 0
$$;

-- Changes of status ---------------------------------------------------------------------------------------------------
create table dbt_store.status_change (
  integration_id integer not null,
  node_id bigint not null,
  changed_at timestamptz not null,
  run_id text not null,
  step integer not null,
  from_status text,
  from_class text,
  to_status text not null,
  to_class text not null,
  primary key (integration_id, node_id, changed_at, run_id, step)
);
comment on table dbt_store.status_change is
  'Where a result that sets the state is of another class than the one before it; and a first one that fails.';
create index status_change_time on dbt_store.status_change (integration_id, changed_at);

-- Those of a node from a time to another, both whole milliseconds; the first is compared with what was before it.
create function dbt_store.status_change_of(scope integer, node bigint, since timestamptz, until timestamptz)
returns setof dbt_store.status_change
language sql stable as $$
  select scope, node, executed_at, run_id, step, from_status, from_class, status, class
  from (
    select r.*, lag(r.status) over consecutive as from_status, lag(r.class) over consecutive as from_class
    from dbt_store.state_result r
    where r.integration_id = scope and r.node_id = node and r.class <> 'none'
      and r.executed_at >= coalesce((
        select date_trunc('milliseconds', b.executed_at) from dbt_store.state_result b
        where b.integration_id = scope and b.node_id = node and b.executed_at < since and b.class <> 'none'
        order by b.executed_at desc limit 1), since)
      and date_trunc('milliseconds', r.executed_at) <= until
    window consecutive as (
      order by date_trunc('milliseconds', r.executed_at), dbt_store.run_order(r.run_id), r.run_id, r.step)
  ) paired
  where executed_at >= since and class is distinct from from_class
    and (from_class is not null or class in ('fail', 'error'))
$$;

-- The usual time between two builds -----------------------------------------------------------------------------------
alter table dbt_store.node_status add column builds timestamptz[];
alter table dbt_store.node_status alter column builds set statistics 0;
comment on column dbt_store.node_status.builds is
  'When a model, seed or snapshot was built the last 20 times, newest first.';

-- Told when it is written: readers ask for that of every node at once.
alter table dbt_store.node_status add column usual_gap interval;
comment on column dbt_store.node_status.usual_gap is 'The median time between two of these builds. Null of less than three.';

create function dbt_store.newest_builds(known timestamptz[], others timestamptz[]) returns timestamptz[]
language sql immutable parallel safe as $$
  select case when known is null then others else array(
    select at from (select unnest(known) as at union select unnest(others)) built order by at desc limit 20) end
$$;
comment on function dbt_store.newest_builds(timestamptz[], timestamptz[]) is 'The newest 20 times of both lists, newest first; null when there are none.';

-- Coverage ------------------------------------------------------------------------------------------------------------
create table dbt_store.coverage_day (
  integration_id integer not null,
  dimension text not null,
  value text not null,
  day date not null,
  until date not null,
  models integer not null,
  tested_models integer not null,
  documented_models integer not null,
  columns integer not null,
  documented_columns integer not null,
  tests integer not null,
  primary key (integration_id, dimension, value, day)
);
comment on table dbt_store.coverage_day is
  'Coverage as it was at the end of each day from `day` up to and without `until`; an empty value stands for models that have none. What came later is what the nodes say now.';

-- What is stored already ----------------------------------------------------------------------------------------------
alter table dbt_store.integration add column counted_since date;
comment on column dbt_store.integration.counted_since is
  'Results before that day may be gone (retention): what was counted of them stays as it is. Null when none went.';

create function dbt_store.fill_rollups(scope integer) returns void
language plpgsql as $$
declare
  first_day date := coalesce((select counted_since from dbt_store.integration where integration_id = scope), '-infinity');
  first_at timestamptz := first_day::timestamp at time zone 'UTC';
begin
  delete from dbt_store.run_count where integration_id = scope and day >= first_day;
  insert into dbt_store.run_count
  select c.* from dbt_store.run r
  cross join lateral dbt_store.run_count_of(scope, array[r.run_id]) c
  where r.integration_id = scope and c.day >= first_day;
  update dbt_store.run_step s set results = c.results
  from (
    select s.run_id, s.step, (
      select nullif(count(*), 0)::integer from dbt_store.run_result o
      where o.integration_id = scope and o.run_id = s.run_id and o.step = s.step) as results
    from dbt_store.run_step s where s.integration_id = scope) c
  where s.integration_id = scope and s.run_id = c.run_id and s.step = c.step and s.results is distinct from c.results
    and (s.results is null or c.results > s.results);
  delete from dbt_store.node_day where integration_id = scope and day >= first_day;
  insert into dbt_store.node_day (integration_id, node_id, day, runs, p50_s, p95_s, max_s, total_s, seconds)
  select d.* from (
    select distinct r.node_id, dbt_store.utc_day(r.executed_at) as day
    from dbt_store.run_result r
    join dbt_store.node n on n.integration_id = scope and n.node_id = r.node_id
      and n.resource_type in ('model', 'seed', 'snapshot')
    where r.integration_id = scope and r.executed_at >= first_at) touched
  cross join lateral dbt_store.node_day_of(scope, touched.node_id, touched.day) d;
  delete from dbt_store.status_change where integration_id = scope and changed_at >= first_at;
  insert into dbt_store.status_change
  select c.* from dbt_store.node n
  cross join lateral dbt_store.status_change_of(scope, n.node_id, first_at, 'infinity') c
  where n.integration_id = scope;
end
$$;
comment on function dbt_store.fill_rollups(integer) is 'Counts everything of an integration anew, but its coverage in the past.';

select dbt_store.fill_rollups(integration_id) from dbt_store.integration;
update dbt_store.node_status s set builds = (
  select array_agg(executed_at order by executed_at desc) from (
    select distinct r.executed_at from dbt_store.state_result r
    where r.integration_id = s.integration_id and r.node_id = s.node_id and r.class in ('ok', 'warn')
    order by r.executed_at desc limit 20) newest)
where exists (
  select from dbt_store.node n
  where n.integration_id = s.integration_id and n.node_id = s.node_id and n.resource_type in ('model', 'seed', 'snapshot'));

update dbt_store.node_status s set usual_gap = (
  select percentile_cont(0.5) within group (order by later - earlier)
  from unnest(builds[:cardinality(builds) - 1], builds[2:]) gap (later, earlier))
where cardinality(builds) >= 3;

-- By time first: PostgreSQL does not know that an integration's name stands for one row, and would sort its results.
create index run_result_time on dbt_store.run_result (executed_at, integration_id);
