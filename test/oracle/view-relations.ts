import type { Context, Row } from './context.ts';
import { relationEdges } from './graph.ts';
import { textOf } from './json.ts';
import type { StoredNode } from './syncs.ts';
import { verdictOf } from './verdict.ts';
import { testCounts } from './view-tests.ts';

/** One row per node that is a relation of the warehouse; without the free-text reason. */
export function relations(context: Context): Row[] {
  const known = context.present.filter((node) => isRelation(node) && node.definitionAt !== null);
  return known.map((node) => {
    const { uniqueId } = node.fact;
    const tested = context
      .testsOf(uniqueId)
      .flatMap((test) => context.status(test.fact.uniqueId).lastExecuted?.executedAt ?? []);
    return {
      integration: context.integration,
      ...relationColumns(node),
      unique_id: uniqueId,
      resource_type: node.fact.resourceType,
      last_built_at: context.status(uniqueId).lastSuccess?.executedAt ?? null,
      last_tested_at: tested.sort().at(-1) ?? null,
      freshness_status: textOf(context.freshness(uniqueId)?.row.status)?.toLowerCase() ?? null,
      test_status: testCounts(context, uniqueId).test_status ?? null,
      verdict: verdictOf(context, uniqueId),
    };
  });
}

export function lineage(context: Context): Row[] {
  return context.graph.edges.map(({ parent, child }) => ({
    integration: context.integration,
    ...edgeColumns('parent', context.stored.nodes.get(parent)),
    ...edgeColumns('child', context.stored.nodes.get(child)),
  }));
}

export function relationLineage(context: Context): Row[] {
  const node = (uniqueId: string) => context.stored.nodes.get(uniqueId);
  const edges = relationEdges(context.graph, {
    relation: (uniqueId) => isRelation(node(uniqueId)),
    ephemeral: (uniqueId) => node(uniqueId)?.fact.materialization === 'ephemeral',
  });
  return edges.map(({ parent, child }) => ({
    integration: context.integration,
    ...relationEnd('parent', node(parent)),
    ...relationEnd('child', node(child)),
  }));
}

function isRelation(node: StoredNode | undefined): boolean {
  const type = node?.fact.resourceType ?? '';
  return ['model', 'seed', 'snapshot', 'source'].includes(type) && node?.fact.materialization !== 'ephemeral';
}

function relationColumns(node: StoredNode): Row {
  const { database, schema, identifier } = node.fact;
  return { database_name: database, schema_name: schema, identifier };
}

function edgeColumns(end: 'parent' | 'child', node: StoredNode | undefined): Row {
  return {
    [`${end}_unique_id`]: node?.fact.uniqueId ?? null,
    [`${end}_resource_type`]: node?.fact.resourceType ?? null,
    [`${end}_name`]: node?.fact.name ?? null,
  };
}

function relationEnd(end: 'parent' | 'child', node: StoredNode | undefined): Row {
  return {
    [`${end}_unique_id`]: node?.fact.uniqueId ?? null,
    [`${end}_database`]: node?.fact.database ?? null,
    [`${end}_schema`]: node?.fact.schema ?? null,
    [`${end}_identifier`]: node?.fact.identifier ?? null,
  };
}
