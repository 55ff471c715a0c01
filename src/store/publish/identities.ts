import type { NamelessNodes, NodeIdentity } from '../../domain/runs.ts';
import type { NamelessAsked } from '../../domain/store.ts';
import { storable } from '../copy-text.ts';
import { BUILD_FIELDS, DEFINITION_FIELDS } from '../fields.ts';
import type { Client } from '../pool.ts';

type Fact = keyof NodeIdentity['facts'];

/**
 * What tells a node from others. What it tests, whose it is, where it lies and what it depends on are none of it: views
 * count by these, and count what is there now.
 */
const FACTS: readonly Fact[] = [
  ...(['name', 'packageName', 'version', 'sourceName', 'testType', 'columnName'] as const),
  ...(['testName', 'testNamespace'] as const),
];
const COLUMNS = FACTS.flatMap((fact) => {
  const found = [...DEFINITION_FIELDS, ...BUILD_FIELDS].find((field) => field.fact === fact);
  return found === undefined ? [] : [{ fact, column: found.column }];
});

/** A placeholder whose name is unknown has the one that its id gives it. */
const IS_NAMELESS = "n.state = 'placeholder' and 'name' = any (n.unknown)";

/** The last row of a node that a complete run of those that are asked for left. */
const lastOf = (table: string, step: string, at: string) => `
  select t.run_id, ${step} as step, t.${at} as at
  from dbt_store.${table} t
  join dbt_store.run on run.integration_id = $1 and run.run_id = t.run_id and run.results_complete
    and run.finished_at >= $2 and run.finished_at <= $3 and ($4::bigint is null or run.job_id = $4)
  where t.integration_id = $1 and t.node_id = n.node_id and t.run_id <> all ($5)
  order by t.${at} desc limit 1`;

/**
 * The last complete run with something of each nameless node. A run of which something is missing was asked for more
 * than others.
 */
export async function namelessNodes(
  client: Client,
  integrationId: number,
  { window, jobId, but }: NamelessAsked,
): Promise<NamelessNodes[]> {
  const { rows } = await client.query<{ run_id: string; step: number | null; ids: string[] }>(
    `with told as (
      select n.unique_id, last.run_id, last.step
      from dbt_store.node n
      cross join lateral (
        (${lastOf('run_result', 't.step', 'executed_at')}) union all (${lastOf('freshness_result', 'null', 'snapshotted_at')})
        order by at desc limit 1) last
      where n.integration_id = $1 and ${IS_NAMELESS})
    select run_id, max(step) as step, array_agg(unique_id order by unique_id) as ids
    from told group by run_id order by dbt_store.run_order(run_id) desc, run_id desc`,
    [integrationId, window.from, window.to, jobId, but],
  );
  return rows.map(({ run_id: runId, step, ids }) => ({ runId, step, uniqueIds: ids }));
}

function rowOf({ uniqueId, facts }: NodeIdentity): Record<string, string> {
  const row: Record<string, string> = { unique_id: storable(uniqueId) };
  for (const { fact, column } of COLUMNS) {
    const value = facts[fact];
    if (value != null) row[column] = storable(value);
  }
  return row;
}

/**
 * Gives placeholders the names that a manifest of their time has for them. They stay placeholders, which no pass
 * closes or logs as changed; a definition takes the row over.
 */
export async function nameNodes(
  client: Client,
  integrationId: number,
  { identities, settled }: { readonly identities: readonly NodeIdentity[]; readonly settled: readonly string[] },
): Promise<number> {
  const rows = new Map(settled.map((id) => [storable(id), rowOf({ uniqueId: id, facts: {} })]));
  for (const identity of identities) rows.set(storable(identity.uniqueId), rowOf(identity));
  if (rows.size === 0) return 0;
  const columns = COLUMNS.map(({ column }) => column);
  const { rowCount } = await client.query(
    `update dbt_store.node n set
      ${columns.map((column) => `${column} = coalesce(i.${column}, n.${column})`).join(', ')},
      unknown = array(select u from unnest(n.unknown) u where u <> 'name' and to_jsonb(i) ->> u is null)
    from jsonb_to_recordset($2::jsonb) as i(unique_id text, ${columns.map((column) => `${column} text`).join(', ')})
    where n.integration_id = $1 and n.unique_id = i.unique_id and ${IS_NAMELESS}`,
    [integrationId, JSON.stringify([...rows.values()])],
  );
  return rowCount ?? 0;
}
