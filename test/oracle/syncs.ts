import { type Change, type ColumnTypes, columnDifferences, definitionDifferences, renames } from './changes.ts';
import type { Attempt, CatalogEntry, Discovery, FreshnessCheck } from './fold.ts';
import { objectsOf, textOf } from './json.ts';
import { type NodeFact, nodesOf, unknownNode } from './nodes.ts';
import { type Result, storeResults, toldResults } from './results.ts';

/** A node ever seen, with the newest statement of each group of its facts. */
export type StoredNode = {
  readonly fact: NodeFact;
  /** Null for a placeholder: nobody has defined it, but something was said of it. */
  readonly definitionAt: string | null;
  /** When something was first said of it, results aside. */
  readonly firstToldAt: string;
  readonly changedAt: string | null;
  readonly removedAt: string | null;
  readonly catalog: CatalogEntry | null;
  /** The newest attempt, and the newest compiled code; null for what never ran. */
  readonly applied: Attempt | null;
  readonly compiledCode: string | null;
};
/** What the store holds after a number of syncs. */
export type Stored = {
  /** Time of the newest pass so far; an older one tells no definition. */
  definitionAt: string | null;
  readonly nodes: Map<string, StoredNode>;
  readonly results: Map<string, Result>;
  readonly freshness: Map<string, FreshnessCheck & { uniqueId: string }>;
  readonly changes: Change[];
};

export function emptyStore(): Stored {
  return { definitionAt: null, nodes: new Map(), results: new Map(), freshness: new Map(), changes: [] };
}

/**
 * One complete pass over what Discovery tells. The first pass of a store logs no change; one that is older than the
 * newest so far tells only results, freshness and catalog.
 */
export function sync(stored: Stored, told: Discovery): void {
  const facts = nodesOf(told.manifest);
  const isOlder = stored.definitionAt !== null && told.definitionAt < stored.definitionAt;
  if (isOlder) tellOlder(stored, facts, told);
  else define(stored, facts, told);
  for (const uniqueId of facts.keys()) {
    storeResults(stored.results, toldResults(uniqueId, told.attempts.get(uniqueId) ?? []));
    const check = told.freshness.get(uniqueId);
    if (check !== undefined) stored.freshness.set(`${uniqueId} ${check.snapshottedAt}`, { ...check, uniqueId });
  }
}

function define(stored: Stored, facts: ReadonlyMap<string, NodeFact>, told: Discovery): void {
  const isFirst = stored.definitionAt === null;
  stored.definitionAt = told.definitionAt;
  const changes = [...lifeChanges(stored, facts, told), ...factChanges(stored, facts, told)];
  for (const fact of facts.values()) stored.nodes.set(fact.uniqueId, nextNode(stored, fact, told));
  for (const [uniqueId, node] of stored.nodes) {
    if (facts.has(uniqueId) || node.removedAt !== null || !isDefined(node)) continue;
    stored.nodes.set(uniqueId, { ...node, removedAt: told.definitionAt });
  }
  if (!isFirst) log(stored, changes);
}

/** What is not defined by a newer pass gets a placeholder when something is said of it, and nothing else. */
function tellOlder(stored: Stored, facts: ReadonlyMap<string, NodeFact>, told: Discovery): void {
  for (const [uniqueId, fact] of facts) {
    const known = stored.nodes.get(uniqueId);
    const catalog = toldCatalog(uniqueId, told);
    const results = toldResults(uniqueId, told.attempts.get(uniqueId) ?? []).map(({ executedAt }) => executedAt);
    const moments = [catalog?.at, told.freshness.get(uniqueId)?.snapshottedAt, ...results];
    const [firstToldAt] = moments.filter((at) => at !== undefined).sort();
    if (known === undefined && firstToldAt !== undefined) {
      stored.nodes.set(uniqueId, { ...placeholder(fact, firstToldAt), catalog });
    } else if (known !== undefined && catalog !== null && (known.catalog === null || catalog.at > known.catalog.at)) {
      stored.nodes.set(uniqueId, { ...known, catalog });
    }
  }
}

