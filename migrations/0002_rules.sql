-- Rules of the store as functions: small, immutable, inlined by the planner.

create function dbt_store.resource_type_of(unique_id text) returns text
language sql immutable parallel safe as $$
  select case split_part(unique_id, '.', 1)
    when 'unit_test' then 'test'
    when 'sql operation' then 'operation'
    else split_part(unique_id, '.', 1)
  end
$$;
comment on function dbt_store.resource_type_of(text) is 'The resource type a unique id begins with; unit tests are tests.';

create function dbt_store.result_class(status text, resource_type text, step integer) returns text
language sql immutable parallel safe as $$
  select case
    when status = 'success' and resource_type = 'test' and step >= 0 then 'none'
    when status in ('success', 'pass') then 'ok'
    when status in ('warn', 'partial success') then 'warn'
    when status = 'fail' then 'fail'
    when status = 'error' then 'error'
    else 'none'
  end
$$;
comment on function dbt_store.result_class(text, text, integer) is
  'ok, warn, fail, error or none. A test that says success was only compiled, except as a last success (step -1).';

create function dbt_store.is_executed(status text, resource_type text, step integer) returns boolean
language sql immutable parallel safe as $$
  select status not in ('skipped', 'no-op', 'reused')
    and not (status = 'success' and resource_type = 'test' and step >= 0)
$$;
comment on function dbt_store.is_executed(text, text, integer) is
  'Whether the result comes from running the node: not skipped, no-op, reused or compiled only.';

create function dbt_store.run_order(run_id text) returns numeric
language sql immutable parallel safe as $$
  select case when run_id ~ '^[0-9]+$' then run_id::numeric end
$$;
comment on function dbt_store.run_order(text) is 'Numeric run ids compare as numbers; others (invocations) give null.';

create function dbt_store.class_rank(class text) returns integer
language sql immutable parallel safe as $$
  select case class when 'error' then 4 when 'fail' then 3 when 'warn' then 2 when 'ok' then 1 end
$$;

create function dbt_store.class_of_rank(rank integer) returns text
language sql immutable parallel safe as $$
  select case rank when 4 then 'error' when 3 then 'fail' when 2 then 'warn' when 1 then 'pass' end
$$;
comment on function dbt_store.class_of_rank(integer) is 'The worst class of a set of tests in a reader''s words: error > fail > warn > pass.';

create function dbt_store.layer(name text, file_path text) returns text
language sql immutable parallel safe as $$
  select case
    when name like 'stg\_%' then 'staging'
    when name like 'int\_%' then 'intermediate'
    when name like 'fct\_%' or name like 'dim\_%' then 'mart'
    when replace('/' || file_path, '\', '/') like '%/marts/%' then 'mart'
    when replace('/' || file_path, '\', '/') like '%/intermediate/%' or replace('/' || file_path, '\', '/') like '%/int/%'
      then 'intermediate'
    when replace('/' || file_path, '\', '/') like '%/staging/%' then 'staging'
    else 'other'
  end
$$;
comment on function dbt_store.layer(text, text) is 'Modeling layer by dbt''s naming rule: the name''s prefix first, then the folder.';

create function dbt_store.counted(number bigint, one text, many text) returns text
language sql immutable parallel safe as $$
  select number || ' ' || case when number = 1 then one else many end
$$;
