-- How late an integration is that never succeeded is told from when it was first seen: what came due before that was
-- nobody's to do. Of those that are here already it is not known any more, but their first pass was not before it.
alter table dbt_store.integration add column known_since timestamptz;
update dbt_store.integration i set known_since = coalesce(
  (select min(s.started_at) from dbt_store.sync_run s where s.integration_id = i.integration_id), now());
alter table dbt_store.integration alter column known_since set default now(), alter column known_since set not null;

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
  end as is_stale,
  i.known_since
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
comment on column dbt.integrations.known_since is 'When a sync, serve or a webhook first met the integration.';
