import type { JsonObject, Manifest, ManifestNode, Nodes } from './artifacts.ts';
import { date, isExternal, list, manifestFacts, parentsOf, type ServedNode } from './facts.ts';
import type { EnvironmentState } from './fold.ts';

export interface Owner {
  accountId: number;
  projectId: number;
}

/** The nodes of every connection of the definition state: all that the newest manifest of the environment states. */
export function definitionNodes(state: EnvironmentState, owner: Owner): Record<string, ServedNode[]> {
  if (!state.manifest) return {};
  const { body } = state.manifest;
  const nodes = Object.values(body.nodes);
  const of = (type: string) => nodes.filter((node) => node.resource_type === type && !isExternal(node));
  const serve = (list: ManifestNode[], more: (node: ManifestNode) => JsonObject = () => ({})) =>
    list.map((node) => ({ ...definitionNode(state, owner, node), ...more(node) }));
  return {
    models: serve(of('model')),
    seeds: serve(of('seed')),
    snapshots: serve(of('snapshot')),
    tests: serve([...of('test'), ...values(body.unit_tests)]),
    sources: serve(values(body.sources)),
    exposures: serve(values(body.exposures)),
    metrics: serve(values(body.metrics), metric),
    semanticModels: serve(values(body.semantic_models), semanticModel),
    savedQueries: serve(values(body.saved_queries), savedQuery),
    groups: serve(values(body.groups), (group) => ({ modelCount: groupSize(body, group.name) })),
    macros: serve(values(body.macros), macro),
  };
}

function definitionNode(state: EnvironmentState, owner: Owner, node: ManifestNode): ServedNode {
  if (!state.manifest) return manifestFacts(node);
  const { body, origin } = state.manifest;
  const runGeneratedAt = date(origin.generatedAt);
  return {
    ...manifestFacts(node),
    ...owner,
    dbtVersion: body.metadata.dbt_version ?? null,
    runId: origin.runId,
    jobDefinitionId: origin.jobId,
    jobId: origin.jobId,
    runGeneratedAt,
    manifestGeneratedAt: runGeneratedAt,
    parents: () => parentsOf(node, { manifest: body, state: 'Definition', ...owner, runGeneratedAt }),
  };
}

function metric(node: ManifestNode): JsonObject {
  return {
    type: node.type ?? null,
    typeParams: node.type_params ?? null,
    filter: node.filter ?? null,
    formula: null,
    meta: node.config?.meta ?? node.meta ?? {},
  };
}

function semanticModel(node: ManifestNode): JsonObject {
  return {
    dimensions: (node.dimensions ?? []).map((dimension) => ({ ...dimension, typeParams: dimension.type_params })),
    entities: node.entities ?? [],
    measures: (node.measures ?? []).map((measure) => ({ ...measure, createMetric: measure.create_metric })),
  };
}

function savedQuery(node: ManifestNode): JsonObject {
  const params = node.query_params ?? {};
  const where = params.where as { where_filters?: { where_sql_template: string }[] } | null | undefined;
  const filters = where?.where_filters ?? [];
  return {
    queryParams: {
      metrics: list(params.metrics),
      groupBy: list(params.group_by),
      orderBy: list(params.order_by),
      limit: params.limit ?? null,
      where: where
        ? { whereFilters: filters.map((filter) => ({ whereSqlTemplate: filter.where_sql_template })) }
        : null,
    },
    exports: (node.exports ?? []).map(({ name, config }) => ({
      name,
      config: config ? { ...config, exportAs: config.export_as, schema: config.schema_name ?? null } : null,
    })),
  };
}

function macro(node: ManifestNode): JsonObject {
  return { macroSql: node.macro_sql ?? '', arguments: node.arguments ?? [] };
}

function groupSize(manifest: Manifest, group: string): number {
  const models = Object.values(manifest.nodes).filter((node) => node.resource_type === 'model');
  return models.filter((model) => (model.group ?? model.config?.group) === group).length;
}

function values(nodes: Nodes | undefined): ManifestNode[] {
  return Object.values(nodes ?? {});
}
