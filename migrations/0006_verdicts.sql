-- Can I trust this? Sources' freshness, one verdict per relation, health of exposures, and the integrations themselves.

create view dbt_store.latest_freshness as
select f.*
from dbt_store.node n
cross join lateral (
  select * from dbt_store.freshness_result f
  where f.integration_id = n.integration_id and f.node_id = n.node_id
  order by f.snapshotted_at desc limit 1) f
where n.resource_type = 'source';

create view dbt.sources as
select n.integration, n.unique_id, n.resource_type, n.name, n.package_name, n.description, n.tags, n.meta, n.config,
  n.database_name, n.schema_name, n.identifier, n.relation_name, n.materialization, n.access, n.group_name, n.layer,
  n.owner_name, n.owner_email, n.file_path, n.version, n.latest_version, n.deprecation_date, n.contract_enforced,
  n.state, n.definition_at, n.catalog_at, n.dbt_url, n.first_seen_at, n.changed_at, n.details,
  n.source_name, n.loader, f.status as freshness_status, f.max_loaded_at, f.snapshotted_at, f.age_s,
  extract(epoch from now() - f.max_loaded_at)::double precision as age_now_s, n.warn_after_s, n.error_after_s,
  coalesce(t.tests, 0) as tests, coalesce(t.tests_passed, 0) as tests_passed, coalesce(t.tests_warned, 0) as tests_warned,
  coalesce(t.tests_failed, 0) as tests_failed, coalesce(t.tests_errored, 0) as tests_errored, t.test_status,
  n.row_count, n.bytes
from dbt_store.node_facts n
left join dbt_store.latest_freshness f on f.integration_id = n.integration_id and f.node_id = n.node_id
left join dbt_store.node_tests t on t.integration_id = n.integration_id and t.unique_id = n.unique_id
where n.resource_type = 'source' and n.removed_at is null;

-- Sources that breach their freshness and everything downstream of one.
create view dbt_store.stale_upstream as
with recursive reached (integration_id, node_id, source_id) as (
  select f.integration_id, f.node_id, f.node_id
  from dbt_store.latest_freshness f
  join dbt_store.node n on n.integration_id = f.integration_id and n.node_id = f.node_id and n.removed_at is null
  where f.status in ('warn', 'error')
  union
  select r.integration_id, e.child_id, r.source_id
  from reached r
  join dbt_store.edge e on e.integration_id = r.integration_id and e.parent_id = r.node_id
)
select integration_id, node_id, count(*)::integer as sources
from reached
group by integration_id, node_id;

-- The usual time between two builds of a node: the median over its last 20 builds, of at least 3.
create view dbt_store.build_interval as
with build as (
  select r.integration_id, r.node_id, r.executed_at,
    row_number() over (partition by r.integration_id, r.node_id order by r.executed_at desc) as recency,
    r.executed_at - lag(r.executed_at) over (partition by r.integration_id, r.node_id order by r.executed_at) as gap
  from dbt_store.run_result r
  join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = r.node_id
    and n.resource_type in ('model', 'seed', 'snapshot')
  join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id
  where (r.step <= 0 or run.sets_state) and dbt_store.result_class(r.status, n.resource_type, r.step) in ('ok', 'warn')
)
select integration_id, node_id,
  percentile_cont(0.5) within group (order by gap) filter (where recency < least(20, builds)) as median_gap
from (select *, count(*) over (partition by integration_id, node_id) as builds from build) counted
where recency <= 20 and builds >= 3
group by integration_id, node_id;

