-- What nodes are: the views of definitions. Verdicts and results come in later files.
create schema dbt;
comment on schema dbt is 'dbt-observer for readers: views whose columns are only ever added to, never renamed or dropped.';

-- Every node with what is derived of it: owner, layer, state, link. Removed ones included.
create view dbt_store.node_facts as
with owner_of_group as (
  select integration_id, name, package_name, owner_name, owner_email,
    row_number() over (partition by integration_id, name order by unique_id) = 1 as is_default
  from dbt_store.node
  where resource_type = 'group' and removed_at is null and (owner_name is not null or owner_email is not null)
)
select
  i.name as integration, n.integration_id, n.node_id, n.unique_id, n.resource_type, n.name, n.package_name,
  n.description, n.tags, n.meta, n.config, n.database_name, n.schema_name, n.identifier, n.relation_name,
  n.materialization, n.access, n.group_name,
  case when n.resource_type = 'model' then dbt_store.layer(n.name, n.file_path) end as layer,
  case
    when n.resource_type in ('exposure', 'group') then n.owner_name
    when g.name is not null then g.owner_name
    when d.name is not null then d.owner_name
    when coalesce(n.owner_name, n.owner_email) is not null then n.owner_name
    else t.owner_name
  end as owner_name,
  case
    when n.resource_type in ('exposure', 'group') then n.owner_email
    when g.name is not null then g.owner_email
    when d.name is not null then d.owner_email
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
    i.access_url || '/explore/' || i.account_id || '/projects/' || i.project_id
      || '/environments/production/details/' || n.unique_id
  end as dbt_url,
  n.first_seen_at, n.changed_at, n.details, n.removed_at,
  n.raw_code, n.compiled_code, n.row_count, n.bytes, n.label, n.properties,
  n.test_type, n.test_name, n.test_namespace, n.arguments, n.severity,
  coalesce(n.column_name, n.arguments ->> 'column_name') as column_name, n.tested_unique_id,
  t.name as tested_name, t.resource_type as tested_resource_type,
  n.source_name, n.loader, n.warn_after_s, n.error_after_s,
  s.status, s.message, s.failures, s.last_run_id, r.job_id as last_job_id, s.last_run_at,
  s.executed_status, s.executed_class, s.last_executed_at, s.last_success_run_id, s.last_success_at, s.last_pass_at,
  s.status_since, s.failing_since, s.since_is_exact, s.consecutive_failures, s.execution_time_s
from dbt_store.node n
join dbt_store.integration i on i.integration_id = n.integration_id
left join dbt_store.node t on n.resource_type = 'test' and t.integration_id = n.integration_id and t.unique_id = n.tested_unique_id
left join owner_of_group g on g.integration_id = n.integration_id
  and g.name = coalesce(n.group_name, t.group_name)
  and g.package_name = case when n.group_name is not null then n.package_name else t.package_name end
left join owner_of_group d on d.integration_id = n.integration_id
  and d.name = coalesce(n.group_name, t.group_name) and d.is_default
left join dbt_store.node_status s on s.integration_id = n.integration_id and s.node_id = n.node_id
left join dbt_store.run r on r.integration_id = s.integration_id and r.run_id = s.last_run_id;

create view dbt.nodes as
select integration, unique_id, resource_type, name, package_name, description, tags, meta, config, database_name,
  schema_name, identifier, relation_name, materialization, access, group_name, layer, owner_name, owner_email,
  file_path, version, latest_version, deprecation_date, contract_enforced, state, definition_at, catalog_at,
  dbt_url, first_seen_at, changed_at, details
from dbt_store.node_facts
where removed_at is null;

create view dbt.removed_nodes as
select integration, unique_id, resource_type, name, package_name, description, tags, meta, config, database_name,
  schema_name, identifier, relation_name, materialization, access, group_name, layer, owner_name, owner_email,
  file_path, version, latest_version, deprecation_date, contract_enforced, state, definition_at, catalog_at,
  dbt_url, first_seen_at, changed_at, details, removed_at
from dbt_store.node_facts
where removed_at is not null;

-- Tests of each node by their latest executed result.
create view dbt_store.node_tests as
select n.integration_id, n.tested_unique_id as unique_id,
  count(*)::integer as tests,
  (count(*) filter (where s.executed_class = 'ok'))::integer as tests_passed,
  (count(*) filter (where s.executed_class = 'warn'))::integer as tests_warned,
  (count(*) filter (where s.executed_class = 'fail'))::integer as tests_failed,
  (count(*) filter (where s.executed_class = 'error'))::integer as tests_errored,
  dbt_store.class_of_rank(max(dbt_store.class_rank(s.executed_class))) as test_status,
  max(s.last_executed_at) as last_tested_at
from dbt_store.node n
left join dbt_store.node_status s on s.integration_id = n.integration_id and s.node_id = n.node_id
where n.resource_type = 'test' and n.removed_at is null and n.tested_unique_id is not null
group by n.integration_id, n.tested_unique_id;

create view dbt_store.node_columns as
select integration_id, node_id, count(*)::integer as columns,
  (count(*) filter (where description <> ''))::integer as documented_columns
from dbt_store.node_column
group by integration_id, node_id;

