-- Storage. Readers use schema dbt; these tables may be reshaped by later migrations.
-- Every primary key starts with integration_id, so that the store can be distributed on it.
-- Tables with many rows have no foreign keys: one transaction under one lock writes them all, and checking every row
-- would cost more than writing it.
create schema dbt_store;
comment on schema dbt_store is 'Storage of dbt-observer. Not a contract: read schema dbt instead.';

create table dbt_store.integration (
  integration_id integer generated always as identity primary key,
  name text not null unique,
  account_id bigint,
  project_id bigint,
  environment_id bigint,
  job_id bigint,
  access_url text,
  schedule text,
  time_zone text not null default 'UTC',
  project_name text,
  adapter_type text,
  dbt_version text,
  git_sha text,
  dbt_updated_at timestamptz,
  -- Times that most nodes share: a node whose own time is null has this one, so that
  -- a new manifest with the same content rewrites one row and not every node.
  definition_at timestamptz,
  catalog_at timestamptz,
  -- The last pass that was complete and without loss.
  complete_token text,
  complete_config_hash text,
  complete_normalizer integer,
  complete_at timestamptz
);

create table dbt_store.run (
  integration_id integer not null references dbt_store.integration on delete cascade,
  run_id text not null,
  job_id bigint,
  environment_id bigint,
  sets_state boolean not null default true,
  results_complete boolean not null default false,
  primary key (integration_id, run_id)
);

create table dbt_store.node (
  integration_id integer not null references dbt_store.integration on delete cascade,
  node_id bigint generated always as identity,
  unique_id text not null,
  resource_type text not null,
  state text not null check (state in ('defined', 'external', 'placeholder')),
  name text,
  package_name text,
  description text,
  tags text[] not null default '{}',
  meta jsonb,
  database_name text,
  schema_name text,
  identifier text,
  materialization text,
  access text,
  group_name text,
  owner_name text,
  owner_email text,
  file_path text,
  version text,
  latest_version text,
  deprecation_date timestamptz,
  contract_enforced boolean,
  raw_code text,
  label text,
  test_type text,
  column_name text,
  tested_unique_id text,
  source_name text,
  loader text,
  properties jsonb not null default '{}',
  config jsonb,
  compiled_code text,
  relation_name text,
  test_name text,
  test_namespace text,
  arguments jsonb,
  severity text,
  warn_after_s double precision,
  error_after_s double precision,
  row_count bigint,
  bytes bigint,
  details jsonb,
  -- Fields no source has stated yet: learning one of them is not a change.
  unknown text[] not null default '{}',
  definition_source text,
  definition_normalizer integer,
  definition_at timestamptz,
  definition_run_id text,
  definition_digest text,
  definition_hash text,
  build_source text,
  build_normalizer integer,
  build_at timestamptz,
  build_digest text,
  catalog_source text,
  catalog_normalizer integer,
  catalog_at timestamptz,
  catalog_digest text,
  first_seen_at timestamptz,
  changed_at timestamptz,
  removed_at timestamptz,
  primary key (integration_id, node_id),
  unique (integration_id, unique_id)
);
comment on column dbt_store.node.definition_digest is 'Hash of everything the definition group said: an equal one is not written again.';
comment on column dbt_store.node.definition_hash is 'Hash of the common core, which both sources state and dbt.changes covers.';
create index node_type on dbt_store.node (integration_id, resource_type);
create index node_group on dbt_store.node (integration_id, group_name) where group_name is not null;
create index node_tested on dbt_store.node (integration_id, tested_unique_id) where tested_unique_id is not null;

create table dbt_store.node_column (
  integration_id integer not null,
  node_id bigint not null,
  name text not null,
  position integer,
  data_type text,
  declared_type text,
  comment text,
  description text,
  tags text[] not null default '{}',
  meta jsonb,
  primary key (integration_id, node_id, name)
);

create table dbt_store.edge (
  integration_id integer not null,
  parent_id bigint not null,
  child_id bigint not null,
  primary key (integration_id, parent_id, child_id)
);
create index edge_child on dbt_store.edge (integration_id, child_id);

create table dbt_store.node_change (
  integration_id integer not null,
  node_id bigint not null,
  changed_at timestamptz not null,
  aspect text not null,
  item text not null default '',
  before jsonb,
  after jsonb,
  run_id text,
  primary key (integration_id, node_id, changed_at, aspect, item)
);

create table dbt_store.run_result (
  integration_id integer not null,
  run_id text not null,
  step integer not null,
  node_id bigint not null,
  status text not null,
  message text,
  failures bigint,
  executed_at timestamptz not null,
  started_at timestamptz,
  completed_at timestamptz,
  execution_time_s double precision,
  rows_affected bigint,
  adapter_response jsonb,
  thread_id text,
  invocation_id text,
  primary key (integration_id, run_id, step, node_id)
);
comment on column dbt_store.run_result.step is 'Step of the run; 0: the last attempt, -1: the last success, as the Discovery API tells them.';
create index run_result_node on dbt_store.run_result (integration_id, node_id, executed_at desc);

create table dbt_store.node_status (
  integration_id integer not null,
  node_id bigint not null,
  status text not null,
  message text,
  failures bigint,
  last_run_id text not null,
  last_run_at timestamptz not null,
  executed_status text,
  executed_class text,
  last_executed_at timestamptz,
  status_since timestamptz,
  failing_since timestamptz,
  since_is_exact boolean not null,
  consecutive_failures integer not null,
  last_success_run_id text,
  last_success_at timestamptz,
  last_pass_at timestamptz,
  execution_time_s double precision,
  primary key (integration_id, node_id)
);
comment on table dbt_store.node_status is 'Current state of a node, derived from run_result; can be rebuilt from it at any time.';

create table dbt_store.freshness_result (
  integration_id integer not null,
  node_id bigint not null,
  snapshotted_at timestamptz not null,
  status text,
  max_loaded_at timestamptz,
  age_s double precision,
  warn_after_s double precision,
  error_after_s double precision,
  run_id text,
  primary key (integration_id, node_id, snapshotted_at)
);

create table dbt_store.sync_run (
  integration_id integer not null references dbt_store.integration on delete cascade,
  sync_run_id bigint generated always as identity,
  kind text not null default 'sync',
  reason text not null,
  source text not null,
  fallback_reason text,
  outcome text check (outcome in ('done', 'unchanged', 'partial', 'failed', 'interrupted')),
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  requests integer not null default 0,
  bytes bigint not null default 0,
  rows_written bigint not null default 0,
  counts jsonb not null default '{}',
  results bigint not null default 0,
  error text,
  -- The second time the schedule is due after this pass: later than that, the integration is stale.
  stale_at timestamptz,
  primary key (integration_id, sync_run_id)
);
comment on column dbt_store.sync_run.outcome is 'null while the pass goes on.';
create index sync_run_finished on dbt_store.sync_run (integration_id, started_at desc);

create table dbt_store.reject (
  integration_id integer not null,
  reject_id bigint generated always as identity,
  sync_run_id bigint not null,
  seen_at timestamptz not null default clock_timestamp(),
  resource_type text,
  unique_id text,
  reason text not null,
  raw jsonb,
  primary key (integration_id, reject_id),
  foreign key (integration_id, sync_run_id) references dbt_store.sync_run on delete cascade
);
create index reject_sync_run on dbt_store.reject (integration_id, sync_run_id);
