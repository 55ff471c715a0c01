-- A pass that would close too many nodes closes none. What it would have closed is remembered, so that passes that
-- agree over two states of the environment are believed in the end.
alter table dbt_store.integration
  add column guarded_digest text,
  add column guarded_passes integer,
  add column guarded_states timestamptz[];
