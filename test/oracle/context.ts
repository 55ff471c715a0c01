import type { FreshnessCheck } from './fold.ts';
import { type Graph, graphOf } from './graph.ts';
import { groupBy } from './group-by.ts';
import type { JsonObject } from './json.ts';
import { firstOwner, metaOwner, nobody, type Owner } from './owner.ts';
import { type Result, resultsByNode } from './results.ts';
import { type Status, statusOf } from './status.ts';
import type { Stored, StoredNode } from './syncs.ts';
import { testedNodeOf } from './tested-node.ts';

export type Row = JsonObject;
export type ExpectedOptions = {
  /** Name in the column `integration`. */
  readonly integration?: string;
  /** Access URL of the account, for `dbt_url`; without it that column is null. */
  readonly accessUrl?: string;
  /** The moment of reading; without it verdicts leave out "older than twice the usual interval". */
  readonly now?: Date;
  /**
   * Syncs happen after these runs only (1-based numbers); otherwise after every run. One may be named again, or after a
   * later one: then the sync meets an older state than the store has.
   */
  readonly syncsAfter?: readonly number[];
};

/** The stored state with the look-ups that several views share. Lists are ordered by unique id. */
export type Context = {
  readonly integration: string;
  readonly now: Date | null;
  readonly stored: Stored;
  readonly present: readonly StoredNode[];
  readonly graph: Graph;
  readonly dbtUrl: (uniqueId: string) => string | null;
  /** Oldest first. */
  readonly results: (uniqueId: string) => readonly Result[];
  readonly status: (uniqueId: string) => Status;
  readonly testedNode: (test: StoredNode) => string | null;
  readonly testsOf: (uniqueId: string) => readonly StoredNode[];
  readonly owner: (node: StoredNode) => Owner;
  readonly groupOf: (node: StoredNode) => StoredNode | null;
  readonly freshness: (uniqueId: string) => FreshnessCheck | null;
};

export function contextOf(
  stored: Stored,
  options: ExpectedOptions,
  dbtUrl: (uniqueId: string) => string | null,
): Context {
  const present = [...stored.nodes.values()]
    .filter((node) => node.removedAt === null)
    .sort((a, b) => (a.fact.uniqueId < b.fact.uniqueId ? -1 : 1));
  const results = resultsByNode(stored.results.values());
  const statuses = new Map([...results].map(([uniqueId, list]) => [uniqueId, statusOf(list)]));
  const noStatus = statusOf([]);
  const testedNode = (test: StoredNode) =>
    testedNodeOf({ test: test.fact, nodes: stored.nodes, hasRun: test.applied !== null });
  const tests = groupBy(
    present.filter((node) => node.fact.resourceType === 'test'),
    testedNode,
  );
  const groupsByName = groupBy(
    present.filter(({ fact }) => fact.resourceType === 'group'),
    ({ fact }) => fact.name,
  );
  const groupOf = (node: StoredNode) => groupNode(groupsByName, node);
  const checks = groupBy(stored.freshness.values(), (check) => check.uniqueId);
  return {
    integration: options.integration ?? 'demo',
    now: options.now ?? null,
    stored,
    present,
    graph: graphOf(present.map((node) => node.fact)),
    dbtUrl,
    results: (uniqueId) => results.get(uniqueId) ?? [],
    status: (uniqueId) => statuses.get(uniqueId) ?? noStatus,
    testedNode,
    testsOf: (uniqueId) => tests.get(uniqueId) ?? [],
    owner: (node) => ownerOf(node, stored.nodes.get(testedNode(node) ?? ''), groupOf),
    groupOf,
    freshness: (uniqueId) => newestCheck(checks.get(uniqueId) ?? []),
  };
}

function groupNode(groups: ReadonlyMap<string, readonly StoredNode[]>, node: StoredNode): StoredNode | null {
  const { group, packageName } = node.fact;
  const named = (group === null ? undefined : groups.get(group)) ?? [];
  return named.find(({ fact }) => fact.packageName === packageName) ?? named[0] ?? null;
}

function ownerOf(
  node: StoredNode,
  tested: StoredNode | undefined,
  groupOf: (node: StoredNode) => StoredNode | null,
): Owner {
  const ofGroup = (of: StoredNode) => groupOf(of)?.fact.statedOwner ?? nobody;
  const isTest = node.fact.resourceType === 'test';
  return firstOwner([
    node.fact.statedOwner,
    ofGroup(node),
    isTest && tested !== undefined ? ofGroup(tested) : nobody,
    metaOwner(node.fact.meta),
    isTest && tested !== undefined ? metaOwner(tested.fact.meta) : nobody,
  ]);
}

function newestCheck(checks: readonly FreshnessCheck[]): FreshnessCheck | null {
  return checks.reduce<FreshnessCheck | null>(
    (newest, check) => (newest !== null && newest.snapshottedAt > check.snapshottedAt ? newest : check),
    null,
  );
}
