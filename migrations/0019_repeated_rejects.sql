-- A pass that met the very records that the one before it rejected refers to them: a state that nobody mends is told
-- once, however often it is read.
alter table dbt_store.sync_run add column rejects_digest text, add column rejects_of bigint;
comment on column dbt_store.sync_run.rejects_digest is 'Of all that the pass rejected; null when that was nothing.';
comment on column dbt_store.sync_run.rejects_of is
  'The earlier pass that rejected the very same, and has the rows; null when the pass has its own.';

create or replace view dbt.sync_runs as
select i.name as integration, s.sync_run_id, s.kind, s.reason, s.source, s.fallback_reason, s.outcome, s.started_at,
  s.finished_at, extract(epoch from s.finished_at - s.started_at)::double precision as duration_s, s.requests, s.bytes,
  s.rows_written, (select coalesce(sum(value::integer), 0)::integer from jsonb_each_text(s.counts)) as nodes, s.results,
  (select count(*)::integer from dbt_store.reject r
   where r.integration_id = s.integration_id and r.sync_run_id = coalesce(s.rejects_of, s.sync_run_id)) as rejects,
  s.error, coalesce(s.rejects_of, s.sync_run_id) as rejects_sync_run_id
from dbt_store.sync_run s
join dbt_store.integration i on i.integration_id = s.integration_id;

comment on column dbt.sync_runs.rejects_sync_run_id is 'Pass that first met what this one rejected, under whose number dbt.rejects has it: this one, or an earlier one that rejected the very same.';
comment on column dbt.rejects.sync_run_id is 'Pass that first met it: see dbt.sync_runs, where rejects_sync_run_id is this number for every pass that met it.';
comment on column dbt.rejects.seen_at is 'When it was first met.';
