import { BUILD_FIELDS, DEFINITION_FIELDS } from '../fields.ts';
import { type PublishContext, write } from './context.ts';

/** Of a placeholder nothing is known. */
const UNKNOWN = [...DEFINITION_FIELDS, ...BUILD_FIELDS].map(({ column }) => column);

const SHOWN = 'select unique_id, at from stage_catalog';

const PARENTS = `
      select e.parent as unique_id, d.at from stage_edge e
        join stage_definition d on d.unique_id = e.child
        join (select unique_id from plan_added union all select unique_id from plan_definition where not fills) t
          on t.unique_id = e.child`;

const EXECUTED = `
      select unique_id, executed_at as at from stage_any_result
      union all select unique_id, snapshotted_at from stage_freshness`;

async function insertMissing(context: PublishContext, named: string): Promise<number> {
  return write(
    context,
    `insert into dbt_store.node (integration_id, unique_id, resource_type, state, name, package_name, source_name, unknown, first_seen_at)
    select $1, r.unique_id, dbt_store.resource_type_of(r.unique_id), 'placeholder',
      case when r.unique_id like 'source.%.%.%' then regexp_replace(r.unique_id, '^([^.]*[.]){3}', '')
        when r.unique_id like '%.%.%' then regexp_replace(r.unique_id, '^([^.]*[.]){2}', '') else r.unique_id end,
      nullif(split_part(r.unique_id, '.', 2), ''),
      case when r.unique_id like 'source.%.%.%' then split_part(r.unique_id, '.', 3) end, $2::text[], min(r.at)
    from (${named}) r
    where not exists (
      select from dbt_store.node n where n.integration_id = $1 and n.unique_id = r.unique_id)
    group by r.unique_id`,
    [UNKNOWN],
  );
}

/**
 * Gives a row to every node that something refers to and nobody defined: a parent, a result, a freshness check, a relation
 * of the warehouse.
 * Nothing that was said of it is lost, and a later definition takes the row over.
 */
export async function insertPlaceholders(context: PublishContext): Promise<number> {
  const { written, tally } = context;
  const areDefined = tally.isKnown('definitions');
  if (areDefined && written.areAllKnown) return 0;
  const areNamed = written.nodes === 0 && tally.isKnown('names') && tally.isKnown('runs');
  if (areNamed) return areDefined ? 0 : insertMissing(context, PARENTS);
  return insertMissing(context, `${PARENTS} union all ${SHOWN} union all ${EXECUTED}`);
}

/** The same where runs alone were staged. */
export function insertRunPlaceholders(context: PublishContext): Promise<number> {
  return insertMissing(context, EXECUTED);
}

/** Makes the parents of every added or replaced node exactly those that were stated. */
export async function replaceEdges(context: PublishContext): Promise<number> {
  const { client, integrationId } = context;
  await client.query(
    `create temporary table plan_edge on commit drop as
    with touched as (
      select node_id, unique_id from plan_added
      union all select node_id, unique_id from plan_definition where not fills)
    select distinct t.node_id as child_id, p.node_id as parent_id
    from touched t
    join stage_edge e on e.child = t.unique_id
    join dbt_store.node p on p.integration_id = $1 and p.unique_id = e.parent`,
    [integrationId],
  );
  await client.query('analyze plan_edge');
  const removed = await write(
    context,
    `delete from dbt_store.edge e
    where e.integration_id = $1
      and e.child_id in (select node_id from plan_definition where not fills)
      and not exists (select from plan_edge p where p.child_id = e.child_id and p.parent_id = e.parent_id)`,
  );
  const added = await write(
    context,
    `insert into dbt_store.edge (integration_id, parent_id, child_id)
    select $1, parent_id, child_id from plan_edge p
    where not exists (
      select from dbt_store.edge e where e.integration_id = $1 and e.child_id = p.child_id and e.parent_id = p.parent_id)
    order by parent_id, child_id`,
  );
  return removed + added;
}
