-- A store of many integrations is read as fast as a store of one: what is counted for some nodes is counted for these alone.

-- A node's number is its own in the whole store. A join by integration and number is taken for rarer than it is, once for
-- each integration there is.
create unique index node_number on dbt_store.node (node_id);

create or replace view dbt.run_results as
select i.name as integration, r.run_id, r.step, r.invocation_id, n.unique_id, n.resource_type, n.name, r.status, r.message,
  r.failures, r.executed_at, r.started_at, r.completed_at, r.execution_time_s, r.rows_affected, r.thread_id,
  r.adapter_response, case when r.step > 0 then 'artifacts' else 'discovery' end as results_source,
  r.step <= 0 or run.sets_state as sets_state, r.batches_successful, r.batches_failed
from dbt_store.run_result r
join dbt_store.integration i on i.integration_id = r.integration_id
join dbt_store.node n on n.node_id = r.node_id
left join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id;

create or replace view dbt.test_results as
select i.name as integration, r.run_id, r.step, r.invocation_id, n.unique_id, n.resource_type, n.name, r.status, r.message,
  r.failures, r.executed_at, r.started_at, r.completed_at, r.execution_time_s, r.rows_affected, r.thread_id,
  r.adapter_response, case when r.step > 0 then 'artifacts' else 'discovery' end as results_source,
  r.step <= 0 or run.sets_state as sets_state,
  n.test_name, coalesce(n.column_name, n.arguments ->> 'column_name') as column_name, n.tested_unique_id,
  t.name as tested_name
from dbt_store.run_result r
join dbt_store.integration i on i.integration_id = r.integration_id
join dbt_store.node n on n.node_id = r.node_id and n.resource_type = 'test'
left join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id
left join dbt_store.node t on t.integration_id = n.integration_id and t.unique_id = n.tested_unique_id;

-- Nodes -----------------------------------------------------------------------------------------------------------------
-- By the hash of a name: any text can be one.
create index node_group_name on dbt_store.node (integration_id, hashtextextended(name, 0)) where resource_type = 'group';

create or replace view dbt_store.node_facts as
select
  i.name as integration, n.integration_id, n.node_id, n.unique_id, n.resource_type, n.name, n.package_name,
  n.description, n.tags, n.meta, n.config, n.database_name, n.schema_name, n.identifier, n.relation_name,
  n.materialization, n.access, n.group_name,
  case when n.resource_type = 'model' then dbt_store.layer(n.name, n.file_path) end as layer,
  case
    when n.resource_type in ('exposure', 'group') then n.owner_name
    when g.is_owned then g.owner_name
    when coalesce(n.owner_name, n.owner_email) is not null then n.owner_name
    else t.owner_name
  end as owner_name,
  case
    when n.resource_type in ('exposure', 'group') then n.owner_email
    when g.is_owned then g.owner_email
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
  s.status, s.message, s.failures, s.last_run_id,
  (select r.job_id from dbt_store.run r where r.integration_id = s.integration_id and r.run_id = s.last_run_id) as last_job_id,
  s.last_run_at,
  s.executed_status, s.executed_class, s.last_executed_at, s.last_success_run_id, s.last_success_at, s.last_pass_at,
  s.status_since, s.failing_since, s.since_is_exact, s.consecutive_failures, s.execution_time_s
from dbt_store.node n
join dbt_store.integration i on i.integration_id = n.integration_id
left join dbt_store.node t on n.resource_type = 'test' and t.integration_id = n.integration_id and t.unique_id = n.tested_unique_id
-- The owner of its group: of the one of its own package, else of the first of that name. It is one row, so that who does
-- not ask for it does not wait for it.
left join lateral (
  select count(*) > 0 as is_owned, (array_agg(x.owner_name order by x.is_own desc, x.unique_id))[1] as owner_name,
    (array_agg(x.owner_email order by x.is_own desc, x.unique_id))[1] as owner_email
  from (
    select x.unique_id, x.owner_name, x.owner_email,
      x.package_name = case when n.group_name is not null then n.package_name else t.package_name end as is_own
    from dbt_store.node x
    where x.integration_id = n.integration_id and x.resource_type = 'group' and x.name = coalesce(n.group_name, t.group_name)
      and hashtextextended(x.name, 0) = hashtextextended(coalesce(n.group_name, t.group_name), 0)
      and x.removed_at is null and (x.owner_name is not null or x.owner_email is not null)) x) g on true
left join dbt_store.node_status s on s.integration_id = n.integration_id and s.node_id = n.node_id;

-- Nodes with their tests and columns ------------------------------------------------------------------------------------
create view dbt_store.tested_node as
select n.*, x.tests, x.tests_passed, x.tests_warned, x.tests_failed, x.tests_errored, x.test_status, c.columns,
  c.documented_columns
