-- Lineage: direct edges, relation to relation, and walks over any distance.

create view dbt.lineage as
select i.name as integration,
  p.unique_id as parent_unique_id, p.resource_type as parent_resource_type, p.name as parent_name,
  c.unique_id as child_unique_id, c.resource_type as child_resource_type, c.name as child_name
from dbt_store.edge e
join dbt_store.integration i on i.integration_id = e.integration_id
join dbt_store.node p on p.integration_id = e.integration_id and p.node_id = e.parent_id
join dbt_store.node c on c.integration_id = e.integration_id and c.node_id = e.child_id
where p.removed_at is null and c.removed_at is null;

-- Nodes that have a relation in the warehouse, and ephemeral models, which only pass lineage on.
create view dbt_store.relation_node as
select integration_id, node_id, unique_id, resource_type, name, database_name, schema_name, identifier,
  coalesce(resource_type = 'model' and materialization = 'ephemeral', false) as is_ephemeral
from dbt_store.node
where resource_type in ('model', 'seed', 'snapshot', 'source') and state <> 'placeholder' and removed_at is null;

create view dbt.relation_lineage as
with recursive link (integration_id, child_id, parent_id) as (
  select e.integration_id, e.child_id, e.parent_id
  from dbt_store.edge e
  join dbt_store.relation_node c on c.integration_id = e.integration_id and c.node_id = e.child_id and not c.is_ephemeral
  union
  select l.integration_id, l.child_id, e.parent_id
  from link l
  join dbt_store.relation_node p on p.integration_id = l.integration_id and p.node_id = l.parent_id and p.is_ephemeral
  join dbt_store.edge e on e.integration_id = l.integration_id and e.child_id = l.parent_id
)
select i.name as integration,
  p.unique_id as parent_unique_id, p.database_name as parent_database, p.schema_name as parent_schema,
  p.identifier as parent_identifier,
  c.unique_id as child_unique_id, c.database_name as child_database, c.schema_name as child_schema,
  c.identifier as child_identifier
from link l
join dbt_store.integration i on i.integration_id = l.integration_id
join dbt_store.relation_node p on p.integration_id = l.integration_id and p.node_id = l.parent_id and not p.is_ephemeral
join dbt_store.relation_node c on c.integration_id = l.integration_id and c.node_id = l.child_id;

-- Named as a type, because a function cannot have an argument and a result column of one name.
create type dbt.lineage_step as (unique_id text, resource_type text, name text, distance integer);

create function dbt_store.next_nodes(scope integer, frontier bigint[], seen bigint[], downward boolean) returns bigint[]
language plpgsql stable as $$
declare
  following bigint[];
begin
  if downward then
    select array_agg(node_id) into following from (
      select e.child_id as node_id from dbt_store.edge e where e.integration_id = scope and e.parent_id = any (frontier)
      except select unnest(seen)
    ) step;
  else
    select array_agg(node_id) into following from (
      select e.parent_id as node_id from dbt_store.edge e where e.integration_id = scope and e.child_id = any (frontier)
      except select unnest(seen)
    ) step;
  end if;
  return following;
end
$$;

-- Breadth first, so that the distance is the shortest and each node comes once, whatever the cycles.
create function dbt_store.walk(in_integration text, in_unique_id text, in_depth integer, downward boolean)
returns setof dbt.lineage_step
language plpgsql stable as $$
declare
  scope integer;
  frontier bigint[];
  seen bigint[];
  level integer := 0;
begin
  select i.integration_id, array[n.node_id] into scope, frontier
  from dbt_store.integration i
  join dbt_store.node n on n.integration_id = i.integration_id
  where i.name = in_integration and n.unique_id = in_unique_id and n.removed_at is null;
  seen := frontier;
  while cardinality(frontier) > 0 and (in_depth is null or level < in_depth) loop
    level := level + 1;
    frontier := dbt_store.next_nodes(scope, frontier, seen, downward);
    seen := seen || frontier;
    return query
      select n.unique_id, n.resource_type, n.name, level
      from dbt_store.node n
      where n.integration_id = scope and n.node_id = any (frontier) and n.removed_at is null;
  end loop;
end
$$;

create function dbt.upstream(integration text, unique_id text, max_depth integer default null)
returns setof dbt.lineage_step
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select * from dbt_store.walk($1, $2, $3, false)
$$;

create function dbt.downstream(integration text, unique_id text, max_depth integer default null)
returns setof dbt.lineage_step
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select * from dbt_store.walk($1, $2, $3, true)
$$;
