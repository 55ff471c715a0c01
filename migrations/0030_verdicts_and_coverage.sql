-- Verdicts and coverage, sooner.

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
    -- Looked up for each: the few that are reached in a round are not worth a walk over all edges.
    cross join lateral (
      select child_id from dbt_store.edge where integration_id = i.integration_id and parent_id = r.node_id offset 0) e
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

create or replace view dbt_store.coverage as
select m.integration_id, d.dimension, d.value, sum(m.models)::integer as models,
  sum(m.tested_models)::integer as tested_models, sum(m.documented_models)::integer as documented_models,
  sum(m.columns)::integer as columns, sum(m.documented_columns)::integer as documented_columns, sum(m.tests)::integer as tests
from (
  -- Of each combination first: they are few, and so are the owners that are looked up.
  select n.integration_id, n.package_name, n.group_name, n.schema_name, dbt_store.layer(n.name, n.file_path) as layer,
    min(n.node_id) as node_id, count(*) as models, count(t.tests) as tested_models,
    count(*) filter (where n.description <> '') as documented_models, coalesce(sum(c.columns), 0) as columns,
    coalesce(sum(c.documented_columns), 0) as documented_columns, coalesce(sum(t.tests), 0) as tests
  from dbt_store.node n
  left join dbt_store.node_tests t on t.integration_id = n.integration_id and t.unique_id = n.unique_id
  left join dbt_store.node_columns c on c.integration_id = n.integration_id and c.node_id = n.node_id
  where n.resource_type = 'model' and n.removed_at is null and n.state not in ('external', 'placeholder')
  group by n.integration_id, n.package_name, n.group_name, coalesce(n.owner_name, n.owner_email), n.schema_name,
    dbt_store.layer(n.name, n.file_path)) m
-- The owner of one is that of all.
cross join lateral (
  select coalesce(owner_name, owner_email) as owner from dbt_store.node_facts
  where integration_id = m.integration_id and node_id = m.node_id offset 0) f
cross join lateral (values ('package', m.package_name), ('group', m.group_name), ('owner', f.owner),
  ('schema', m.schema_name), ('layer', m.layer)) d (dimension, value)
group by m.integration_id, d.dimension, d.value;

drop view dbt_store.covered_model;
