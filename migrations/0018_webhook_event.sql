-- What dbt's webhooks told. An event is written before anything is done about it, so that none is lost and none counts
-- twice: its id is dbt's own.
create table dbt_store.webhook_event (
  integration_id integer not null references dbt_store.integration on delete cascade,
  event_id text not null,
  event_type text,
  sent_at timestamptz,
  received_at timestamptz not null default clock_timestamp(),
  body jsonb not null,
  handled_at timestamptz,
  outcome text,
  reason text,
  sync_run_id bigint,
  primary key (integration_id, event_id)
);
comment on table dbt_store.webhook_event is 'An event that a webhook of the dbt platform told.';
comment on column dbt_store.webhook_event.sent_at is 'The time that the event gives itself.';
comment on column dbt_store.webhook_event.body is 'What was sent, e-mail addresses masked and long texts cut.';
comment on column dbt_store.webhook_event.handled_at is 'null: nothing was done about it yet.';
comment on column dbt_store.webhook_event.outcome is
  'synced (sync_run_id says by which pass), noted (the run''s row was written), ignored or failed (reason says why).';
create index webhook_event_unhandled on dbt_store.webhook_event (integration_id, received_at) where handled_at is null;
create index webhook_event_received on dbt_store.webhook_event (integration_id, received_at);
