import { type PublishContext, write } from './context.ts';

/** The groups that name an owner. */
const GROUPS = `
  select unique_id, name, package_name, owner_name, owner_email from dbt_store.node
  where integration_id = $1 and resource_type = 'group' and removed_at is null
    and (owner_name is not null or owner_email is not null)`;

/** Keeps who owns what before definitions are written: the groups, and the models that are defined anew (`plan_core`). */
export async function keepOwners(context: PublishContext): Promise<void> {
  await context.client.query(`
    create temporary table plan_group (unique_id text, name text, package_name text, owner_name text, owner_email text)
      on commit drop;
    create temporary table plan_owned (node_id bigint, group_name text, package_name text, owner_name text,
      owner_email text, at timestamptz, run_id text) on commit drop`);
  await write(context, `insert into plan_group ${GROUPS}`);
  await write(
    context,
    `insert into plan_owned
    select n.node_id, n.group_name, n.package_name, n.owner_name, n.owner_email, s.at, s.run_id
    from plan_core c
    join stage_definition s on s.unique_id = c.unique_id
    join dbt_store.node n on n.integration_id = $1 and n.node_id = c.node_id
    where n.resource_type = 'model' and not n.unknown && array['owner_name', 'owner_email', 'group_name']
      and not s.absent && array['owner_name', 'owner_email', 'group_name']`,
  );
}

/** The owner of a model: that of its group, by the package or else by the name alone as in `dbt.models`, or its own. */
const owner = (model: string, groups: string) => `
  select jsonb_build_object('name', o.owner_name, 'email', o.owner_email) as owner
  from (
    select 1 as place, g.package_name = ${model}.package_name as is_near, g.unique_id, g.owner_name, g.owner_email
    from ${groups} g where g.name = ${model}.group_name
    union all select 2, false, '', ${model}.owner_name, ${model}.owner_email
    where coalesce(${model}.owner_name, ${model}.owner_email) is not null) o
  order by place, is_near desc, unique_id limit 1`;

/**
 * Finds the models that have another owner than before, be it their own or that of their group, after definitions were
 * written and nodes closed.
 */
export async function findOwnerChanges(context: PublishContext): Promise<void> {
  await write(
    context,
    `insert into plan_change
    with now_group as (${GROUPS}),
    moved as (
      select name from (table plan_group except table now_group) gone
      union select name from (table now_group except table plan_group) come),
    looked_at as (
      select node_id from plan_owned
      union select n.node_id from moved join dbt_store.node n on n.integration_id = $1 and n.group_name = moved.name
        where n.node_id not in (select node_id from plan_core)),
    model as (
      select n.node_id, n.group_name, n.package_name, n.owner_name, n.owner_email, w.node_id is not null as is_told,
        w.group_name as was_group, w.package_name as was_package, w.owner_name as was_name, w.owner_email as was_email,
        w.at, w.run_id
      from looked_at l
      join dbt_store.node n on n.integration_id = $1 and n.node_id = l.node_id
      left join plan_owned w on w.node_id = n.node_id
      where n.resource_type = 'model' and n.state = 'defined' and n.removed_at is null
        and n.node_id not in (select node_id from plan_added))
    select now.node_id, coalesce(now.at, pass.at), 'owner', '', before.owner, after.owner, coalesce(now.run_id, (
      select max(g.definition_run_id) from dbt_store.node g
      where g.integration_id = $1 and g.resource_type = 'group' and g.name = now.group_name and g.removed_at is null))
    from model now
    join plan_pass pass on pass.is_current
    cross join lateral (select
      case when now.is_told then now.was_group else now.group_name end as group_name,
      case when now.is_told then now.was_package else now.package_name end as package_name,
      case when now.is_told then now.was_name else now.owner_name end as owner_name,
      case when now.is_told then now.was_email else now.owner_email end as owner_email) was
    left join lateral (${owner('was', 'plan_group')}) before on true
    left join lateral (${owner('now', 'now_group')}) after on true
    where before.owner is distinct from after.owner`,
  );
}
