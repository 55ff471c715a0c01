import { BUILD_FIELDS } from '../fields.ts';
import { type PublishContext, write } from './context.ts';
import { mergedColumns } from './definitions.ts';

const BUILD_COLUMNS = BUILD_FIELDS.map(({ column }) => column);

/**
 * Decides per node what the staged build may do, by the times of both: an earlier statement, or another source's of the
 * same time, only fills what is unknown. A build whose content is stored is not in the plan: when it was
 * told again stands beside the node's status.
 */
async function planBuilds({ client, integrationId, source, normalizerVersion }: PublishContext): Promise<number> {
  const { rowCount } = await client.query(
    `create temporary table plan_build on commit drop as
    select n.node_id, s.unique_id, t.at,
      not coalesce(t.said > t.stored or (t.said = t.stored and (n.build_source = $2 or n.build_normalizer < $3)), true) as fills
    from stage_build s
    join plan_pass pass on pass.is_current
    join dbt_store.node n on n.integration_id = $1 and n.unique_id = s.unique_id and s.absent is not null
      and n.build_digest is distinct from s.digest
    left join dbt_store.node_status ran on ran.integration_id = $1 and ran.node_id = n.node_id
    cross join lateral (
      select coalesce(s.at, n.definition_at, case when pass.is_untimed and n.definition_source is not null then pass.stored_at end, pass.at) as at) a
    cross join lateral (
      select a.at, date_trunc('milliseconds', a.at) as said,
        date_trunc('milliseconds', greatest(n.build_at, ran.build_told_at)) as stored) t`,
    [integrationId, source, normalizerVersion],
  );
  await client.query('analyze plan_build');
  return rowCount ?? 0;
}

/**
 * Writes the code that was compiled later than what is stored. Code that a node was built with goes before any that was
 * only compiled; of two codes of one time the content decides. A pass that
 * defines nothing still tells what its runs compiled.
 */
export async function updateCodes(context: PublishContext): Promise<number> {
  if (context.tally.isKnown('codes')) return 0;
  return write(
    context,
    `update dbt_store.node n set compiled_code = s.compiled_code, compiled_by_build = s.is_built,
      compiled_digest = s.digest, compiled_at = t.at
    from stage_code s
    join plan_pass pass on pass.is_current or (not pass.is_dated and s.at is not null)
    join dbt_store.node o on o.integration_id = $1 and o.unique_id = s.unique_id
    left join dbt_store.node_status ran on ran.integration_id = $1 and ran.node_id = o.node_id
    cross join lateral (select coalesce(s.at, o.build_at, o.definition_at, pass.at) as at) t
    where n.integration_id = $1 and n.node_id = o.node_id and o.compiled_digest is distinct from s.digest
      and (o.compiled_at is null or s.is_built > o.compiled_by_build
        or (s.is_built = o.compiled_by_build and (
          date_trunc('milliseconds', t.at) > date_trunc('milliseconds', greatest(o.compiled_at, ran.code_told_at))
          or (date_trunc('milliseconds', t.at) = date_trunc('milliseconds', greatest(o.compiled_at, ran.code_told_at))
            and o.build_source is not distinct from $2 and s.digest < o.compiled_digest))))`,
    [context.source],
  );
}

/** Writes what dbt resolved at its last build of each node, where it is said later than what is stored. */
export async function updateBuilds(context: PublishContext): Promise<number> {
  if (context.tally.isKnown('builds') || (await planBuilds(context)) === 0) return 0;
  return write(
    context,
    `update dbt_store.node n set
      ${mergedColumns(BUILD_FIELDS)},
      unknown = array(select u from unnest(n.unknown) u where u = any (s.absent) or not u = any ($4::text[])),
      build_source = case when p.fills then n.build_source else $2 end,
      build_normalizer = case when p.fills then n.build_normalizer else $3 end,
      build_at = case when p.fills then n.build_at else p.at end,
      build_digest = case when p.fills then n.build_digest else s.digest end
    from plan_build p
    join stage_build s on s.unique_id = p.unique_id
    where n.integration_id = $1 and n.node_id = p.node_id
      and (not p.fills or exists (select from unnest(n.unknown) u where u = any ($4::text[]) and not u = any (s.absent)))`,
    [context.source, context.normalizerVersion, BUILD_COLUMNS],
  );
}

/** Whether a statement `b` says of a node `n` with such a status what is stored, later than anything else does. */
export const isBuildTold = (status: string) =>
  `coalesce(b.digest = n.build_digest and b.at > greatest(n.build_at, ${status}.build_told_at), false)`;
/** The same of its compiled code. */
export const isCodeTold = (status: string) =>
  `coalesce(b.code = n.compiled_digest and b.at > greatest(n.compiled_at, ${status}.code_told_at), false)`;

/**
 * Keeps when nodes that ran were built and compiled again in the words that are stored, so that no older statement
 * undoes it. It stands in their status, a short row that was just written anyway: of most of them with this.
 */
export async function keepTold(context: PublishContext): Promise<number> {
  return write(
    context,
    `update dbt_store.node_status s set
      build_told_at = case when t.is_build then t.at else s.build_told_at end,
      code_told_at = case when t.is_code then t.at else s.code_told_at end
    from (
      select n.node_id, b.at, ${isBuildTold('o')} as is_build, ${isCodeTold('o')} as is_code
      from stage_build b
      join plan_pass pass on pass.is_current
      join dbt_store.node n on n.integration_id = $1 and n.unique_id = b.unique_id
      join dbt_store.node_status o on o.integration_id = $1 and o.node_id = n.node_id
      where b.at is not null and n.node_id in (select node_id from plan_touched)) t
    where s.integration_id = $1 and s.node_id = t.node_id and (t.is_build or t.is_code)`,
  );
}
