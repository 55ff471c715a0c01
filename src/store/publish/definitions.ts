import { BUILD_FIELDS, DEFINITION_FIELDS, type Field, isListed } from '../fields.ts';
import { type PublishContext, write } from './context.ts';

const columns = (prefix: string) => DEFINITION_FIELDS.map(({ column }) => `${prefix}${column}`).join(', ');

/** The value of a column after a merge: what is not stated stays, and a filling statement only adds what is unknown. */
export function mergedColumns(fields: readonly Pick<Field<object>, 'column'>[]): string {
  return fields
    .map(
      ({ column }) => `${column} = case
        when '${column}' = any (s.absent) then n.${column}
        when p.fills and not '${column}' = any (n.unknown) then n.${column}
        else s.${column} end`,
    )
    .join(',\n');
}

/** Whether the row has the pass's own time, which the integration's row then holds for all of them. */
const SHARES = "$4::boolean and date_trunc('milliseconds', s.at) = date_trunc('milliseconds', pass.at)";

/** What the times of a pass are to each other. */
export interface PassTimes {
  /** No complete pass came before. */
  readonly isFirst: boolean;
  /** The pass is later than the one whose time the stored nodes share. */
  readonly isLater: boolean;
  /** The same of its catalog. */
  readonly isCatalogLater: boolean;
  /** All its definitions have one time. */
  readonly isOne: boolean;
  /** The same of its catalog, and no later one is stored. */
  readonly isCatalogOne: boolean;
}

/**
 * Looks at the pass as a whole: its time is its newest definition time, or else `updatedAt`; one that tells none is of
 * the time of what is stored. A pass older than the
 * last one publishes results, catalog and freshness, but no definition (store.md, "Who states what"). So does an incomplete one
 * that came without the definition state, where there was one before: what was built tells no time that could be
 * compared with a manifest's, and would make the next one old.
 */
export async function planPass(context: PublishContext, updatedAt: string | null): Promise<PassTimes> {
  const { client, integrationId, written, complete } = context;
  await client.query(
    `create temporary table plan_pass on commit drop as
    select coalesce(i.definition_at, $3::timestamptz) as stored_at, s.at, i.definition_at is null as is_untimed,
      coalesce(date_trunc('milliseconds', s.at) >= date_trunc('milliseconds', i.definition_at), true)
        and ($5 or s.is_dated or i.complete_at is null) as is_current,
      i.complete_at is null as is_first, s.is_dated,
      coalesce(i.catalog_at, $4::timestamptz) as stored_catalog_at, greatest(i.catalog_at, c.at) as catalog_at
    from dbt_store.integration i,
      lateral (
        select coalesce(max(at), $2::timestamptz, greatest(i.definition_at, i.catalog_at), now()) as at, max(at) is not null as is_dated
        from stage_definition where state = 'defined') s,
      lateral (select max(coalesce(c.at, s.at)) as at from stage_catalog c) c
    where i.integration_id = $1`,
    [integrationId, updatedAt, written.definitionAt, written.catalogAt, complete],
  );
  await client.query(`
    update stage_definition set at = (select at from plan_pass) where at is null;
    update stage_catalog set at = (select at from plan_pass) where at is null`);
  const { rows } = await client.query<PassTimes>(
    `select is_first as "isFirst", pass.at > pass.stored_at as "isLater", pass.catalog_at > pass.stored_catalog_at as "isCatalogLater", not exists (
      select from stage_definition s where date_trunc('milliseconds', s.at) <> date_trunc('milliseconds', pass.at)) as "isOne", not exists (
      select from stage_catalog s where date_trunc('milliseconds', s.at) <> date_trunc('milliseconds', pass.catalog_at)) as "isCatalogOne"
    from plan_pass pass`,
  );
  return rows[0] ?? { isFirst: false, isLater: true, isCatalogLater: true, isOne: false, isCatalogOne: false };
}

/**
 * Decides per node what the staged definition may do, by the times of both: a later statement replaces, one of the
 * same time replaces when it is the same source's or a newer normalizer's and otherwise only fills what is unknown.
 * A node whose content is the same is not in the plan at all; a mere head, which has no list of what is absent, never is. One that a pass sees after it was removed is there again,
 * however old its own definition is.
 */
