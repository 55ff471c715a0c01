-- How things stand now: verdicts, coverage, what is stale and what fails.

create or replace view dbt_store.latest_freshness as
select n.integration_id, n.node_id, f.snapshotted_at, f.status, f.max_loaded_at, f.age_s, f.warn_after_s, f.error_after_s,
  f.run_id
from dbt_store.node n
cross join lateral (
  select * from dbt_store.freshness_result f
  where f.integration_id = n.integration_id and f.node_id = n.node_id
  order by f.snapshotted_at desc limit 1) f
where n.resource_type = 'source';

create or replace view dbt_store.node_verdict as
select i.integration_id, node_id, unique_id, resource_type, judged.name, database_name, schema_name, identifier, is_ephemeral,
  last_built_at, last_tested_at, freshness_status, test_status, executed_class, failing_tests, warning_tests,
  stale_sources, is_late,
  case
    when failing_tests > 0 or executed_class in ('fail', 'error') then 'fail'
    when warning_tests > 0 or executed_class = 'warn' then 'warn'
    when stale_sources > 0 or is_late then 'stale'
    when test_status is not null or executed_class is not null or freshness_status = 'pass' then 'ok'
    else 'unknown'
  end as verdict,
  case
    when executed_class in ('fail', 'error') and failing_tests > 0
      then 'its last build failed and ' || dbt_store.counted(failing_tests, 'test fails', 'tests fail')
    when executed_class in ('fail', 'error') then 'its last build failed'
    when failing_tests > 0 then dbt_store.counted(failing_tests, 'test fails', 'tests fail')
    when executed_class = 'warn' then 'its last build warned'
    when warning_tests > 0 then dbt_store.counted(warning_tests, 'test warns', 'tests warn')
    when stale_sources > 0 and resource_type = 'source' then 'it breaches its freshness'
    when stale_sources > 0
      then dbt_store.counted(stale_sources, 'upstream source breaches its freshness', 'upstream sources breach their freshness')
    when is_late then 'its last build is older than twice its usual interval'
    when test_status is not null then 'its tests pass'
    when executed_class is not null then 'it was built and no test of it has a result'
    when freshness_status = 'pass' then 'it was fresh at its last check'
    else 'nothing was executed yet'
  end as reason
from dbt_store.integration i
-- An integration at a time, so that those who ask for one do not wait for all.
cross join lateral (
  with recursive reached (node_id, source_id) as (
    -- Sources that breach their freshness, and everything downstream of one.
    select f.node_id, f.node_id
    from dbt_store.latest_freshness f
    join dbt_store.node n on n.integration_id = f.integration_id and n.node_id = f.node_id and n.removed_at is null
    where f.integration_id = i.integration_id and f.status in ('warn', 'error')
    union
    select e.child_id, r.source_id
    from reached r
    join dbt_store.edge e on e.integration_id = i.integration_id and e.parent_id = r.node_id
  ), stale as (
    select node_id, count(*)::integer as sources from reached group by node_id
  )
  select n.node_id, n.unique_id, n.resource_type, n.name, n.database_name, n.schema_name, n.identifier, n.is_ephemeral,
    s.last_success_at as last_built_at, t.last_tested_at, f.status as freshness_status, t.test_status,
    s.executed_class, coalesce(t.tests_failed, 0) + coalesce(t.tests_errored, 0) as failing_tests,
    coalesce(t.tests_warned, 0) as warning_tests, coalesce(u.sources, 0) as stale_sources,
    s.last_success_at < now() - 2 * s.usual_gap as is_late
  from dbt_store.relation_node n
  left join dbt_store.node_status s on s.integration_id = n.integration_id and s.node_id = n.node_id
  left join dbt_store.node_tests t on t.integration_id = n.integration_id and t.unique_id = n.unique_id
  left join dbt_store.latest_freshness f on f.integration_id = n.integration_id and f.node_id = n.node_id
  left join stale u on u.node_id = n.node_id
  where n.integration_id = i.integration_id
) judged;

