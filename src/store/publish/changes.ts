import { type PublishContext, write } from './context.ts';
import type { PassTimes } from './definitions.ts';
import { findOwnerChanges, keepOwners } from './owners.ts';

/** Aspects that are one value of the node: how to read it, and when a difference of its columns counts. */
const ASPECTS: readonly {
  aspect: string;
  columns: readonly string[];
  value: (row: string) => string;
  only?: string;
}[] = [
  {
    aspect: 'code',
    columns: ['raw_code'],
    value: (row) => `to_jsonb(replace(${row}.raw_code, e'\\r\\n', e'\\n'))`,
  },
  { aspect: 'description', columns: ['description'], value: (row) => `to_jsonb(nullif(${row}.description, ''))` },
  { aspect: 'meta', columns: ['meta'], value: (row) => `nullif(${row}.meta, '{}')` },
  { aspect: 'materialization', columns: ['materialization'], value: (row) => `to_jsonb(${row}.materialization)` },
  {
    aspect: 'access',
    columns: ['access'],
    value: (row) => `to_jsonb(${row}.access)`,
    only: "n.resource_type = 'model'",
  },
  {
    aspect: 'group',
    columns: ['group_name'],
    value: (row) => `to_jsonb(${row}.group_name)`,
    only: "n.resource_type = 'model'",
  },
  {
    aspect: 'owner',
    columns: ['owner_name', 'owner_email'],
    value: (row) => `case when coalesce(${row}.owner_name, ${row}.owner_email) is not null
      then jsonb_build_object('name', ${row}.owner_name, 'email', ${row}.owner_email) end`,
    // That of a model may be its group's.
    only: "n.resource_type <> 'model'",
  },
  {
    aspect: 'contract',
    columns: ['contract_enforced'],
    value: (row) => `to_jsonb(coalesce(${row}.contract_enforced, false))`,
  },
  {
    aspect: 'relation',
    columns: ['database_name', 'schema_name', 'identifier'],
    value: (row) => `case when coalesce(${row}.database_name, ${row}.schema_name, ${row}.identifier) is not null
      then jsonb_build_object('database', ${row}.database_name, 'schema', ${row}.schema_name, 'identifier', ${row}.identifier) end`,
    only: "n.resource_type <> 'test'",
  },
];

const known = (columns: readonly string[]) =>
  columns.map((column) => `not '${column}' = any (n.unknown) and not '${column}' = any (s.absent)`).join(' and ');

/**
 * Finds what the staged definitions change, before they are written; `plan_change` collects it.
 * Learning what nobody had stated before is no change, and neither is a first definition or one that only fills.
 */
export async function findDefinitionChanges(context: PublishContext): Promise<void> {
  await context.client.query(`
    create temporary table plan_change (
      node_id bigint, at timestamptz, aspect text, item text, before jsonb, after jsonb, run_id text) on commit drop`);
  const { rowCount } = await context.client.query(`
    create temporary table plan_core on commit drop as
    select p.node_id, p.unique_id, p.is_removed from plan_definition p join stage_definition s on s.unique_id = p.unique_id
    where not p.fills and p.stored_state = 'defined' and s.state = 'defined'`);
  await keepOwners(context);
  if (rowCount === 0) return;
  await context.client.query('analyze plan_core');
  for (const { aspect, columns, value, only } of ASPECTS) {
    await write(
      context,
      `insert into plan_change
      select n.node_id, s.at, '${aspect}', '', ${value('n')}, ${value('s')}, s.run_id
      from plan_core c
      join stage_definition s on s.unique_id = c.unique_id
      join dbt_store.node n on n.integration_id = $1 and n.node_id = c.node_id
      where ${value('n')} is distinct from ${value('s')} and ${known(columns)}${only === undefined ? '' : ` and ${only}`}`,
    );
  }
  await findTagChanges(context);
  await findParentChanges(context);
}

async function findTagChanges(context: PublishContext): Promise<void> {
  await write(
    context,
    `insert into plan_change
    select n.node_id, s.at, 'tag', t.tag, case when t.was then to_jsonb(t.tag) end, case when t.is then to_jsonb(t.tag) end,
      s.run_id
    from plan_core c
    join stage_definition s on s.unique_id = c.unique_id
    join dbt_store.node n on n.integration_id = $1 and n.node_id = c.node_id
    cross join lateral (
      select tag, tag = any (n.tags) as was, coalesce(tag = any (s.tags), false) as is
      from (select unnest(n.tags) as tag union select unnest(s.tags)) both_tags) t
    where t.was <> t.is and ${known(['tags'])}`,
  );
}

