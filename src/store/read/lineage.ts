import type { Reader } from './snapshot.ts';

/** A node found around another one. */
export interface LineageNode {
  readonly unique_id: string;
  readonly resource_type: string;
  readonly name: string;
  /** Edges to the node asked for: negative upstream, 0 the node itself, positive downstream. */
  readonly distance: number;
  /** The last attempt's status; a source's freshness, an exposure's health. */
  readonly status: string | null;
  /** The worst among the node's own tests. */
  readonly test_status: string | null;
}

export interface LineageEdge {
  readonly parent: string;
  readonly child: string;
}

export interface Lineage {
  readonly integration: string;
  readonly unique_id: string;
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

export interface LineageQuestion {
  readonly integration: string;
  readonly uniqueId: string;
  readonly up: boolean;
  readonly down: boolean;
  /** Edges to go at most; null for all. */
  readonly depth: number | null;
}

/** The integrations that have a node of this unique id. */
export async function integrationsWith(reader: Reader, uniqueId: string): Promise<string[]> {
  const { rows } = await reader.query<{ integration: string }>(
    'select integration from dbt.nodes where unique_id = $1 order by 1',
    [uniqueId],
  );
  return rows.map(({ integration }) => integration);
}

/** Unique ids and names of all current nodes, of one integration or of all. */
export async function knownNodes(
  reader: Reader,
  integration: string | undefined,
): Promise<{ unique_id: string; name: string | null }[]> {
  const { rows } = await reader.query<{ unique_id: string; name: string | null }>(
    'select distinct unique_id, name from dbt.nodes where $1::text is null or integration = $1 order by unique_id',
    [integration ?? null],
  );
  return rows;
}

/** Status of the nodes that were reached, by the views that readers may see; each view has its own types of node. */
const STATED = [
  ['models', 'last_run_status', 'test_status'],
  ['seeds', 'last_run_status', 'test_status'],
  ['snapshots', 'last_run_status', 'test_status'],
  ['sources', 'freshness_status', 'test_status'],
  ['tests', 'status', 'null'],
]
  .map(
    ([view, status, tests]) => `select unique_id, ${status} as status, ${tests} as test_status from dbt.${view}
      where integration = $1 and unique_id = any (array(select unique_id from nearest))`,
  )
  .join(' union all ');

/** The nodes around one node, each once, and the edges among them. */
export async function findLineage(reader: Reader, question: LineageQuestion): Promise<Lineage> {
  const { integration, uniqueId } = question;
  const { rows: nodes } = await reader.query<LineageNode>(
    `with reached as (
      select $2::text as unique_id, 0 as distance
      union all select unique_id, -distance from dbt.upstream($1, $2, $5) where $3
      union all select unique_id, distance from dbt.downstream($1, $2, $5) where $4
    ), nearest as (
      select distinct on (unique_id) unique_id, distance from reached order by unique_id, abs(distance)
    ), stated as (
      ${STATED}
    )
    select n.unique_id, n.resource_type, coalesce(n.name, n.unique_id) as name, r.distance,
      s.status, s.test_status
    from nearest r
    join dbt.nodes n on n.integration = $1 and n.unique_id = r.unique_id
    left join stated s on s.unique_id = r.unique_id
    order by r.distance, n.resource_type, n.name, n.unique_id`,
    [integration, uniqueId, question.up, question.down, question.depth],
  );
  const ids = nodes.map((node) => node.unique_id);
  const { rows: edges } = await reader.query<LineageEdge>(
    `select parent_unique_id as parent, child_unique_id as child from dbt.lineage
    where integration = $1 and parent_unique_id = any ($2) and child_unique_id = any ($2) order by 1, 2`,
    [integration, ids],
  );
  return { integration, unique_id: uniqueId, nodes: await withHealth(reader, integration, nodes), edges };
}

/** Exposures have no status of their own. Their health needs a walk of the whole graph, so it is asked only for them. */
async function withHealth(reader: Reader, integration: string, nodes: LineageNode[]): Promise<LineageNode[]> {
  if (!nodes.some((node) => node.resource_type === 'exposure')) return nodes;
  const { rows } = await reader.query<{ unique_id: string; health: string }>(
    'select unique_id, health from dbt.exposures where integration = $1',
    [integration],
  );
  const health = new Map(rows.map((row) => [row.unique_id, row.health]));
  return nodes.map((node) => ({ ...node, status: health.get(node.unique_id) ?? node.status }));
}
