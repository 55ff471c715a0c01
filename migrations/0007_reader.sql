-- A role that reads schema dbt and nothing else. Managed databases may not let us create roles: then the
-- administrator grants usage and select to whom they like, and nothing else of the store depends on it.
do $$
begin
  if not exists (select from pg_roles where rolname = 'dbt_reader') then
    create role dbt_reader nologin;
  end if;
  grant usage on schema dbt to dbt_reader;
  grant select on all tables in schema dbt to dbt_reader;
  alter default privileges in schema dbt grant select on tables to dbt_reader;
exception
  when duplicate_object or unique_violation then
    -- Another database of this server is being migrated at the same moment: the role is there now.
    grant usage on schema dbt to dbt_reader;
    grant select on all tables in schema dbt to dbt_reader;
    alter default privileges in schema dbt grant select on tables to dbt_reader;
  when insufficient_privilege then
  raise notice 'role dbt_reader was not created: this user may not create roles';
end
$$;
