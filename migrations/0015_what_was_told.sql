-- What the reader views say of quoted columns, of rows that are no columns of a relation, and of results that nobody read.

create or replace function dbt_store.resource_type_of(unique_id text) returns text
language sql immutable parallel safe as $$
  select case
    when unique_id like '%.%' then
      case split_part(unique_id, '.', 1)
        when 'unit_test' then 'test'
        when 'sql operation' then 'operation'
        else split_part(unique_id, '.', 1)
      end
    -- dbt Fusion names a hook by its project alone.
    when unique_id ~ '-on-run-(start|end)$' then 'operation'
    else unique_id
  end
$$;

update dbt_store.node set resource_type = 'operation'
where resource_type = unique_id and dbt_store.resource_type_of(unique_id) = 'operation';

create or replace view dbt.columns as
with tested as (
  select n.integration_id, n.tested_unique_id,
    -- A column that is quoted in the project has its quotes in the test's arguments.
    lower(btrim(coalesce(n.column_name, n.arguments ->> 'column_name'), '"`[]')) as column_name,
    count(*)::integer as tests, dbt_store.class_of_rank(max(dbt_store.class_rank(s.executed_class))) as test_status
  from dbt_store.node n
  left join dbt_store.node_status s on s.integration_id = n.integration_id and s.node_id = n.node_id
  where n.resource_type = 'test' and n.removed_at is null
  group by 1, 2, 3
)
select i.name as integration, n.unique_id, n.resource_type, n.name, c.name as column_name, c.position, c.data_type,
  c.declared_type, c.description, c.comment, c.tags, c.meta, coalesce(t.tests, 0) as tests, t.test_status
from dbt_store.node_column c
join dbt_store.node n on n.integration_id = c.integration_id and n.node_id = c.node_id
join dbt_store.integration i on i.integration_id = c.integration_id
left join tested t on t.integration_id = c.integration_id and t.tested_unique_id = n.unique_id
  and t.column_name = lower(btrim(c.name, '"`[]'))
where n.removed_at is null and n.resource_type in ('model', 'seed', 'snapshot', 'source');

comment on column dbt.columns.tests is 'Number of tests about this column now. Names are compared without regard to case and quotes.';

-- What a run says again in the words that are stored is as new as that run.
alter table dbt_store.node_status add column build_told_at timestamptz, add column code_told_at timestamptz;
comment on column dbt_store.node_status.build_told_at is 'When what dbt resolved at the build was last told in the words that are stored, if later than build_at of the node.';
comment on column dbt_store.node_status.code_told_at is 'The same of the compiled code, if later than compiled_at of the node.';

comment on column dbt.nodes.first_seen_at is 'The earliest time at which dbt is known to have had the node: of a manifest, of a result or of a freshness check.';
