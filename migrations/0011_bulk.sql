-- Ten thousand models come in one pass. No plan depends on long text and JSON, which ANALYZE would read and compare;
-- and checking the integration of every node costs more than it tells (see 0001_storage.sql).
alter table dbt_store.node
  drop constraint node_integration_id_fkey,
  alter column description set statistics 0,
  alter column meta set statistics 0,
  alter column raw_code set statistics 0,
  alter column properties set statistics 0,
  alter column config set statistics 0,
  alter column compiled_code set statistics 0,
  alter column arguments set statistics 0,
  alter column details set statistics 0,
  alter column definition_digest set statistics 0,
  alter column definition_hash set statistics 0,
  alter column build_digest set statistics 0,
  alter column catalog_digest set statistics 0;
alter table dbt_store.node_column
  alter column comment set statistics 0,
  alter column description set statistics 0,
  alter column meta set statistics 0;
alter table dbt_store.node_status alter column message set statistics 0;
alter table dbt_store.run_result
  alter column message set statistics 0,
  alter column adapter_response set statistics 0;
alter table dbt_store.node_change
  alter column before set statistics 0,
  alter column after set statistics 0;
