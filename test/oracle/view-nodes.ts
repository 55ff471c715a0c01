import type { Context, Row } from './context.ts';
import { objectOf } from './json.ts';
import type { StoredNode } from './syncs.ts';

/** The columns of `nodes`. Discovery never states relation_name and details; config only of what ran. */
export function nodeRow(context: Context, node: StoredNode): Row {
  const { fact } = node;
  const owner = context.owner(node);
  return {
    integration: context.integration,
    unique_id: fact.uniqueId,
    resource_type: fact.resourceType,
    name: fact.name,
    package_name: fact.packageName,
    description: fact.description,
    tags: [...fact.tags],
    meta: fact.meta,
    config: configOf(node),
    database_name: fact.database,
    schema_name: fact.schema,
    identifier: fact.identifier,
    relation_name: null,
    materialization: fact.materialization,
    access: fact.access,
    group_name: fact.group,
    layer: fact.layer,
    owner_name: owner.name,
    owner_email: owner.email,
    file_path: fact.filePath,
    version: fact.version,
    latest_version: fact.latestVersion,
    deprecation_date: fact.deprecationDate,
    contract_enforced: fact.contractEnforced,
    state: stateOf(context, node),
    definition_at: node.definitionAt,
    catalog_at: node.catalog?.at ?? null,
    dbt_url: node.definitionAt === null ? null : context.dbtUrl(fact.uniqueId),
    first_seen_at: firstSeenAt(context, node),
    changed_at: node.changedAt,
    details: null,
  };
}

export function removedNodes(context: Context): Row[] {
  return [...context.stored.nodes.values()]
    .filter((node) => node.removedAt !== null)
    .map((node) => ({ ...nodeRow(context, node), removed_at: node.removedAt }));
}

function configOf(node: StoredNode): Row | null {
  const isTold = ['model', 'snapshot', 'test'].includes(node.fact.resourceType);
  const config = objectOf(node.applied?.definition.config);
  return isTold && Object.keys(config).length > 0 ? config : null;
}

function stateOf(context: Context, node: StoredNode): string {
  if (node.definitionAt === null) return 'placeholder';
  const status = context.status(node.fact.uniqueId);
  const applied = node.fact.resourceType === 'test' ? status.lastExecuted : status.lastSuccess;
  return applied === null ? 'defined' : 'applied';
}

function firstSeenAt(context: Context, node: StoredNode): string {
  const { uniqueId } = node.fact;
  const executed = context.results(uniqueId).map((result) => result.executedAt);
  const checked = [...context.stored.freshness.values()]
    .filter((check) => check.uniqueId === uniqueId)
    .map((check) => check.snapshottedAt);
  return [node.firstToldAt, ...executed, ...checked].sort()[0] ?? node.firstToldAt;
}
