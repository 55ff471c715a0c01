import { type Change, type ColumnTypes, columnDifferences, definitionDifferences, renames } from './changes.ts';
import type { Attempt, CatalogEntry, Discovery, FreshnessCheck } from './fold.ts';
import { objectsOf, textOf } from './json.ts';
import { type NodeFact, nodesOf } from './nodes.ts';
import { type Result, storeResults, toldResults } from './results.ts';

/** A node ever seen, with the newest statement of each group of its facts. */
export type StoredNode = {
  readonly fact: NodeFact;
  readonly definitionAt: string;
  readonly firstDefinitionAt: string;
  readonly changedAt: string;
  readonly removedAt: string | null;
  readonly catalog: CatalogEntry | null;
  /** The newest attempt, and the newest compiled code; null for what never ran. */
  readonly applied: Attempt | null;
  readonly compiledCode: string | null;
};
/** What the store holds after a number of syncs. */
export type Stored = {
  readonly nodes: Map<string, StoredNode>;
  readonly results: Map<string, Result>;
  readonly freshness: Map<string, FreshnessCheck & { uniqueId: string }>;
  readonly changes: Change[];
};

export function emptyStore(): Stored {
  return { nodes: new Map(), results: new Map(), freshness: new Map(), changes: [] };
}

/** One complete pass over what Discovery tells. The first pass of a store logs no change. */
export function sync(stored: Stored, told: Discovery): void {
  const isFirst = stored.nodes.size === 0;
  const facts = nodesOf(told.manifest);
  const changes = [...lifeChanges(stored, facts, told), ...factChanges(stored, facts, told)];
  for (const fact of facts.values()) stored.nodes.set(fact.uniqueId, nextNode(stored, fact, told));
  for (const [uniqueId, node] of stored.nodes) {
    if (facts.has(uniqueId) || node.removedAt !== null) continue;
    stored.nodes.set(uniqueId, { ...node, removedAt: told.definitionAt });
  }
  if (!isFirst) log(stored, changes);
  for (const uniqueId of facts.keys()) {
    storeResults(stored.results, toldResults(uniqueId, told.attempts.get(uniqueId) ?? []));
    const check = told.freshness.get(uniqueId);
    if (check !== undefined) stored.freshness.set(`${uniqueId} ${check.snapshottedAt}`, { ...check, uniqueId });
  }
}

function nextNode(stored: Stored, fact: NodeFact, told: Discovery): StoredNode {
  const known = stored.nodes.get(fact.uniqueId);
  const attempts = told.attempts.get(fact.uniqueId) ?? [];
  const isShown = attempts.length > 0 || fact.resourceType === 'source';
  const hasCompiledCode = ['model', 'snapshot', 'test'].includes(fact.resourceType);
  const compiled = attempts.findLast((attempt) => attempt.compiledCode !== null)?.compiledCode ?? null;
  return {
    fact,
    definitionAt: told.definitionAt,
    firstDefinitionAt: known?.firstDefinitionAt ?? told.definitionAt,
    changedAt: known?.changedAt ?? told.definitionAt,
    removedAt: null,
    catalog: (isShown ? told.catalogs.get(fact.uniqueId) : undefined) ?? known?.catalog ?? null,
    applied: attempts.at(-1) ?? known?.applied ?? null,
    compiledCode: (hasCompiledCode ? compiled : null) ?? known?.compiledCode ?? null,
  };
}

/** Nodes that came, went, came back or took another name. */
function lifeChanges(stored: Stored, facts: ReadonlyMap<string, NodeFact>, told: Discovery): Change[] {
  const added = [...facts.values()].filter((fact) => !stored.nodes.has(fact.uniqueId));
  const restored = [...facts.values()].filter((fact) => Boolean(stored.nodes.get(fact.uniqueId)?.removedAt));
  const removed = [...stored.nodes.values()]
    .filter((node) => node.removedAt === null && !facts.has(node.fact.uniqueId))
    .map((node) => node.fact);
  const change = (fact: NodeFact, aspect: string, before: string | null = null): Change => {
    return { uniqueId: fact.uniqueId, changedAt: told.definitionAt, aspect, item: null, before, after: null };
  };
  return [
    ...added.map((fact) => change(fact, 'added')),
    ...removed.map((fact) => change(fact, 'removed')),
    ...restored.map((fact) => change(fact, 'restored')),
    ...renames(removed, added).map(({ from, to }) => change(to, 'renamed', from.uniqueId)),
  ];
}

function factChanges(stored: Stored, facts: ReadonlyMap<string, NodeFact>, told: Discovery): Change[] {
  return [...facts.values()].flatMap((fact) => {
    const known = stored.nodes.get(fact.uniqueId);
    if (known === undefined) return [];
    const { uniqueId } = fact;
    const catalog = nextNode(stored, fact, told).catalog;
    const inCatalog =
      known.catalog !== null && catalog !== null && catalog.at > known.catalog.at
        ? columnDifferences(typesOf(known.catalog), typesOf(catalog))
        : [];
    return [
      ...definitionDifferences(known.fact, fact).map((one) => ({ uniqueId, changedAt: told.definitionAt, ...one })),
      ...inCatalog.map((one) => ({ uniqueId, changedAt: catalog?.at ?? told.definitionAt, ...one })),
    ];
  });
}

function log(stored: Stored, changes: readonly Change[]): void {
  stored.changes.push(...changes);
  for (const { uniqueId, changedAt } of changes) {
    const node = stored.nodes.get(uniqueId);
    if (node !== undefined && changedAt > node.changedAt) stored.nodes.set(uniqueId, { ...node, changedAt });
  }
}

function typesOf(catalog: CatalogEntry): ColumnTypes {
  return new Map(objectsOf(catalog.entry.columns).map(([name, column]) => [name, textOf(column.type)]));
}
