export type Edge = { readonly parent: string; readonly child: string };
/** Shortest distance (1 = direct) by unique id, without the start. */
export type Distances = ReadonlyMap<string, number>;
export type Graph = {
  readonly edges: readonly Edge[];
  readonly upstream: (uniqueId: string, maxDepth?: number) => Distances;
  readonly downstream: (uniqueId: string, maxDepth?: number) => Distances;
};

/** Breadth-first walks over the direct edges of nodes that are there; cycles end. */
export function graphOf(nodes: readonly { uniqueId: string; parents: readonly string[] }[]): Graph {
  const parentsOf = new Map(nodes.map((node) => [node.uniqueId, [] as string[]]));
  const childrenOf = new Map([...parentsOf.keys()].map((id) => [id, [] as string[]]));
  const edges: Edge[] = [];
  for (const { uniqueId: child, parents } of nodes) {
    for (const parent of parents) {
      const children = childrenOf.get(parent);
      if (children === undefined) continue;
      children.push(child);
      parentsOf.get(child)?.push(parent);
      edges.push({ parent, child });
    }
  }
  return {
    edges,
    upstream: (uniqueId, maxDepth) => distances(parentsOf, uniqueId, maxDepth),
    downstream: (uniqueId, maxDepth) => distances(childrenOf, uniqueId, maxDepth),
  };
}

function distances(next: ReadonlyMap<string, readonly string[]>, start: string, maxDepth = Infinity): Distances {
  const found = new Map<string, number>([[start, 0]]);
  let frontier = [start];
  for (let depth = 1; frontier.length > 0 && depth <= maxDepth; depth++) {
    const reached = new Set(frontier.flatMap((id) => next.get(id) ?? []).filter((id) => !found.has(id)));
    for (const id of reached) found.set(id, depth);
    frontier = [...reached];
  }
  found.delete(start);
  return found;
}

/** Edges from relation to relation: ephemeral models between them are stepped over. */
export function relationEdges(
  graph: Graph,
  is: { relation: (uniqueId: string) => boolean; ephemeral: (uniqueId: string) => boolean },
): Edge[] {
  const childrenOf = new Map<string, string[]>();
  for (const { parent, child } of graph.edges) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), child]);
  const parents = [...childrenOf.keys()].filter(is.relation);
  return parents.flatMap((parent) => {
    const seen = new Set<string>();
    const open = [...(childrenOf.get(parent) ?? [])];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      if (is.ephemeral(id)) open.push(...(childrenOf.get(id) ?? []));
    }
    return [...seen].filter(is.relation).map((child) => ({ parent, child }));
  });
}