export async function planDefinitions({
  client,
  integrationId,
  source,
  normalizerVersion,
  tally,
}: PublishContext): Promise<number> {
  const { rowCount } = await client.query(
    `create temporary table plan_definition on commit drop as
    with timed as (
      select n.node_id, s.unique_id, s.at, n.removed_at is not null as is_removed, n.state as stored_state,
        coalesce(pass.at > n.removed_at, false) as comes_back,
        date_trunc('milliseconds', s.at) as said,
        date_trunc('milliseconds', coalesce(n.definition_at, pass.stored_at)) as stored,
        n.definition_source = $2 or n.definition_normalizer < $3 as is_same
      from stage_definition s
      join plan_pass pass on pass.is_current
      join dbt_store.node n on n.integration_id = $1 and n.unique_id = s.unique_id
      where s.absent is not null and n.definition_digest is distinct from s.digest
    )
    select node_id, unique_id, at, is_removed, stored_state,
      stored_state <> 'placeholder' and not comes_back and not coalesce(said > stored or (said = stored and is_same), true) as fills
    from timed${tally.isKnown('definitions') ? ' where false' : ''}`,
    [integrationId, source, normalizerVersion],
  );
  await client.query('create unique index on plan_definition (node_id); analyze plan_definition');
  return rowCount ?? 0;
}

/**
 * Inserts nodes that nobody defined before, with everything the pass says of them, so that each row is written once.
 * `plan_added` holds them, and those that were written ahead.
 */
export async function insertNodes(context: PublishContext): Promise<number> {
  const { client, source, normalizerVersion, complete, tally } = context;
  await client.query(
    'create temporary table plan_added on commit drop as select * from stage_written; analyze plan_added',
  );
  if (tally.isKnown('definitions')) return 0;
  const build = BUILD_FIELDS.map(({ column }) => column);
  const inserted = await write(
    context,
    `with added as (
      insert into dbt_store.node (integration_id, unique_id, resource_type, state, ${columns('')}, properties, unknown,
        definition_source, definition_normalizer, definition_at, definition_run_id, definition_digest, definition_hash,
        ${build.join(', ')}, build_source, build_normalizer, build_at, build_digest,
        compiled_code, compiled_by_build, compiled_digest, compiled_at, row_count, bytes, catalog_source, catalog_normalizer, catalog_at, catalog_digest, first_seen_at, changed_at)
      select $1, s.unique_id, s.resource_type, s.state,
        ${DEFINITION_FIELDS.map(({ column }) => (column === 'tags' ? "coalesce(s.tags, '{}')" : `s.${column}`)).join(', ')},
        s.properties, s.absent || coalesce(b.absent, $5::text[]), $2, $3, case when ${SHARES} then null else s.at end,
        s.run_id, s.digest, s.hash,
        ${build.map((column) => `b.${column}`).join(', ')},
        case when b.digest is not null then $2 end, case when b.digest is not null then $3::integer end,
        case when b.digest is not null then coalesce(b.at, s.at) end, b.digest,
        k.compiled_code, k.is_built, k.digest, case when k.digest is not null then coalesce(k.at, b.at, s.at) end,
        c.row_count, c.bytes, case when c.digest is not null then $2 end,
        case when c.digest is not null then $3::integer end,
        case when date_trunc('milliseconds', c.at) = date_trunc('milliseconds', pass.catalog_at) then null else c.at end,
        c.digest, least(s.at, case when not ${isListed('s')} then r.at end), s.at
      from stage_definition s
      join plan_pass pass on pass.is_current
      left join stage_build b on b.unique_id = s.unique_id
      left join stage_code k on k.unique_id = s.unique_id
      left join stage_catalog c on c.unique_id = s.unique_id
      left join (select unique_id, min(executed_at) as at from stage_any_result group by unique_id) r on r.unique_id = s.unique_id
      where s.absent is not null and not exists (
        select from dbt_store.node n where n.integration_id = $1 and n.unique_id = s.unique_id)
      returning node_id, unique_id, changed_at)
    insert into plan_added select node_id, unique_id, changed_at from added`,
    [source, normalizerVersion, complete, build],
  );
  await client.query('analyze plan_added');
  return inserted;
}