-- One verdict per model, seed, snapshot and source, ephemeral models included.
create view dbt_store.node_verdict as
with judged as (
  select n.integration_id, n.node_id, n.unique_id, n.resource_type, n.name, n.database_name, n.schema_name, n.identifier,
    n.is_ephemeral, s.last_success_at as last_built_at, t.last_tested_at, f.status as freshness_status, t.test_status,
    s.executed_class, coalesce(t.tests_failed, 0) + coalesce(t.tests_errored, 0) as failing_tests,
    coalesce(t.tests_warned, 0) as warning_tests, coalesce(u.sources, 0) as stale_sources,
    s.last_success_at < now() - 2 * b.median_gap as is_late
  from dbt_store.relation_node n
  left join dbt_store.node_status s on s.integration_id = n.integration_id and s.node_id = n.node_id
  left join dbt_store.node_tests t on t.integration_id = n.integration_id and t.unique_id = n.unique_id
  left join dbt_store.latest_freshness f on f.integration_id = n.integration_id and f.node_id = n.node_id
  left join dbt_store.stale_upstream u on u.integration_id = n.integration_id and u.node_id = n.node_id
  left join dbt_store.build_interval b on b.integration_id = n.integration_id and b.node_id = n.node_id
)
select *,
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
from judged;

create view dbt.relations as
select i.name as integration, v.database_name, v.schema_name, v.identifier, v.unique_id, v.resource_type, v.last_built_at,
  v.last_tested_at, v.freshness_status, v.test_status, v.verdict, v.reason
from dbt_store.node_verdict v
join dbt_store.integration i on i.integration_id = v.integration_id
where not v.is_ephemeral;

create view dbt.exposures as
with recursive ancestor (integration_id, exposure_id, node_id) as (
  select e.integration_id, e.child_id, e.parent_id
  from dbt_store.edge e
  join dbt_store.node x on x.integration_id = e.integration_id and x.node_id = e.child_id
    and x.resource_type = 'exposure' and x.removed_at is null
  union
  select a.integration_id, a.exposure_id, e.parent_id
  from ancestor a
  join dbt_store.edge e on e.integration_id = a.integration_id and e.child_id = a.node_id
), health as (
  select a.integration_id, a.exposure_id,
    (count(*) filter (where v.resource_type = 'model'))::integer as upstream_models,
    (count(*) filter (where v.resource_type = 'source'))::integer as upstream_sources,
    coalesce(sum(v.failing_tests), 0)::integer as failing_tests,
    (count(*) filter (where v.resource_type = 'model' and v.executed_class in ('fail', 'error')))::integer as errored_models,
    (count(*) filter (where v.resource_type = 'source' and v.stale_sources > 0))::integer as stale_sources,
    max(case v.verdict when 'fail' then 4 when 'warn' then 3 when 'stale' then 3 when 'ok' then 2 else 1 end) as worst,
    (array_agg(v.resource_type || ' ' || v.name || ': ' || v.reason order by
      case v.verdict when 'fail' then 1 when 'warn' then 2 when 'stale' then 3 when 'ok' then 4 else 5 end, v.unique_id))[1] as reason
  from ancestor a
  join dbt_store.node_verdict v on v.integration_id = a.integration_id and v.node_id = a.node_id
  group by a.integration_id, a.exposure_id
)
select n.integration, n.unique_id, n.name, n.label, n.properties ->> 'exposure_type' as exposure_type,
  n.properties ->> 'maturity' as maturity, n.properties ->> 'url' as url, n.description, n.owner_name, n.owner_email,
  n.tags, n.meta, coalesce(h.upstream_models, 0) as upstream_models, coalesce(h.upstream_sources, 0) as upstream_sources,
  coalesce(h.failing_tests, 0) as failing_tests, coalesce(h.errored_models, 0) as errored_models,
  coalesce(h.stale_sources, 0) as stale_sources,
  case h.worst when 4 then 'fail' when 3 then 'warn' when 2 then 'pass' else 'unknown' end as health,
  case when h.worst > 2 then h.reason end as reason
from dbt_store.node_facts n
left join health h on h.integration_id = n.integration_id and h.exposure_id = n.node_id
where n.resource_type = 'exposure' and n.removed_at is null;

create view dbt.integrations as
select i.name as integration, i.account_id, i.project_id, i.environment_id, i.job_id, i.project_name,
  null::text as environment_name, i.adapter_type, i.dbt_version, i.schedule, i.time_zone, i.git_sha, i.dbt_updated_at,
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
