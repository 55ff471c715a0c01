import { z } from 'zod';
import { dated, datedAt, described, identity, projectOf } from './identity.ts';
import type { Normalized } from './normalized.ts';
import { ownerFromMeta } from './owner.ts';
import { externalModels, parent, parentIds } from './parents.ts';
import { nullableJson, nullableText, read } from './scalars.ts';

const part = { name: nullableText, description: nullableText };

const definition = z.object({
  ...identity,
  ...described,
  ...dated,
  packageName: nullableText,
  entities: z.array(z.object({ ...part, type: nullableText })),
  dimensions: z.array(z.object({ ...part, type: nullableText, typeParams: nullableJson })),
  measures: z.array(z.object({ ...part, agg: nullableText, expr: nullableText, createMetric: z.boolean().nullable() })),
  parents: z.array(parent),
});

type Definition = z.output<typeof definition>;

/** Entities, dimensions and measures under the keys that the manifest uses. */
function properties({ entities, dimensions, measures, parents }: Definition) {
  return {
    model_unique_id: parentIds(parents).find((id) => id.startsWith('model.')) ?? null,
    entities: entities.map(({ name, type, description }) => ({ name, type, description })),
    dimensions: dimensions.map(({ name, type, description, typeParams }) => ({
      name,
      type,
      description,
      type_params: typeParams,
    })),
    measures: measures.map(({ name, agg, expr, description, createMetric }) => ({
      name,
      agg,
      expr,
      description,
      create_metric: createMetric,
    })),
  };
}

/** A semantic model's definition. Discovery has no `expr` of entities and dimensions. */
export function semanticModelDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  const { uniqueId, name, packageName, description, tags, meta, filePath } = node;
  return {
    records: [
      {
        kind: 'definition',
        uniqueId,
        resourceType: 'semantic_model',
        state: 'defined',
        ...datedAt(node),
        parents: parentIds(node.parents),
        facts: {
          name,
          packageName,
          description,
          tags,
          meta,
          ...ownerFromMeta(meta),
          filePath,
          properties: properties(node),
        },
      },
      ...externalModels(node.parents),
    ],
    project: projectOf(node),
  };
}
