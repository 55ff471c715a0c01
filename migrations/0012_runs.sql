-- What the Admin API and artifacts tell beyond the Discovery API: jobs, runs and their steps, declared columns, and
-- what only an invocation knows of its results.
create table dbt_store.job (
  integration_id integer not null references dbt_store.integration on delete cascade,
  job_id bigint not null,
  name text,
  job_type text,
  environment_id bigint,
  schedule text,
  steps text[] not null default '{}',
  deactivated boolean,
  primary key (integration_id, job_id)
);

alter table dbt_store.run
  add column status text,
  add column cause text,
  add column reason text,
  add column git_sha text,
  add column git_branch text,
  add column dbt_version text,
  add column created_at timestamptz,
  add column started_at timestamptz,
  add column finished_at timestamptz,
  add column retry_of_run_id text,
  add column url text,
  add column error_message text,
  add column results_missing_reason text;
comment on column dbt_store.run.status is 'null of a run that only the Discovery API told of.';

create table dbt_store.run_step (
  integration_id integer not null,
  run_id text not null,
  step integer not null,
  name text,
  command text,
  which text,
  invocation_id text,
  status text,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (integration_id, run_id, step)
);

comment on table dbt_store.job is 'A job of the dbt platform.';
comment on table dbt_store.run_step is 'A step of a run: one invocation of dbt, or what the platform does itself.';

alter table dbt_store.run_result
  add column batches_successful integer,
  add column batches_failed integer;

alter table dbt_store.integration add column environment_name text;

-- What an invocation compiled has a time of its own, for none compiles everything.
alter table dbt_store.node
  add column compiled_at timestamptz,
  add column compiled_digest text;
alter table dbt_store.node alter column compiled_digest set statistics 0;
update dbt_store.node set compiled_at = build_at, unknown = array_remove(unknown, 'compiled_code');

-- What the project says of columns belongs to the definition, and only part of it may be in the catalog. A column that
-- both tell is one row under the catalog's name.
alter table dbt_store.node
  add column columns_source text,
  add column columns_digest text;
alter table dbt_store.node alter column columns_digest set statistics 0;
comment on column dbt_store.node.columns_digest is 'Hash of what was said of the columns beside the catalog; null when nothing was.';
alter table dbt_store.node_column
  add column declared_name text,
  add column in_catalog boolean not null default true;
comment on column dbt_store.node_column.declared_name is 'The name as the project declares it; null when no artifact declared it.';

-- Both sources tell freshness checks; only milliseconds are common to them.
delete from dbt_store.freshness_result f using dbt_store.freshness_result o
where o.integration_id = f.integration_id and o.node_id = f.node_id and o.snapshotted_at < f.snapshotted_at
  and date_trunc('milliseconds', o.snapshotted_at) = date_trunc('milliseconds', f.snapshotted_at);
update dbt_store.freshness_result set snapshotted_at = date_trunc('milliseconds', snapshotted_at),
  max_loaded_at = date_trunc('milliseconds', max_loaded_at);

-- Nobody has stated details so far, so that learning them is no change.
update dbt_store.node set unknown = unknown || '{details}'::text[] where details is null and not 'details' = any (unknown);
