import { z } from 'zod';
import { dated, datedAt, described, identity, projectOf } from './identity.ts';
import type { Normalized } from './normalized.ts';
import { ownerFromMeta } from './owner.ts';
import { nullableText, read } from './scalars.ts';

const definition = z.object({
  ...identity,
  ...described,
  ...dated,
  packageName: nullableText,
  macroSql: nullableText,
  arguments: z.array(z.object({ name: nullableText, type: nullableText, description: nullableText })),
});

/** A macro's definition. What macros call is not lineage. */
export function macroDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  const { uniqueId, name, packageName, description, tags, meta, filePath, macroSql } = node;
  return {
    records: [
      {
        kind: 'definition',
        uniqueId,
        resourceType: 'macro',
        state: 'defined',
        ...datedAt(node),
        parents: [],
        facts: {
          name,
          packageName,
          description,
          tags,
          meta,
          ...ownerFromMeta(meta),
          filePath,
          rawCode: macroSql,
          properties: { arguments: node.arguments },
        },
      },
    ],
    project: projectOf(node),
  };
}
