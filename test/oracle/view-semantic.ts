import type { Context, Row } from './context.ts';
import { isObject, type Json, listOf, objectOf, textOf } from './json.ts';
import type { StoredNode } from './syncs.ts';

export function metrics(context: Context): Row[] {
  return ofType(context, 'metric').map((node) => ({
    ...commonColumns(context, node),
    label: null,
    metric_type: textOf(node.fact.raw.type),
    type_params: node.fact.raw.type_params ?? null,
    filter: node.fact.raw.filter ?? null,
    group_name: node.fact.group,
    tags: [...node.fact.tags],
    meta: node.fact.meta,
  }));
}

/** Discovery tells no `expr` of entities and dimensions and no agg_params of measures. */
export function semanticModels(context: Context): Row[] {
  return ofType(context, 'semantic_model').map((node) => {
    const { raw, parents } = node.fact;
    return {
      ...commonColumns(context, node),
      model_unique_id: parents[0] ?? null,
      entities: members(raw.entities, ['name', 'type', 'description']),
      dimensions: members(raw.dimensions, ['name', 'type', 'description', 'type_params']),
      measures: members(raw.measures, ['name', 'agg', 'description', 'expr', 'create_metric']),
    };
  });
}

export function savedQueries(context: Context): Row[] {
  return ofType(context, 'saved_query').map((node) => {
    const { raw } = node.fact;
    const [params] = members([raw.query_params ?? null], ['metrics', 'group_by', 'where', 'order_by', 'limit']);
    const exports = listOf(raw.exports).map((one) => {
      const [config] = members([objectOf(one).config ?? null], ['export_as', 'schema_name', 'alias', 'database']);
      return { name: objectOf(one).name ?? null, config: config ?? null };
    });
    return { ...commonColumns(context, node), query_params: params ?? null, exports };
  });
}

export function groups(context: Context): Row[] {
  return ofType(context, 'group').map((node) => {
    const models = ofType(context, 'model').filter((model) => context.groupOf(model) === node);
    return { ...commonColumns(context, node), models: models.length };
  });
}

export function macros(context: Context): Row[] {
  return ofType(context, 'macro').map((node) => ({
    integration: context.integration,
    unique_id: node.fact.uniqueId,
    name: node.fact.name,
    package_name: node.fact.packageName,
    arguments: members(node.fact.raw.arguments, ['name', 'type', 'description']),
  }));
}

function commonColumns(context: Context, node: StoredNode): Row {
  const owner = context.owner(node);
  return {
    integration: context.integration,
    unique_id: node.fact.uniqueId,
    name: node.fact.name,
    description: node.fact.description,
    owner_name: owner.name,
    owner_email: owner.email,
  };
}

function ofType(context: Context, resourceType: string): StoredNode[] {
  return context.present.filter((node) => node.fact.resourceType === resourceType);
}

/** The named members of each object of a list; a member that dbt left out is null. */
function members(list: Json | undefined, names: readonly string[]): Row[] {
  return listOf(list)
    .filter(isObject)
    .map((item) => Object.fromEntries(names.map((name) => [name, item[name] ?? null])));
}