create view dbt_store.built_node as
select n.integration, n.unique_id, n.resource_type, n.name, n.package_name, n.description, n.tags, n.meta, n.config,
  n.database_name, n.schema_name, n.identifier, n.relation_name, n.materialization, n.access, n.group_name, n.layer,
  n.owner_name, n.owner_email, n.file_path, n.version, n.latest_version, n.deprecation_date, n.contract_enforced,
  n.state, n.definition_at, n.catalog_at, n.dbt_url, n.first_seen_at, n.changed_at, n.details,
  n.raw_code, n.compiled_code, n.last_run_id, n.last_job_id, n.status as last_run_status, n.last_run_at,
  case when n.status in ('error', 'fail') then n.message end as last_run_error,
  n.last_executed_at, n.last_success_run_id, n.last_success_at, n.status_since,
  coalesce(n.consecutive_failures, 0) as consecutive_failures, n.execution_time_s, n.row_count, n.bytes,
  coalesce(c.columns, 0) as columns, coalesce(c.documented_columns, 0) as documented_columns,
  coalesce(t.tests, 0) as tests, coalesce(t.tests_passed, 0) as tests_passed, coalesce(t.tests_warned, 0) as tests_warned,
  coalesce(t.tests_failed, 0) as tests_failed, coalesce(t.tests_errored, 0) as tests_errored, t.test_status
from dbt_store.node_facts n
left join dbt_store.node_columns c on c.integration_id = n.integration_id and c.node_id = n.node_id
left join dbt_store.node_tests t on t.integration_id = n.integration_id and t.unique_id = n.unique_id
where n.removed_at is null;

create view dbt.models as select * from dbt_store.built_node where resource_type = 'model';
create view dbt.seeds as select * from dbt_store.built_node where resource_type = 'seed';
create view dbt.snapshots as select * from dbt_store.built_node where resource_type = 'snapshot';

create view dbt.tests as
select integration, unique_id, name, test_type, test_name, test_namespace, arguments, severity, column_name,
  tested_unique_id, tested_name, tested_resource_type, owner_name, owner_email, status, failures, message,
  last_run_id, last_job_id, last_run_at, last_executed_at, last_pass_at, status_since, failing_since, since_is_exact,
  coalesce(consecutive_failures, 0) as consecutive_failures, raw_code, compiled_code, file_path, tags, meta, dbt_url
from dbt_store.node_facts
where resource_type = 'test' and removed_at is null;

create view dbt.columns as
with tested as (
  select n.integration_id, n.tested_unique_id, lower(coalesce(n.column_name, n.arguments ->> 'column_name')) as column_name,
    count(*)::integer as tests, dbt_store.class_of_rank(max(dbt_store.class_rank(s.executed_class))) as test_status
  from dbt_store.node n
  left join dbt_store.node_status s on s.integration_id = n.integration_id and s.node_id = n.node_id
  where n.resource_type = 'test' and n.removed_at is null
  group by 1, 2, 3
)
select i.name as integration, n.unique_id, n.resource_type, n.name, c.name as column_name, c.position, c.data_type,
  c.declared_type, c.description, c.comment, c.tags, c.meta, coalesce(t.tests, 0) as tests, t.test_status
from dbt_store.node_column c
join dbt_store.node n on n.integration_id = c.integration_id and n.node_id = c.node_id
join dbt_store.integration i on i.integration_id = c.integration_id
left join tested t on t.integration_id = c.integration_id and t.tested_unique_id = n.unique_id
  and t.column_name = lower(c.name)
where n.removed_at is null;

create view dbt.metrics as
select integration, unique_id, name, label, description, properties ->> 'metric_type' as metric_type,
  nullif(properties -> 'type_params', 'null') as type_params, nullif(properties -> 'filter', 'null') as filter, group_name, package_name,
  owner_name, owner_email, tags, meta, file_path, dbt_url
from dbt_store.node_facts
where resource_type = 'metric' and removed_at is null;

create view dbt.semantic_models as
select integration, unique_id, name, label, description, properties ->> 'model_unique_id' as model_unique_id,
  nullif(properties -> 'entities', 'null') as entities, nullif(properties -> 'dimensions', 'null') as dimensions, nullif(properties -> 'measures', 'null') as measures,
  group_name, package_name, owner_name, owner_email, tags, meta, file_path, dbt_url
from dbt_store.node_facts
where resource_type = 'semantic_model' and removed_at is null;

create view dbt.saved_queries as
select integration, unique_id, name, label, description, nullif(properties -> 'query_params', 'null') as query_params,
  nullif(properties -> 'exports', 'null') as exports, group_name, package_name, owner_name, owner_email, tags, meta, file_path, dbt_url
from dbt_store.node_facts
where resource_type = 'saved_query' and removed_at is null;

create view dbt.groups as
select g.integration, g.unique_id, g.name, g.description, g.package_name, g.owner_name, g.owner_email, g.meta, g.file_path,
  -- A model's group is the one of its own package, else the first of that name.
  (select count(*)::integer from dbt_store.node m
   where m.integration_id = g.integration_id and m.resource_type = 'model' and m.group_name = g.name
     and m.removed_at is null
     and g.unique_id = (
       select x.unique_id from dbt_store.node x
       where x.integration_id = m.integration_id and x.resource_type = 'group' and x.name = m.group_name
         and x.removed_at is null
       order by x.package_name = m.package_name desc, x.unique_id limit 1)) as models
from dbt_store.node_facts g
where g.resource_type = 'group' and g.removed_at is null;

create view dbt.macros as
select integration, unique_id, name, description, package_name, nullif(properties -> 'arguments', 'null') as arguments, meta, tags, file_path
from dbt_store.node_facts
where resource_type = 'macro' and removed_at is null;
