import { z } from 'zod';
import type { DefinitionFacts, Json, ResourceType } from '../../domain/records.ts';
import type { Normalized } from '../normalized.ts';
import {
  build,
  configFact,
  type Described,
  definition,
  described,
  describedFacts,
  grouped,
  groupOf,
  parentsOf,
  statesGroups,
} from './described.ts';
import { details } from './details.ts';
import type { ElementNormalizer, ManifestContext } from './element.ts';
import { type Bag, bag, json, told } from './fields.ts';
import { objectReader } from './shape.ts';

const semantic = { ...described, ...grouped, label: told };
const bags = z.array(bag).nullish();

const readMetric = objectReader({ ...semantic, type: told, calculation_method: told, type_params: json, filter: json });
const readSemanticModel = objectReader({ ...semantic, entities: bags, dimensions: bags, measures: bags });
const readSavedQuery = objectReader({ ...semantic, query_params: bag, exports: bags });

type Found = Described & { group?: string | null | undefined; label?: string | null | undefined };

/** The named members of each object, null where one was left out: the same keys as Discovery's. */
function members(list: readonly (Bag | null | undefined)[] | null | undefined, names: readonly string[]): Bag[] {
  return (list ?? []).map((item) => Object.fromEntries(names.map((name) => [name, item?.[name] ?? null])));
}

interface Parts {
  readonly uniqueId: string;
  readonly resourceType: ResourceType;
  readonly raw: unknown;
  readonly found: Found;
  readonly properties: { [key: string]: Json };
  readonly details: readonly string[];
  /** Left out: from the top or from config. */
  readonly tags?: readonly string[];
}

function normalized(parts: Parts, context: ManifestContext): Normalized {
  const { uniqueId, resourceType, found, properties, tags } = parts;
  const facts: DefinitionFacts = {
    ...describedFacts(uniqueId, found),
    ...(tags && { tags }),
    ...(statesGroups(context) && { groupName: groupOf(found) }),
    label: found.label ?? null,
    properties,
    ...details(parts.raw, ['patch_path', ...parts.details]),
  };
  return {
    records: [
      definition({ uniqueId, resourceType, facts, parents: parentsOf(found) }, context),
      ...build(uniqueId, configFact(found), context),
    ],
  };
}

/** What metrics were before MetricFlow (dbt 1.0 to 1.5). */
const OLD_METRIC = ['model', 'sql', 'expression', 'timestamp', 'time_grains', 'dimensions', 'filters', 'window'];

/**
 * A metric. Its type was called calculation method in dbt 1.3 to 1.5. Tags that are in its config alone are no tags of
 * the node to dbt, nor to the Discovery API: taken for some, they would come and go with the source.
 */
export const metricElement: ElementNormalizer = (uniqueId, raw, context) => {
  const found = readMetric(raw);
  const properties = {
    metric_type: found.type ?? found.calculation_method ?? null,
    type_params: found.type_params ?? null,
    filter: found.filter ?? null,
  };
  const details = [...OLD_METRIC, 'time_granularity'];
  const tags = found.tags == null ? {} : { tags: found.tags };
  return normalized({ uniqueId, resourceType: 'metric', raw, found, properties, details, ...tags }, context);
};

export const semanticModelElement: ElementNormalizer = (uniqueId, raw, context) => {
  const found = readSemanticModel(raw);
  const properties = {
    model_unique_id: parentsOf(found).find((id) => id.startsWith('model.')) ?? null,
    entities: members(found.entities, ['name', 'type', 'description', 'expr']),
    dimensions: members(found.dimensions, ['name', 'type', 'description', 'type_params', 'expr']),
    measures: members(found.measures, ['name', 'agg', 'expr', 'description', 'create_metric', 'agg_params']),
  };
  const details = ['defaults', 'primary_entity'];
  return normalized({ uniqueId, resourceType: 'semantic_model', raw, found, properties, details }, context);
};

export const savedQueryElement: ElementNormalizer = (uniqueId, raw, context) => {
  const found = readSavedQuery(raw);
  const [params] = members([found.query_params], ['metrics', 'group_by', 'where', 'order_by', 'limit']);
  const exports = members(found.exports, ['name', 'config']).map(({ name = null, config = null }) => {
    const [kept] = members([config as Bag | null], ['export_as', 'schema_name', 'alias', 'database']);
    return { name, config: config === null ? null : (kept ?? null) };
  });
  const properties = { query_params: params ?? null, exports };
  return normalized({ uniqueId, resourceType: 'saved_query', raw, found, properties, details: [] }, context);
};