drop view dbt_store.build_interval, dbt_store.stale_upstream;

create or replace view dbt.exposures as
select i.name as integration, n.unique_id, n.name, n.label, n.properties ->> 'exposure_type' as exposure_type,
  n.properties ->> 'maturity' as maturity, n.properties ->> 'url' as url, n.description, n.owner_name, n.owner_email,
  n.tags, n.meta, coalesce(h.upstream_models, 0) as upstream_models, coalesce(h.upstream_sources, 0) as upstream_sources,
  coalesce(h.failing_tests, 0) as failing_tests, coalesce(h.errored_models, 0) as errored_models,
  coalesce(h.stale_sources, 0) as stale_sources,
  case h.worst when 4 then 'fail' when 3 then 'warn' when 2 then 'pass' else 'unknown' end as health,
  case when h.worst > 2 then h.reason end as reason
from dbt_store.integration i
-- An integration at a time, so that those who ask for one do not wait for all.
cross join lateral (
  with recursive ancestor (exposure_id, node_id) as (
    select e.child_id, e.parent_id
    from dbt_store.node x
    join dbt_store.edge e on e.integration_id = i.integration_id and e.child_id = x.node_id
    where x.integration_id = i.integration_id and x.resource_type = 'exposure' and x.removed_at is null
    union
    select a.exposure_id, e.parent_id
    from ancestor a
    join dbt_store.edge e on e.integration_id = i.integration_id and e.child_id = a.node_id
  ), judged as materialized (
    select v.node_id, v.resource_type, v.name, v.failing_tests, v.stale_sources, v.reason,
      v.resource_type = 'model' and v.executed_class in ('fail', 'error') as is_errored,
      case v.verdict when 'fail' then 4 when 'warn' then 3 when 'stale' then 3 when 'ok' then 2 else 1 end as badness,
      row_number() over (order by
        case v.verdict when 'fail' then 1 when 'warn' then 2 when 'stale' then 3 when 'ok' then 4 else 5 end,
        v.unique_id) as place
    from dbt_store.node_verdict v
    where v.integration_id = i.integration_id and v.node_id in (select node_id from ancestor)
  )
  select x.node_id, h.upstream_models, h.upstream_sources, h.failing_tests, h.errored_models, h.stale_sources, h.worst,
    worst.resource_type || ' ' || worst.name || ': ' || worst.reason as reason
  from dbt_store.node x
  left join (
    select a.exposure_id,
      (count(*) filter (where v.resource_type = 'model'))::integer as upstream_models,
      (count(*) filter (where v.resource_type = 'source'))::integer as upstream_sources,
      sum(v.failing_tests)::integer as failing_tests, (count(*) filter (where v.is_errored))::integer as errored_models,
      (count(*) filter (where v.resource_type = 'source' and v.stale_sources > 0))::integer as stale_sources,
      max(v.badness) as worst, min(v.place) as place
    from ancestor a
    join judged v on v.node_id = a.node_id
    group by a.exposure_id) h on h.exposure_id = x.node_id
  left join judged worst on worst.place = h.place
  where x.integration_id = i.integration_id and x.resource_type = 'exposure' and x.removed_at is null
) h
join dbt_store.node_facts n on n.integration_id = i.integration_id and n.node_id = h.node_id
  and n.resource_type = 'exposure';

-- Groups ---------------------------------------------------------------------------------------------------------------
create or replace view dbt.groups as
select g.integration, g.unique_id, g.name, g.description, g.package_name, g.owner_name, g.owner_email, g.meta, g.file_path,
  coalesce(m.models, 0) as models
