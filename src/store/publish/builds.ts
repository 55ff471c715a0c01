import { BUILD_FIELDS } from '../fields.ts';
import { type PublishContext, write } from './context.ts';
import { mergedColumns } from './definitions.ts';

const BUILD_COLUMNS = BUILD_FIELDS.map(({ column }) => column);

/**
 * Writes what dbt resolved at its last build of each node, where it is said later than what is stored.
 * An earlier statement, or another source's of the same time, only fills what is unknown. The node's last run counts as
 * a statement too: when it said the same again, its time was not written.
 */
export async function updateBuilds(context: PublishContext): Promise<number> {
  const { source, normalizerVersion } = context;
  return write(
    context,
    `update dbt_store.node n set
      ${mergedColumns(BUILD_FIELDS)},
      unknown = array(select u from unnest(n.unknown) u where u = any (s.absent) or not u = any ($4::text[])),
      build_source = case when p.fills then n.build_source else $2 end,
      build_normalizer = case when p.fills then n.build_normalizer else $3 end,
      build_at = case when p.fills then n.build_at else p.said end,
      build_digest = case when p.fills then n.build_digest else s.digest end
    from stage_build s
    join dbt_store.node m on m.integration_id = $1 and m.unique_id = s.unique_id
      and m.build_digest is distinct from s.digest
    join plan_pass pass on pass.is_current
    left join dbt_store.node_status ran on ran.integration_id = $1 and ran.node_id = m.node_id
    cross join lateral (
      select date_trunc('milliseconds', coalesce(s.at, m.definition_at, pass.at)) as said,
        case when m.build_at is not null then date_trunc('milliseconds', greatest(m.build_at, ran.last_run_at)) end as stored) t
    cross join lateral (
      select coalesce(s.at, m.definition_at, pass.at) as said, not coalesce(
        t.said > t.stored or (t.said = t.stored and (m.build_source = $2 or m.build_normalizer < $3)), true) as fills) p
    where n.integration_id = $1 and n.node_id = m.node_id
      and (not p.fills or exists (select from unnest(n.unknown) u where u = any ($4::text[]) and not u = any (s.absent)))`,
    [source, normalizerVersion, BUILD_COLUMNS],
  );
}
