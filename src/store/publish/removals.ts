import type { PassReport } from '../../domain/store.ts';
import { type PublishContext, write } from './context.ts';
import { keepCoverage } from './coverage.ts';

/** Fewer nodes than these may go at once whatever their share is: small projects are reshaped in one commit. */
const GUARDED_NODES = 10;
/** So many complete passes, over so many states of the environment, are believed although the guard objects. */
const AGREEING = { passes: 3, states: 2 };

/** What became of the nodes that a complete pass did not see. */
export interface Removals {
  readonly rows: number;
  /** Nodes that were closed, and edges that went with them. */
  readonly closed: number;
  /** Why nothing was closed, when the guard objected. */
  readonly guarded: string | null;
}

/** What a pass would close: of all nodes, and of all but macros, of which dbt itself brings hundreds. */
interface Missing {
  /** An older pass than the stored one misses nothing. */
  readonly is_current: boolean;
  readonly missing: number;
  readonly missing_macros: number;
  readonly digest: string;
  /** Counts by resource type and a unique id, for people. */
  readonly told: string | null;
}

interface Share {
  readonly gone: number;
  readonly of: number;
  readonly what: 'nodes' | 'nodes that are no macros';
}

/** `plan_missing` holds the nodes that are stored and were not seen, of the types the source can state. */
async function planMissing(context: PublishContext): Promise<Missing | undefined> {
  const { client, integrationId, states, definesAll } = context;
  if (definesAll) {
    const { rows } = await client.query<Missing>(
      "select is_current, 0 as missing, 0 as missing_macros, '' as digest, null as told from plan_pass",
    );
    return rows[0];
  }
  await client.query(
    `create temporary table plan_missing on commit drop as
    select n.node_id, n.unique_id, n.resource_type
    from dbt_store.node n, plan_pass pass
    where pass.is_current and n.integration_id = $1 and n.removed_at is null and n.state = 'defined'
      and n.resource_type = any ($2::text[])
      and not exists (select from stage_definition s where s.unique_id = n.unique_id)
      and not exists (select from stage_seen s where s.unique_id = n.unique_id)`,
    [integrationId, states],
  );
  const { rows } = await client.query<Missing>(
    `select (select is_current from plan_pass), count(*)::integer as missing,
      (count(*) filter (where resource_type = 'macro'))::integer as missing_macros,
      coalesce(md5(string_agg(node_id::text, ',' order by node_id)), '') as digest,
      (select string_agg(count || ' ' || resource_type, ', ' order by count desc, resource_type)
        from (select resource_type, count(*) from plan_missing group by resource_type) by_type)
        || '; such as ' || min(unique_id) as told
    from plan_missing`,
  );
  return rows[0];
}

/**
 * The share of the nodes that is missing, when it is more than the ratio of enough nodes. Those that this pass brought
 * do not count: whoever looks at another project misses everything, however much there is instead. What was too much
 * once stays so for as long as the same is missing, for by then what came instead is stored.
 */
async function tooMany(context: PublishContext, missing: Missing, ratio: number): Promise<Share | undefined> {
  if (missing.missing === 0) return undefined;
  const { client, integrationId, states } = context;
  const { rows } = await client.query<{ nodes: number; macros: number; is_guarded: boolean }>(
    `select count(*)::integer as nodes, (count(*) filter (where resource_type = 'macro'))::integer as macros,
      exists (select from dbt_store.integration where integration_id = $1 and guarded_digest = $3) as is_guarded
    from dbt_store.node n where integration_id = $1 and removed_at is null and state = 'defined'
      and resource_type = any ($2::text[])
      and not exists (select from plan_added a where a.node_id = n.node_id)
      and not exists (
        select from plan_definition d where d.node_id = n.node_id and (d.is_removed or d.stored_state <> 'defined'))`,
    [integrationId, states, missing.digest],
  );
  const { nodes, macros, is_guarded: isGuarded } = rows[0] ?? { nodes: 0, macros: 0, is_guarded: false };
  const shares: Share[] = [
    { gone: missing.missing, of: nodes, what: 'nodes' },
    { gone: missing.missing - missing.missing_macros, of: nodes - macros, what: 'nodes that are no macros' },
  ];
  const found = shares.find(({ gone, of }) => of >= GUARDED_NODES && gone > ratio * of);
  return found ?? (isGuarded && ratio < 1 ? shares[0] : undefined);
}

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

function sentence({ gone, of, what }: Share, { told }: Missing, { ratio, passes }: { ratio: number; passes: number }) {
  const [some, all] = [gone, of].map((count) => count.toLocaleString('en-US'));
  return (
    `Nothing was closed, because ${some} of ${all} ${what} are missing from this pass (${told}), more ` +
    `${gone > ratio * of ? 'than' : 'of those that were there when they were first missed than'} ` +
    `max_removal_ratio ${ratio} allows: sync with --allow-removals if they are really gone. ` +
    `Without it they are closed when ${AGREEING.passes} passes in a row miss the same nodes and dbt took in a run ` +
    `between them; so far ${passes === 1 ? 'one does' : `${passes} do`}.`
  );
}

/**
 * Closes the nodes that a complete pass did not see, unless they are suspiciously many. A closed node's digest goes, so
 * that one that comes back is written again whole. `plan_closed` holds them.
 */
export async function closeNodes(context: PublishContext, report: PassReport, ratio: number): Promise<Removals> {
  const { client, complete, written, tally } = context;
  await client.query('create temporary table plan_closed (node_id bigint, at timestamptz) on commit drop');
  // What is stored is what this pass saw.
  const isNew = written.isAll && tally.isKnown('definitions');
  if (!complete) return { rows: 0, closed: 0, guarded: null };
  if (isNew) return { rows: (await remember(context, null, null)).rows, closed: 0, guarded: null };
  const missing = await planMissing(context);
  if (missing?.is_current !== true) return { rows: 0, closed: 0, guarded: null };
  const share = await tooMany(context, missing, ratio);
  if (share !== undefined) {
    const { passes, states, rows } = await remember(context, missing.digest, report.environment.updatedAt);
    const isBelieved = passes >= AGREEING.passes && states >= AGREEING.states;
    if (!isBelieved) return { rows, closed: 0, guarded: sentence(share, missing, { ratio, passes }) };
  }
  const { rows } = await remember(context, null, null);
  const closed = missing.missing === 0 ? 0 : await closeMissing(context);
  return { rows: rows + closed, closed, guarded: null };
}

async function closeMissing(context: PublishContext): Promise<number> {
  await keepCoverage(context);
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