from dbt_store.node_facts g
left join (
  select integration_id, group_unique_id, sum(models)::integer as models
  from (
    select m.integration_id, m.models, (
      -- A model's group is the one of its own package, else the first of that name.
      select x.unique_id from dbt_store.node x
      where x.integration_id = m.integration_id and x.resource_type = 'group' and x.name = m.group_name
        and x.removed_at is null
      order by x.package_name = m.package_name desc, x.unique_id limit 1) as group_unique_id
    from (
      select integration_id, group_name, package_name, count(*) as models
      from dbt_store.node
      where resource_type = 'model' and group_name is not null and removed_at is null
      group by integration_id, group_name, package_name) m
  ) grouped
  group by integration_id, group_unique_id
) m on m.integration_id = g.integration_id and m.group_unique_id = g.unique_id
where g.resource_type = 'group' and g.removed_at is null;

-- Coverage ------------------------------------------------------------------------------------------------------------
create view dbt_store.covered_model as
select n.integration_id, n.node_id, n.package_name, n.group_name, coalesce(n.owner_name, n.owner_email) as owner,
  n.schema_name, n.layer, n.description <> '' as is_documented, coalesce(t.tests, 0) as tests,
  coalesce(c.columns, 0) as columns, coalesce(c.documented_columns, 0) as documented_columns
from dbt_store.node_facts n
left join dbt_store.node_tests t on t.integration_id = n.integration_id and t.unique_id = n.unique_id
left join dbt_store.node_columns c on c.integration_id = n.integration_id and c.node_id = n.node_id
where n.resource_type = 'model' and n.removed_at is null and n.state <> 'external' and n.state <> 'placeholder';

create view dbt_store.coverage as
select m.integration_id, d.dimension, d.value, sum(m.models)::integer as models,
  sum(m.tested_models)::integer as tested_models, sum(m.documented_models)::integer as documented_models,
  sum(m.columns)::integer as columns, sum(m.documented_columns)::integer as documented_columns, sum(m.tests)::integer as tests
from (
  -- Of each combination first: they are few.
  select integration_id, package_name, group_name, owner, schema_name, layer, count(*) as models,
    count(*) filter (where tests > 0) as tested_models, count(*) filter (where is_documented) as documented_models,
    sum(columns) as columns, sum(documented_columns) as documented_columns, sum(tests) as tests
  from dbt_store.covered_model
  group by integration_id, package_name, group_name, owner, schema_name, layer) m
cross join lateral (values ('package', m.package_name), ('group', m.group_name), ('owner', m.owner),
  ('schema', m.schema_name), ('layer', m.layer)) d (dimension, value)
group by m.integration_id, d.dimension, d.value;

create view dbt.coverage as
select i.name as integration, c.dimension, c.value, c.models, c.tested_models, c.documented_models, c.columns,
  c.documented_columns, c.tests
from dbt_store.integration i
-- An integration at a time: what is asked of one is not counted of all.
cross join lateral (select * from dbt_store.coverage of where of.integration_id = i.integration_id offset 0) c;

alter table dbt_store.integration add column covered_since date;
comment on column dbt_store.integration.covered_since is
  'The day from which on coverage is what the nodes say now; how it was before is in coverage_day.';
update dbt_store.integration set covered_since = dbt_store.utc_day(definition_at);

create view dbt.coverage_daily as
select i.name as integration, s.day::date as day, c.dimension, nullif(c.value, '') as value, c.models, c.tested_models,
  c.documented_models, c.columns, c.documented_columns, c.tests
from dbt_store.coverage_day c
join dbt_store.integration i on i.integration_id = c.integration_id
cross join lateral generate_series(c.day::timestamp, c.until::timestamp - interval '1 day', interval '1 day') s (day)
union all
select i.name, s.day::date, c.dimension, c.value, c.models, c.tested_models, c.documented_models, c.columns,
  c.documented_columns, c.tests
from dbt_store.integration i
cross join lateral (select * from dbt_store.coverage of where of.integration_id = i.integration_id offset 0) c
cross join lateral generate_series(
  coalesce(i.covered_since, dbt_store.utc_day(i.definition_at))::timestamp, dbt_store.utc_day(now())::timestamp,
  interval '1 day') s (day);