from dbt_store.node_facts n
-- One row each, so that who does not ask for them does not wait for them.
left join lateral (
  select count(*)::integer as tests,
    (count(*) filter (where e.executed_class = 'ok'))::integer as tests_passed,
    (count(*) filter (where e.executed_class = 'warn'))::integer as tests_warned,
    (count(*) filter (where e.executed_class = 'fail'))::integer as tests_failed,
    (count(*) filter (where e.executed_class = 'error'))::integer as tests_errored,
    dbt_store.class_of_rank(max(dbt_store.class_rank(e.executed_class))) as test_status
  from dbt_store.node o
  left join dbt_store.node_status e on e.integration_id = o.integration_id and e.node_id = o.node_id
  where o.integration_id = n.integration_id and o.tested_unique_id = n.unique_id and o.resource_type = 'test'
    and o.removed_at is null) x on true
left join lateral (
  select count(*)::integer as columns, (count(*) filter (where o.description <> ''))::integer as documented_columns
  from dbt_store.node_column o
  where o.integration_id = n.integration_id and o.node_id = n.node_id) c on true;

create or replace view dbt_store.built_node as
select n.integration, n.unique_id, n.resource_type, n.name, n.package_name, n.description, n.tags, n.meta, n.config,
  n.database_name, n.schema_name, n.identifier, n.relation_name, n.materialization, n.access, n.group_name, n.layer,
  n.owner_name, n.owner_email, n.file_path, n.version, n.latest_version, n.deprecation_date, n.contract_enforced,
  n.state, n.definition_at, n.catalog_at, n.dbt_url, n.first_seen_at, n.changed_at, n.details,
  n.raw_code, n.compiled_code, n.last_run_id, n.last_job_id, n.status as last_run_status, n.last_run_at,
  case when n.status in ('error', 'fail') then n.message end as last_run_error,
  n.last_executed_at, n.last_success_run_id, n.last_success_at, n.status_since,
  coalesce(n.consecutive_failures, 0) as consecutive_failures, n.execution_time_s, n.row_count, n.bytes,
  n.columns, n.documented_columns,
  n.tests, n.tests_passed, n.tests_warned, n.tests_failed, n.tests_errored, n.test_status
from dbt_store.tested_node n
where n.removed_at is null;

create or replace view dbt.sources as
select n.integration, n.unique_id, n.resource_type, n.name, n.package_name, n.description, n.tags, n.meta, n.config,
  n.database_name, n.schema_name, n.identifier, n.relation_name, n.materialization, n.access, n.group_name, n.layer,
  n.owner_name, n.owner_email, n.file_path, n.version, n.latest_version, n.deprecation_date, n.contract_enforced,
  n.state, n.definition_at, n.catalog_at, n.dbt_url, n.first_seen_at, n.changed_at, n.details,
  n.source_name, n.loader, f.status as freshness_status, f.max_loaded_at, f.snapshotted_at, f.age_s,
  extract(epoch from now() - f.max_loaded_at)::double precision as age_now_s, n.warn_after_s, n.error_after_s,
  n.tests, n.tests_passed, n.tests_warned, n.tests_failed, n.tests_errored, n.test_status,
  n.row_count, n.bytes
from dbt_store.tested_node n
left join lateral (
  select * from dbt_store.freshness_result of
  where of.integration_id = n.integration_id and of.node_id = n.node_id
  order by of.snapshotted_at desc limit 1) f on true
where n.resource_type = 'source' and n.removed_at is null;

create or replace view dbt.columns as
select n.integration, n.unique_id, n.resource_type, n.name, c.name as column_name, c.position, c.data_type,
  c.declared_type, c.description, c.comment, c.tags, c.meta, coalesce(t.tests, 0) as tests, t.test_status
from (
  select i.name as integration, n.integration_id, n.node_id, n.unique_id, n.resource_type, n.name
  from dbt_store.node n
  join dbt_store.integration i on i.integration_id = n.integration_id
  where n.removed_at is null and n.resource_type in ('model', 'seed', 'snapshot', 'source')) n
join dbt_store.node_column c on c.integration_id = n.integration_id and c.node_id = n.node_id
left join lateral (
  select count(*)::integer as tests, dbt_store.class_of_rank(max(dbt_store.class_rank(s.executed_class))) as test_status
  from dbt_store.node x
  left join dbt_store.node_status s on s.integration_id = x.integration_id and s.node_id = x.node_id
  where x.integration_id = n.integration_id and x.tested_unique_id = n.unique_id and x.resource_type = 'test'
    and x.removed_at is null
    -- A column that is quoted in the project has its quotes in the test's arguments.
    and lower(btrim(coalesce(x.column_name, x.arguments ->> 'column_name'), '"`[]')) = lower(btrim(c.name, '"`[]'))
) t on true;
