import { z } from 'zod';
import type { DefinitionRecord } from '../domain/records.ts';
import { keyText, nullableInstant, nullableJson, nullableText, uniqueId } from './scalars.ts';

/** A parent as the nested types of the Discovery API tell it; the later fields are those of a model of another project. */
export const parent = z.object({
  __typename: z.string().optional(),
  uniqueId,
  resourceType: z.string(),
  name: nullableText,
  packageName: nullableText.optional(),
  description: nullableText.optional(),
  database: nullableText.optional(),
  schema: nullableText.optional(),
  identifier: nullableText.optional(),
  version: nullableText.optional(),
  latestVersion: nullableText.optional(),
  filePath: nullableText.optional(),
  tags: z.array(keyText).optional(),
  meta: nullableJson.optional(),
  runGeneratedAt: nullableInstant.optional(),
});

type Parent = z.output<typeof parent>;

/** The direct parents as a set of unique ids. Macros are no lineage. */
export function parentIds(parents: readonly Parent[]): string[] {
  const nodes = parents.filter(
    ({ uniqueId: id, resourceType }) => resourceType.toLowerCase() !== 'macro' && !id.startsWith('macro.'),
  );
  return [...new Set(nodes.map(({ uniqueId: id }) => id))];
}

/** The parents that belong to other projects, as nodes of their own. */
export function externalModels(parents: readonly Parent[]): DefinitionRecord[] {
  return parents
    .filter(({ __typename }) => __typename === 'ExternalModelNode')
    .map((model) => ({
      kind: 'definition',
      uniqueId: model.uniqueId,
      resourceType: 'model',
      state: 'external',
      at: model.runGeneratedAt ?? null,
      runId: null,
      parents: [],
      facts: {
        name: model.name,
        packageName: model.packageName ?? model.uniqueId.split('.')[1] ?? null,
        description: model.description ?? null,
        tags: model.tags ?? [],
        meta: model.meta ?? null,
        databaseName: model.database ?? null,
        schemaName: model.schema ?? null,
        identifier: model.identifier ?? null,
        version: model.version ?? null,
        latestVersion: model.latestVersion ?? null,
        filePath: model.filePath || null,
      },
    }));
}
