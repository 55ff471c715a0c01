import { columnsOf, type PublishContext, write } from './context.ts';

/**
 * Decides of which nodes it is told anew what the project says of their columns. That belongs to the definition, so the
 * pass's time orders it: a later pass replaces, and one of the same time from the other source only fills what is
 * unknown, which is something only where artifacts come after the Discovery API. With a node's first catalog it is
 * taken from an older pass as well, for there is nothing else of these columns.
 */
export async function planDescribed(context: PublishContext): Promise<number> {
  const { client, integrationId, source, tally } = context;
  const { rowCount } = await client.query(
    `create temporary table plan_described on commit drop as
    with told as (
      select n.node_id, s.unique_id, s.digest, s.is_declared, coalesce(n.columns_source <> $2
        and date_trunc('milliseconds', pass.at) <= date_trunc('milliseconds', pass.stored_at), false) as fills
      from stage_described s
      join plan_pass pass on true
      join dbt_store.node n on n.integration_id = $1 and n.unique_id = s.unique_id
      left join plan_catalog c on c.node_id = n.node_id
      where (pass.is_current or not c.had_catalog)
        and (n.columns_digest is distinct from s.digest or (not s.is_declared and c.node_id is not null))
    )
    select * from told where (is_declared or not fills)${tally.isKnown('columns') ? ' and false' : ''}`,
    [integrationId, source],
  );
  await client.query('analyze plan_described');
  return rowCount ?? 0;
}

/** What a row of `dbt_store.node_column` holds beside its key. */
const COLUMN_FACTS = [
  ...['position', 'data_type', 'comment', 'declared_name', 'declared_type', 'description', 'tags', 'meta'],
  'in_catalog',
];

/** What the catalog shows: as it is staged, or as it is stored where only the rest is told anew. */
const SHOWN = `
  select p.node_id, s.name, s.position, s.data_type, s.comment
  from plan_columns p join stage_column s on s.unique_id = p.unique_id where p.takes_catalog
  union all
  select p.node_id, k.name, k.position, k.data_type, k.comment
  from plan_columns p join dbt_store.node_column k on k.integration_id = $1 and k.node_id = p.node_id
  where k.in_catalog and not p.takes_catalog`;

/** What artifacts declare; where that only fills, what the other source said of a column stays. */
const DECLARED = `
  select p.node_id, s.name as key, s.name as declared_name, s.declared_type,
    case when k.name is null then s.description else k.description end as description,
    case when k.name is null then s.tags else k.tags end as tags,
    case when k.name is null then s.meta else k.meta end as meta
  from plan_columns p
  join stage_declared s on s.unique_id = p.unique_id
  left join lateral (
    select * from dbt_store.node_column k
    where p.fills and k.integration_id = $1 and k.node_id = p.node_id and k.in_catalog and lower(k.name) = lower(s.name)
    order by k.name = s.name desc, k.name limit 1) k on true
  where p.is_declared`;

/** What the Discovery API says of the columns in the catalog; it knows nothing of the others, nor of declared types. */
const DESCRIBED = `
  select p.node_id, coalesce(k.declared_name, s.name), k.declared_name, k.declared_type,
    case when s.name is null then k.description else s.description end, case when s.name is null then k.tags else s.tags end,
    case when s.name is null then k.meta else s.meta end
  from (
    select p.node_id, s.name, s.description, s.tags, s.meta
    from plan_columns p join stage_column s on s.unique_id = p.unique_id where not p.is_declared) s
  full join (
    select k.* from plan_columns p
    join dbt_store.node_column k on k.integration_id = $1 and k.node_id = p.node_id
    where not p.is_declared and k.declared_name is not null) k on k.node_id = s.node_id and k.name = s.name
  join plan_columns p on p.node_id = coalesce(s.node_id, k.node_id)`;

/** What was said before and is not told anew. */
const SAID_BEFORE = `
  select p.node_id, coalesce(k.declared_name, k.name), k.declared_name, k.declared_type, k.description, k.tags, k.meta
  from plan_columns p join dbt_store.node_column k on k.integration_id = $1 and k.node_id = p.node_id
  where p.is_declared is null`;

/** A number among the names that differ in case alone, so that each column meets one other at most. */
const met = (name: string) => `
  case when exact then 'x' || ${name} else 'i' || lower(${name}) || ' '
    || row_number() over (partition by node_id, exact, lower(${name}) order by ${name} collate "C") end as met`;

/**
 * Writes the columns of the nodes in `plan_columns` (node_id, unique_id, takes_catalog, is_declared, fills): those of the catalog with what is declared under the same name, or under one that differs in case alone,
 * and those that are only declared.
 */
async function replaceColumns(context: PublishContext): Promise<number> {
  await write(
    context,
    `insert into plan_column
    with shown as (${SHOWN}), said as (${DECLARED} union all ${DESCRIBED} union all ${SAID_BEFORE}),
    c as (
      select *, ${met('name')} from (
        select *, exists (select from said where said.node_id = shown.node_id and said.key = shown.name) as exact from shown) x
    ), d as (
      select *, ${met('key')} from (
        select *, exists (select from shown where said.node_id = shown.node_id and said.key = shown.name) as exact from said) x
    )
    select node_id, coalesce(c.name, d.declared_name), c.position, c.data_type, c.comment, d.declared_name,
      d.declared_type, d.description, coalesce(d.tags, '{}'), d.meta, c.name is not null
    from c full join d using (node_id, met)
    where c.name is not null or d.declared_name is not null`,
  );
  await context.client.query('analyze plan_column');
  const removed = await write(
    context,
    `delete from dbt_store.node_column k using plan_columns p
    where k.integration_id = $1 and k.node_id = p.node_id
      and not exists (select from plan_column s where s.node_id = k.node_id and s.name = k.name)`,
  );
  const of = (row: string) => columnsOf(row, COLUMN_FACTS);
  const written = await write(
    context,
    `insert into dbt_store.node_column as k (integration_id, node_id, name, ${COLUMN_FACTS.join(', ')})
    select $1, s.node_id, s.name, ${of('s')} from plan_column s
    on conflict (integration_id, node_id, name) do update set (${COLUMN_FACTS.join(', ')}) = row(${of('excluded')})
    where (${of('k')}) is distinct from (${of('excluded')})`,
  );
  return removed + written;
}

async function updateNodes(context: PublishContext): Promise<number> {
  return write(
    context,
    `update dbt_store.node n set columns_digest = p.digest,
      columns_source = case when p.digest is not null then $2 end
    from plan_described p
    where n.integration_id = $1 and n.node_id = p.node_id and not p.fills`,
    [context.source],
  );
}

/** Writes the columns of all nodes whose catalog (`plan_catalog`) or whose declared columns are told anew. */
export async function updateColumns(context: PublishContext, described: number): Promise<number> {
  await context.client.query(
    `create temporary table plan_columns on commit drop as
    select node_id, coalesce(c.unique_id, d.unique_id) as unique_id, c.node_id is not null as takes_catalog,
      d.is_declared, coalesce(d.fills, false) as fills
    from plan_catalog c full join plan_described d using (node_id)`,
  );
  await context.client.query('analyze plan_columns');
  await context.client.query(
    `create temporary table plan_column (node_id bigint, name text, position integer, data_type text, comment text,
      declared_name text, declared_type text, description text, tags text[], meta jsonb, in_catalog boolean) on commit drop`,
  );
  const columns = await replaceColumns(context);
  return columns + (described === 0 ? 0 : await updateNodes(context));
}