/** The edges of a removed node went with it, so a node that comes back has no parents to compare with. */
async function findParentChanges(context: PublishContext): Promise<void> {
  await write(
    context,
    `insert into plan_change
    with was as (
      select c.node_id, q.unique_id as parent
      from plan_core c
      join dbt_store.edge e on e.integration_id = $1 and e.child_id = c.node_id
      join dbt_store.node q on q.integration_id = $1 and q.node_id = e.parent_id
    ), now as (
      select distinct c.node_id, e.parent from plan_core c join stage_edge e on e.child = c.unique_id
      where not c.is_removed
    )
    select node_id, s.at, 'parent', parent, to_jsonb(was.parent), to_jsonb(now.parent), s.run_id
    from was full join now using (node_id, parent)
    join plan_core c using (node_id)
    join stage_definition s on s.unique_id = c.unique_id
    where was.parent is null or now.parent is null`,
  );
}

/** Nodes of a list that have code, with how many of them have the same; compared by its hash, for code is long. */
const twins = (list: string) => `
  select x.node_id, x.at, n.unique_id, n.definition_run_id, n.resource_type, c.code,
    count(*) over (partition by n.resource_type, c.code) as alike
  from ${list} x
  join dbt_store.node n on n.integration_id = $1 and n.node_id = x.node_id
  cross join lateral (select md5(replace(n.raw_code, e'\\r\\n', e'\\n')) as code) c
  where n.resource_type in ('model', 'seed', 'snapshot') and n.raw_code <> ''`;

/** Types that the Discovery API cannot state: artifacts that are read for the first time after it add none of them. */
const OF_ARTIFACTS = "'analysis', 'operation', 'function'";

/** Adds what happened to whole nodes: added, restored, removed, and the likely renames among them. Of what is new altogether nothing is logged. */
export async function findNodeChanges(context: PublishContext, { isFirst }: PassTimes): Promise<void> {
  if (isFirst && context.written.isAll) return;
  await findOwnerChanges(context);
  await context.client.query(`
    insert into plan_added
    select p.node_id, p.unique_id, p.at from plan_definition p where p.stored_state = 'placeholder';
    delete from plan_added a using stage_definition s where s.unique_id = a.unique_id and s.state <> 'defined'`);
  await write(
    context,
    `insert into plan_change
    select a.node_id, a.at, 'added', '', null::jsonb, null::jsonb, s.run_id
    from plan_pass pass, plan_added a join stage_definition s on s.unique_id = a.unique_id
    where not pass.is_first and (s.resource_type not in (${OF_ARTIFACTS}) or exists (
      select from dbt_store.sync_run r where r.integration_id = $1 and r.source = 'artifacts'
        and r.outcome in ('done', 'unchanged', 'partial')))
    union all
    select p.node_id, pass.at, 'restored', '', null, null, s.run_id
    from plan_pass pass, plan_definition p join stage_definition s on s.unique_id = p.unique_id
    where p.is_removed and not p.fills and s.state = 'defined'
    union all
    select node_id, at, 'removed', '', null, null, null from plan_closed`,
  );
  await write(
    context,
    `insert into plan_change
    with was as (${twins('plan_closed')}), now as (${twins('plan_added')} and exists (select from plan_closed))
    select now.node_id, now.at, 'renamed', '', to_jsonb(was.unique_id), null, now.definition_run_id
    from now join was using (resource_type, code)
    where now.alike = 1 and was.alike = 1`,
  );
}

/** Logs what was found, unless no complete pass came before, and dates the nodes it happened to. */
export async function writeChanges(context: PublishContext): Promise<number> {
  const dated = await write(
    context,
    `update dbt_store.node n set changed_at = c.at
    from (select node_id, max(at) as at from plan_change group by node_id) c
    where n.integration_id = $1 and n.node_id = c.node_id and c.at > coalesce(n.changed_at, '-infinity')`,
  );
  const logged = await write(
    context,
    `insert into dbt_store.node_change (integration_id, node_id, changed_at, aspect, item, before, after, run_id)
    select $1, c.node_id, c.at, c.aspect, c.item, c.before, c.after, c.run_id
    from plan_change c join plan_pass pass on not pass.is_first
    on conflict (integration_id, node_id, changed_at, aspect, item) do update set after = excluded.after
    where node_change.after is distinct from excluded.after`,
  );
  return dated + logged;
}
