-- The runs of an environment are taken beside its state: what tells whether they moved has a token of its own, and how
-- far they were taken a time, for a pass may fail in the middle of them.
alter table dbt_store.integration
  add column history_token text,
  add column runs_until timestamptz;
comment on column dbt_store.integration.history_token is
  'What the newest runs were when every run since the last look was taken; equal tokens mean that none is new.';
comment on column dbt_store.integration.runs_until is
  'Every run that ended up to then was taken, as far back as a first pass goes; runs taken later by a backfill do not move it.';

update dbt_store.integration i set runs_until =
  (select max(r.finished_at) from dbt_store.run r where r.integration_id = i.integration_id);

-- A result that comes late and is older than everything that a status is derived from moves nothing.
alter table dbt_store.node_status add column streak_before_at timestamptz;
comment on column dbt_store.node_status.streak_before_at is
  'When the node was last executed with a result of another class than the current streak''s; null when it never was.';

-- A backfill is no sync: it says nothing of the state.
create or replace view dbt.integrations as
select i.name as integration, i.account_id, i.project_id, i.environment_id, i.job_id, i.project_name,
  i.environment_name, i.adapter_type, i.dbt_version, i.schedule, i.time_zone, i.git_sha, i.dbt_updated_at,
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
  where s.integration_id = i.integration_id and s.kind = 'sync' and s.finished_at is not null
  order by s.started_at desc limit 1
) last on true
left join lateral (
  select finished_at, stale_at from dbt_store.sync_run s
  where s.integration_id = i.integration_id and s.kind = 'sync' and s.outcome in ('done', 'unchanged')
  order by s.started_at desc limit 1
) good on true;

update dbt_store.node_status s set streak_before_at = (
  select max(r.executed_at)
  from dbt_store.run_result r
  join dbt_store.run run on run.integration_id = r.integration_id and run.run_id = r.run_id
  join dbt_store.integration i on i.integration_id = r.integration_id
  join dbt_store.node n on n.integration_id = r.integration_id and n.node_id = r.node_id
  where r.integration_id = s.integration_id and r.node_id = s.node_id
    and (r.step <= 0 or run.sets_state) and (i.job_id is null or run.job_id = i.job_id)
    and dbt_store.result_class(r.status, n.resource_type, r.step) not in ('none', s.executed_class));