/** Writes the planned definitions. Whole or in part, a node's row is written once. */
export async function updateDefinitions(context: PublishContext): Promise<number> {
  const { source, normalizerVersion, complete } = context;
  return write(
    context,
    `update dbt_store.node n set
      resource_type = case when p.fills then n.resource_type else s.resource_type end,
      state = case when p.fills then n.state else s.state end,
      ${mergedColumns(DEFINITION_FIELDS.filter(({ column }) => column !== 'tags'))},
      tags = case when 'tags' = any (s.absent) or (p.fills and not 'tags' = any (n.unknown)) then n.tags
        else coalesce(s.tags, '{}') end,
      properties = case when p.fills then s.properties || n.properties else n.properties || s.properties end,
      unknown = array(select u from unnest(n.unknown) u where u = any (s.absent)
        or not u = any ($5::text[])),
      definition_source = case when p.fills then n.definition_source else $2 end,
      definition_normalizer = case when p.fills then n.definition_normalizer else $3 end,
      definition_at = case when p.fills then n.definition_at when ${SHARES} then null else s.at end,
      definition_run_id = case when p.fills then n.definition_run_id else s.run_id end,
      definition_digest = case when p.fills then n.definition_digest else s.digest end,
      definition_hash = case when p.fills then n.definition_hash else s.hash end,
      first_seen_at = least(case when p.stored_state <> 'placeholder' or not ${isListed('s')} then n.first_seen_at end, s.at),
      changed_at = case when p.stored_state = 'placeholder' then s.at else n.changed_at end,
      removed_at = case when p.fills then n.removed_at end
    from plan_definition p
    join stage_definition s on s.unique_id = p.unique_id
    join plan_pass pass on true
    where n.integration_id = $1 and n.node_id = p.node_id
      and (not p.fills or s.properties || n.properties <> n.properties
        or exists (select from unnest(n.unknown) u where u = any ($5::text[]) and not u = any (s.absent)))`,
    [source, normalizerVersion, complete, DEFINITION_FIELDS.map(({ column }) => column)],
  );
}

/**
 * Nodes that share the pass's time keep it on the integration's row, so that a new manifest with the same content
 * rewrites no node. Nodes with another time carry their own; a pass that is incomplete or defines nothing moves no
 * shared time.
 */
export async function shareDefinitionTime(context: PublishContext, { isLater, isOne }: PassTimes): Promise<number> {
  if (!context.complete) return ownDefinitionTimes(context);
  // What was defined again at this pass's own time has no time to keep.
  const pinned =
    !isLater || (isOne && context.definesAll)
      ? 0
      : await write(
          context,
          `update dbt_store.node n set definition_at = pass.stored_at
    from plan_pass pass
    where pass.is_current and pass.at > pass.stored_at and n.integration_id = $1 and n.definition_at is null
      and n.definition_source is not null
      and not exists (select from stage_definition s where s.unique_id = n.unique_id
        and date_trunc('milliseconds', s.at) = date_trunc('milliseconds', pass.at))`,
        );
  // Definitions of the pass's own time leave it to the integration's row.
  const own = isOne ? 0 : await ownDefinitionTimes(context);
  const isSaid = context.written.isAll && context.written.areTimesShared;
  const shared = isSaid
    ? 0
    : await write(
        context,
        `update dbt_store.node n set definition_at = null
    from plan_pass pass, stage_definition s
    where pass.is_current and n.integration_id = $1 and n.definition_at is not null
      and s.unique_id = n.unique_id and s.digest = n.definition_digest
      and date_trunc('milliseconds', s.at) = date_trunc('milliseconds', pass.at)`,
      );
  const moved = await write(
    context,
    `update dbt_store.integration i set definition_at = pass.at
    from plan_pass pass where i.integration_id = $1 and pass.is_current
      and date_trunc('milliseconds', pass.at) is distinct from date_trunc('milliseconds', i.definition_at)
      and exists (select from stage_definition)`,
  );
  return pinned + own + shared + moved;
}

async function ownDefinitionTimes(context: PublishContext): Promise<number> {
  return write(
    context,
    `update dbt_store.node n set definition_at = s.at
    from plan_pass pass, stage_definition s
    where pass.is_current and n.integration_id = $1 and s.unique_id = n.unique_id and s.digest = n.definition_digest
      and (date_trunc('milliseconds', s.at) > date_trunc('milliseconds', coalesce(n.definition_at, pass.stored_at))
        or (n.definition_at is null and pass.is_untimed))
      and not ($2::boolean and date_trunc('milliseconds', s.at) = date_trunc('milliseconds', pass.at))`,
    [context.complete],
  );
}