function placeholder(fact: NodeFact, firstToldAt: string): StoredNode {
  const none = {
    definitionAt: null,
    changedAt: null,
    removedAt: null,
    catalog: null,
    applied: null,
    compiledCode: null,
  };
  return { ...none, fact: unknownNode(fact), firstToldAt };
}

function nextNode(stored: Stored, fact: NodeFact, told: Discovery): StoredNode {
  const known = stored.nodes.get(fact.uniqueId);
  const attempts = told.attempts.get(fact.uniqueId) ?? [];
  const hasCompiledCode = ['model', 'snapshot', 'test'].includes(fact.resourceType);
  const compiled = attempts.findLast((attempt) => attempt.compiledCode !== null)?.compiledCode ?? null;
  return {
    fact,
    definitionAt: told.definitionAt,
    firstToldAt: known?.firstToldAt ?? told.definitionAt,
    changedAt: known?.changedAt ?? told.definitionAt,
    removedAt: null,
    catalog: toldCatalog(fact.uniqueId, told) ?? known?.catalog ?? null,
    applied: attempts.at(-1) ?? known?.applied ?? null,
    compiledCode: (hasCompiledCode ? compiled : null) ?? known?.compiledCode ?? null,
  };
}

/** Discovery tells the catalog of sources and of what ran. */
function toldCatalog(uniqueId: string, told: Discovery): CatalogEntry | null {
  const isShown = told.attempts.has(uniqueId) || uniqueId.startsWith('source.');
  return (isShown ? told.catalogs.get(uniqueId) : undefined) ?? null;
}

/** Nodes that came, went, came back or took another name. */
function lifeChanges(stored: Stored, facts: ReadonlyMap<string, NodeFact>, told: Discovery): Change[] {
  const added = [...facts.values()].filter((fact) => !isDefined(stored.nodes.get(fact.uniqueId)));
  const restored = [...facts.values()].filter((fact) => Boolean(stored.nodes.get(fact.uniqueId)?.removedAt));
  const removed = [...stored.nodes.values()]
    .filter((node) => isDefined(node) && node.removedAt === null && !facts.has(node.fact.uniqueId))
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

const groupsOf = (facts: readonly NodeFact[]) => facts.filter(({ resourceType }) => resourceType === 'group');

function factChanges(stored: Stored, facts: ReadonlyMap<string, NodeFact>, told: Discovery): Change[] {
  const present = [...stored.nodes.values()].filter(({ removedAt }) => removedAt === null);
  const [were, are] = [groupsOf(present.map(({ fact }) => fact)), groupsOf([...facts.values()])];
  return [...facts.values()].flatMap((fact) => {
    const known = stored.nodes.get(fact.uniqueId);
    if (known === undefined) return [];
    const { uniqueId } = fact;
    // The edges of a node that is gone are gone with it: what it comes back with is not a change of them.
    const isBack = known.removedAt !== null;
    const inDefinition = isDefined(known)
      ? definitionDifferences({ fact: known.fact, groups: were }, { fact, groups: are }).filter(
          ({ aspect }) => !(isBack && aspect === 'parent'),
        )
      : [];
    const catalog = nextNode(stored, fact, told).catalog;
    const inCatalog =
      known.catalog !== null && catalog !== null && catalog.at > known.catalog.at
        ? columnDifferences(typesOf(known.catalog), typesOf(catalog))
        : [];
    return [
      ...inDefinition.map((one) => ({ uniqueId, changedAt: told.definitionAt, ...one })),
      ...inCatalog.map((one) => ({ uniqueId, changedAt: catalog?.at ?? told.definitionAt, ...one })),
    ];
  });
}

function log(stored: Stored, changes: readonly Change[]): void {
  stored.changes.push(...changes);
  for (const { uniqueId, changedAt } of changes) {
    const node = stored.nodes.get(uniqueId);
    if (node !== undefined && changedAt > (node.changedAt ?? '')) stored.nodes.set(uniqueId, { ...node, changedAt });
  }
}

function isDefined(node: StoredNode | undefined): boolean {
  return node !== undefined && node.definitionAt !== null;
}

function typesOf(catalog: CatalogEntry): ColumnTypes {
  return new Map(objectsOf(catalog.entry.columns).map(([name, column]) => [name, textOf(column.type)]));
}
