import { planDescribed, updateColumns } from './columns.ts';
import { type PublishContext, write } from './context.ts';
import type { PassTimes } from './definitions.ts';

/** Whether the statement has the time that the integration's row holds for all nodes of the newest catalog. */
const SHARES = "date_trunc('milliseconds', s.at) = date_trunc('milliseconds', pass.catalog_at)";

/** Decides which nodes get new columns and sizes, by the catalog's own time. Gives how many they are. */
async function planCatalogs({
  client,
  integrationId,
  source,
  normalizerVersion,
  tally,
}: PublishContext): Promise<number> {
  const { rowCount } = await client.query(
    `create temporary table plan_catalog on commit drop as
    select n.node_id, s.unique_id, true as had_catalog
    from stage_catalog s
    join plan_pass pass on true
    join dbt_store.node n on n.integration_id = $1 and n.unique_id = s.unique_id
    cross join lateral (select date_trunc('milliseconds', s.at) as said,
      date_trunc('milliseconds', coalesce(n.catalog_at, pass.stored_catalog_at)) as stored) t
    where n.catalog_source is not null and n.catalog_digest <> s.digest
      and (t.said > t.stored or (t.said = t.stored and (n.catalog_source = $2 or n.catalog_normalizer < $3)))
    union all
    select n.node_id, s.unique_id, false
    from stage_catalog s
    join dbt_store.node n on n.integration_id = $1 and n.unique_id = s.unique_id
    where n.catalog_source is null
      or (n.node_id in (select node_id from plan_added) and n.node_id not in (select node_id from stage_written))
    ${tally.isKnown('catalogs') ? 'limit 0' : ''}`,
    [integrationId, source, normalizerVersion],
  );
  await client.query('create unique index on plan_catalog (node_id); analyze plan_catalog');
  return rowCount ?? 0;
}

/** Columns added, gone or of another type. A node's first catalog is knowledge, not a change; nor does an older pass log any. */
async function findColumnChanges(context: PublishContext): Promise<void> {
  await write(
    context,
    `insert into plan_change
    with was as (
      select c.node_id, k.name, k.data_type, true as there from plan_catalog c
      join dbt_store.node_column k on k.integration_id = $1 and k.node_id = c.node_id where c.had_catalog and k.in_catalog
    ), now as (
      select c.node_id, k.name, k.data_type, true as there from plan_catalog c
      join stage_column k on k.unique_id = c.unique_id where c.had_catalog
    )
    select node_id, s.at, 'column', name,
      case when was.there then jsonb_build_object('data_type', was.data_type) end,
      case when now.there then jsonb_build_object('data_type', now.data_type) end
    from was full join now using (node_id, name)
    join plan_catalog c using (node_id)
    join stage_catalog s on s.unique_id = c.unique_id
    join plan_pass pass on pass.is_current
    where was.there is distinct from now.there or was.data_type is distinct from now.data_type`,
  );
}

async function updateNodes(context: PublishContext): Promise<number> {
  return write(
    context,
    `update dbt_store.node n set row_count = s.row_count, bytes = s.bytes, catalog_digest = s.digest,
      catalog_source = $2, catalog_normalizer = $3, catalog_at = case when ${SHARES} then null else s.at end
    from plan_catalog c
    join stage_catalog s on s.unique_id = c.unique_id
    join plan_pass pass on true
    where n.integration_id = $1 and n.node_id = c.node_id and n.catalog_digest is distinct from s.digest`,
    [context.source, context.normalizerVersion],
  );
}

/** Nodes of the newest catalog share its time, so that a catalog generated anew with the same content rewrites no node. */
async function shareCatalogTime(context: PublishContext, { isCatalogLater, isCatalogOne }: PassTimes): Promise<number> {
  const pinned = !isCatalogLater
    ? 0
    : await write(
        context,
        `update dbt_store.node n set catalog_at = pass.stored_catalog_at
    from plan_pass pass
    where pass.catalog_at > pass.stored_catalog_at and n.integration_id = $1 and n.catalog_at is null
      and n.catalog_source is not null
      and not exists (select from stage_catalog s where s.unique_id = n.unique_id and ${SHARES})`,
      );
  const { written, tally } = context;
  const isSaid =
    written.isAll && written.areTimesShared && tally.isKnown('catalogs') && !tally.mayRepeat('stage_catalog');
  const timed = isSaid
    ? 0
    : await write(
        context,
        `update dbt_store.node n set catalog_at = case when ${SHARES} then null else s.at end
    from plan_pass pass, stage_catalog s
    where n.integration_id = $1 and s.unique_id = n.unique_id and s.digest = n.catalog_digest
      and n.catalog_at is distinct from case when ${SHARES} then null else s.at end
      ${isCatalogOne ? 'and n.catalog_at is not null' : ''}
      and date_trunc('milliseconds', s.at) >= date_trunc('milliseconds', coalesce(n.catalog_at, pass.stored_catalog_at))`,
      );
  const moved = await write(
    context,
    `update dbt_store.integration i set catalog_at = pass.catalog_at
    from plan_pass pass where i.integration_id = $1
      and date_trunc('milliseconds', pass.catalog_at) is distinct from date_trunc('milliseconds', i.catalog_at)`,
  );
  return pinned + timed + moved;
}

/** Publishes the catalog group (sizes, columns, its own time) and what the project says of columns. */
export async function updateCatalogs(context: PublishContext, times: PassTimes): Promise<number> {
  const planned = await planCatalogs(context);
  const described = await planDescribed(context);
  if (planned > 0) await findColumnChanges(context);
  const columns = planned + described === 0 ? 0 : await updateColumns(context, described);
  const nodes = planned === 0 ? 0 : await updateNodes(context);
  return columns + nodes + (await shareCatalogTime(context, times));
}
