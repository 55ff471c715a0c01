import type { FreshnessCriteria, JsonObject, Manifest, ManifestNode } from './artifacts.ts';
import { findNode } from './fold.ts';

/** A node as GraphQL resolves it: plain values, and functions for what is costly and seldom asked. */
export type ServedNode = { uniqueId: string } & JsonObject;

/** The API gives every date in UTC with milliseconds, whatever precision dbt wrote. */
export function date(value: string | null | undefined): string | null {
  const time = value ? new Date(value) : null;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : null;
}

/** A model of another project that dbt mesh put into this manifest: it has no file here. */
export function isExternal(node: ManifestNode): boolean {
  return node.resource_type === 'model' && node.original_file_path === '';
}

/** The facts that come from the manifest alone, for every kind of node; a type's fields are a choice from them. */
export function manifestFacts(node: ManifestNode): ServedNode {
  const config = node.config ?? {};
  return {
    uniqueId: node.unique_id,
    name: node.name,
    resourceType: node.resource_type === 'unit_test' ? 'test' : node.resource_type,
    packageName: node.package_name ?? null,
    description: node.description ?? null,
    tags: list(node.tags ?? config.tags),
    meta: node.meta ?? config.meta ?? {},
    filePath: node.original_file_path ?? '',
    database: node.database ?? null,
    schema: node.schema ?? null,
    alias: node.alias ?? null,
    group: node.group ?? config.group ?? null,
    config,
    rawCode: node.raw_code ?? node.raw_sql ?? null,
    ...modelFacts(node),
    ...sourceFacts(node),
    ...testFacts(node),
    ...exposureFacts(node),
  };
}

function modelFacts(node: ManifestNode): JsonObject {
  return {
    access: node.access ?? node.config?.access ?? null,
    materializedType: node.config?.materialized ?? null,
    version: text(node.version),
    latestVersion: text(node.latest_version),
    deprecationDate: date(node.deprecation_date),
    contractEnforced: typeof node.contract === 'object' ? (node.contract?.enforced ?? false) : (node.contract ?? false),
  };
}

function sourceFacts(node: ManifestNode): JsonObject {
  return {
    sourceName: node.source_name ?? null,
    sourceDescription: node.source_description ?? null,
    loader: node.loader ?? null,
    identifier: node.identifier ?? null,
  };
}

function testFacts(node: ManifestNode): JsonObject {
  const generic = node.test_metadata;
  const kwargs = generic?.kwargs ?? null;
  return {
    testType: testType(node),
    columnName: node.column_name ?? null,
    testedNodeUniqueId: node.attached_node ?? node.tested_node_unique_id ?? null,
    model: node.resource_type === 'unit_test' ? (node.model ?? null) : null,
    testMetadata: {
      name: generic?.name ?? null,
      namespace: generic?.namespace ?? null,
      kwargs,
      columnName: kwargs?.column_name ?? null,
    },
  };
}

function testType(node: ManifestNode): string {
  if (node.resource_type === 'unit_test') return 'UNIT_TEST';
  return node.test_metadata ? 'GENERIC_DATA_TEST' : 'SINGULAR_DATA_TEST';
}

function exposureFacts(node: ManifestNode): JsonObject {
  const email = node.owner?.email ?? null;
  return {
    label: node.label ?? null,
    exposureType: node.type ?? null,
    maturity: node.maturity ?? null,
    url: node.url ?? null,
    ownerName: node.owner?.name ?? null,
    ownerEmail: Array.isArray(email) ? email.join(', ') : email,
  };
}

export interface ParentContext {
  manifest: Manifest;
  state: 'AppliedState' | 'Definition';
  accountId: number;
  projectId: number;
  runGeneratedAt: string | null;
}

const ALWAYS_DEFINITION = new Set(['Metric', 'SemanticModel', 'SavedQuery', 'Macro']);

/** The direct parents, each once: depends_on repeats a node for every ref. What the manifest no longer has is left out. */
export function parentsOf(node: ManifestNode, context: ParentContext): JsonObject[] {
  const ids = [...new Set(node.depends_on?.nodes ?? [])];
  return ids.flatMap((id) => {
    const parent = findNode(context.manifest, id);
    if (!parent) return [];
    if (isExternal(parent)) return [externalModel(parent, context)];
    const kind = pascal(parent.resource_type === 'unit_test' ? 'test' : parent.resource_type);
    const state = ALWAYS_DEFINITION.has(kind) ? 'Definition' : context.state;
    return [{ ...manifestFacts(parent), __typename: `${kind}${state}NestedNode` }];
  });
}

function externalModel(node: ManifestNode, context: ParentContext): JsonObject {
  return {
    ...manifestFacts(node),
    __typename: 'ExternalModelNode',
    accountId: context.accountId,
    projectId: externalProjectId(node, context),
    dbtProjectName: node.package_name ?? null,
    identifier: node.alias ?? node.name,
    runGeneratedAt: context.runGeneratedAt,
  };
}

/** A manifest does not say the id of the other project, so the nth foreign package gets the nth id after our own. */
function externalProjectId(node: ManifestNode, context: ParentContext): number {
  const foreign = Object.values(context.manifest.nodes).filter(isExternal);
  const packages = [...new Set(foreign.map((model) => model.package_name))].sort();
  return context.projectId + 1 + packages.indexOf(node.package_name);
}

/** dbt writes the criteria at the source (and from 1.10 in its config too); counts of null mean "none". */
export function freshnessCriteria(node: ManifestNode): FreshnessCriteria | null {
  const stated = node.freshness ?? (node.config?.freshness as FreshnessCriteria | null | undefined);
  const warn = stated?.warn_after?.count == null ? null : stated.warn_after;
  const error = stated?.error_after?.count == null ? null : stated.error_after;
  return warn || error ? { warn_after: warn, error_after: error } : null;
}

export function list(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? [value] : [];
}

function text(value: string | number | null | undefined): string | null {
  return value == null ? null : String(value);
}

function pascal(snake: string): string {
  return snake.replace(/(^|_)(\w)/g, (_, _gap: string, letter: string) => letter.toUpperCase());
}
