import type { PassReport } from '../../domain/store.ts';
import { type PublishContext, write } from './context.ts';

/** Fewer nodes than these may go at once whatever their share is: small projects are reshaped in one commit. */
const GUARDED_NODES = 10;
/** So many complete passes, over so many states of the environment, are believed although the guard objects. */
const AGREEING = { passes: 3, states: 2 };

/** What became of the nodes that a complete pass did not see. */
export interface Removals {
  readonly rows: number;
  /** Why nothing was closed, when the guard objected. */
  readonly guarded: string | null;
}

interface Missing {
  readonly missing: number;
  readonly stored: number;
  readonly digest: string;
}

/** `plan_missing` holds the nodes that are stored and were not seen, of the types the source can state. */
async function planMissing({ client, integrationId, states }: PublishContext): Promise<Missing> {
  await client.query(
    `create temporary table plan_missing on commit drop as
    select n.node_id
    from dbt_store.node n, plan_pass pass
    where pass.is_current and n.integration_id = $1 and n.removed_at is null and n.state = 'defined'
      and n.resource_type = any ($2::text[])
      and not exists (select from stage_definition s where s.unique_id = n.unique_id)
      and not exists (select from stage_seen s where s.unique_id = n.unique_id)`,
    [integrationId, states],
  );
  const { rows } = await client.query<Missing>(
    `select count(*)::integer as missing, coalesce(md5(string_agg(node_id::text, ',' order by node_id)), '') as digest,
      case when count(*) = 0 then 0 else
        (select count(*)::integer from dbt_store.node n where n.integration_id = $1 and n.removed_at is null
          and n.state = 'defined' and n.resource_type = any ($2::text[])) end as stored
    from plan_missing`,
    [integrationId, states],
  );
  return rows[0] ?? { missing: 0, stored: 0, digest: '' };
}

const isTooMany = ({ missing, stored }: Missing, ratio: number): boolean =>
  stored >= GUARDED_NODES && missing > ratio * stored;

/** Remembers what this pass would close, and says whether enough passes agree with it. Null forgets. */
async function remember(
  context: PublishContext,
  digest: string | null,
  updatedAt: string | null,
): Promise<{ passes: number; states: number; rows: number }> {
  const { client, integrationId } = context;
  const { rows, rowCount } = await client.query<{ passes: number; states: number }>(
    `update dbt_store.integration i set guarded_digest = $2,
      guarded_passes = case when $2::text is null then null when i.guarded_digest = $2 then i.guarded_passes + 1 else 1 end,
      guarded_states = case when $2::text is null then null else array(
        select distinct at from unnest(case when i.guarded_digest = $2 then i.guarded_states end || $3::timestamptz) u(at)
        where at is not null order by at) end
    where integration_id = $1 and ($2::text is not null or i.guarded_digest is not null)
    returning guarded_passes as passes, cardinality(guarded_states) as states`,
    [integrationId, digest, updatedAt],
  );
  const { passes, states } = rows[0] ?? { passes: 0, states: 0 };
  return { passes, states, rows: rowCount ?? 0 };
}

function sentence({ missing, stored }: Missing, ratio: number, passes: number): string {
  const [gone, all] = [missing, stored].map((count) => count.toLocaleString('en-US'));
  return (
    `Nothing was closed, because ${gone} of ${all} nodes are missing from this pass, more than max_removal_ratio ` +
    `${ratio} allows: sync with --allow-removals if they are really gone. ` +
    `${AGREEING.passes} passes that agree over ${AGREEING.states} states of the environment close them too ` +
    `(${passes} so far).`
  );
}

/**
 * Closes the nodes that a complete pass did not see, unless they are suspiciously many. A closed node's digest goes, so
 * that one that comes back is written again whole. `plan_closed` holds them.
 */
export async function closeNodes(context: PublishContext, report: PassReport, ratio: number): Promise<Removals> {
  const { client, complete, written, settled } = context;
  await client.query('create temporary table plan_closed (node_id bigint, at timestamptz) on commit drop');
  // What is stored is what this pass saw.
  const isNew = written.isAll && settled.definitions;
  if (!complete) return { rows: 0, guarded: null };
  if (isNew) return { rows: (await remember(context, null, null)).rows, guarded: null };
  const missing = await planMissing(context);
  if (isTooMany(missing, ratio)) {
    const { passes, states, rows } = await remember(context, missing.digest, report.environment.updatedAt);
    const isBelieved = passes >= AGREEING.passes && states >= AGREEING.states;
    if (!isBelieved) return { rows, guarded: sentence(missing, ratio, passes) };
  }
  const { rows } = await remember(context, null, null);
  return { rows: rows + (missing.missing === 0 ? 0 : await closeMissing(context)), guarded: null };
}

async function closeMissing(context: PublishContext): Promise<number> {
  const closed = await write(
    context,
    `with closed as (
      update dbt_store.node n set removed_at = pass.at, changed_at = greatest(n.changed_at, pass.at), definition_digest = null
      from plan_pass pass, plan_missing m
      where n.integration_id = $1 and n.node_id = m.node_id
      returning n.node_id, n.removed_at)
    insert into plan_closed select node_id, removed_at from closed`,
  );
  const edges = await write(
    context,
    `delete from dbt_store.edge e where e.integration_id = $1 and e.child_id in (select node_id from plan_closed)`,
  );
  return closed + edges;
}
