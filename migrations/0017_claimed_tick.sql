-- A sync that is due is asked for once, however many schedulers look: whoever moves the row of an integration forward
-- asks, in the same transaction. The row is there before the integration is, which only its first sync makes.
create table dbt_store.claimed_tick (
  integration text primary key,
  tick timestamptz not null,
  claimed_at timestamptz not null default now()
);
comment on table dbt_store.claimed_tick is 'The newest tick of each schedule for which a sync was asked.';