-- Freshness -----------------------------------------------------------------------------------------------------------
create view dbt.stale_sources as
select n.integration, n.unique_id, n.name, f.status as freshness_status,
  extract(epoch from now() - f.max_loaded_at)::double precision as age_now_s, b.stale_since, b.breaches_30d, b.worst_age_s
from dbt_store.latest_freshness f
join dbt_store.node_facts n on n.integration_id = f.integration_id and n.node_id = f.node_id and n.removed_at is null
cross join lateral (
  select min(o.snapshotted_at) filter (where o.snapshotted_at > coalesce(fresh.at, '-infinity')) as stale_since,
    (count(*) filter (where o.snapshotted_at > now() - interval '30 days'))::integer as breaches_30d,
    max(o.age_s) filter (where o.snapshotted_at > now() - interval '30 days') as worst_age_s
  from (
    select max(p.snapshotted_at) as at from dbt_store.freshness_result p
    where p.integration_id = f.integration_id and p.node_id = f.node_id and p.status = 'pass') fresh
  join dbt_store.freshness_result o on o.integration_id = f.integration_id and o.node_id = f.node_id
    and o.status in ('warn', 'error')
) b
where f.status in ('warn', 'error');

-- Failures ------------------------------------------------------------------------------------------------------------
create view dbt.failing_now as
select i.name as integration, n.unique_id, n.name, n.resource_type, n.executed_status as status, n.failing_since, n.owner_name,
  n.dbt_url, f.root_cause_unique_id, f.downstream_models, f.downstream_exposures
from dbt_store.integration i
cross join lateral (
  with recursive failing as materialized (
    -- What a test fails of is the node that it tests.
    select s.node_id, n.resource_type = 'test' as is_test, coalesce(t.node_id, s.node_id) as origin_id, s.failing_since,
      n.resource_type = 'test' and t.node_id is null as is_of_several
    from dbt_store.node_status s
    join dbt_store.node n on n.integration_id = s.integration_id and n.node_id = s.node_id and n.removed_at is null
    left join dbt_store.node t on n.resource_type = 'test' and t.integration_id = s.integration_id
      and t.unique_id = n.tested_unique_id and t.removed_at is null
    where s.integration_id = i.integration_id and s.executed_class in ('fail', 'error')
  ), origin as materialized (
    select origin_id, min(failing_since) as failing_since, bool_or(not is_test) as is_built_with_error,
      bool_or(is_of_several) as is_of_several
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
  ), hit as materialized (
    -- What began to fail later is not what it follows from.
    select r.origin_id, r.node_id
    from reach r
    join origin o on o.origin_id = r.node_id
    join origin a on a.origin_id = r.origin_id and not a.is_of_several and a.failing_since <= o.failing_since
    where r.node_id <> r.origin_id
  ), root as (
    select distinct on (h.node_id) h.node_id, n.unique_id
    from hit h
    join origin o on o.origin_id = h.origin_id
    join dbt_store.node n on n.integration_id = i.integration_id and n.node_id = h.origin_id
    where h.origin_id not in (select node_id from hit)
    order by h.node_id, o.failing_since, n.unique_id
  )
  select f.node_id, coalesce(r.unique_id, case when f.is_test and o.is_built_with_error then n.unique_id end) as root_cause_unique_id,
    coalesce(b.models, 0) as downstream_models, coalesce(b.exposures, 0) as downstream_exposures
  from failing f
  join origin o on o.origin_id = f.origin_id
  join dbt_store.node n on n.integration_id = i.integration_id and n.node_id = f.origin_id
  left join below b on b.origin_id = f.origin_id
  left join root r on r.node_id = f.origin_id
) f
join dbt_store.node_facts n on n.integration_id = i.integration_id and n.node_id = f.node_id;
