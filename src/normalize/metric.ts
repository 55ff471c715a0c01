import { z } from 'zod';
import { dated, datedAt, described, identity, projectOf } from './identity.ts';
import type { Normalized } from './normalized.ts';
import { ownerFromMeta } from './owner.ts';
import { externalModels, parent, parentIds } from './parents.ts';
import { nullableJson, nullableKeyText, nullableText, read } from './scalars.ts';

const definition = z.object({
  ...identity,
  ...described,
  ...dated,
  packageName: nullableText,
  group: nullableKeyText,
  type: nullableText,
  typeParams: nullableJson,
  filter: nullableJson,
  parents: z.array(parent),
});

/** A metric's definition. Discovery has no label of metrics. */
export function metricDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  const { uniqueId, name, packageName, description, tags, meta, filePath } = node;
  return {
    records: [
      {
        kind: 'definition',
        uniqueId,
        resourceType: 'metric',
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
          groupName: node.group,
          filePath,
          properties: { metric_type: node.type, type_params: node.typeParams, filter: node.filter },
        },
      },
      ...externalModels(node.parents),
    ],
    project: projectOf(node),
  };
}
