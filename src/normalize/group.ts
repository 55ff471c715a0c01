import { z } from 'zod';
import { dated, datedAt, identity, projectOf } from './identity.ts';
import { type Normalized, packageOf } from './normalized.ts';
import { ownerOf } from './owner.ts';
import { nullableJson, nullableText, read } from './scalars.ts';

const definition = z.object({
  ...identity,
  ...dated,
  packageName: nullableText,
  description: nullableText,
  meta: nullableJson,
  filePath: nullableText,
  ownerName: nullableText,
  ownerEmail: nullableText,
});

/** A group's definition. Groups have no tags and no parents. */
export function groupDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  const { uniqueId, name, description, meta, filePath } = node;
  const packageName = node.packageName ?? packageOf(uniqueId);
  return {
    records: [
      {
        kind: 'definition',
        uniqueId,
        resourceType: 'group',
        state: 'defined',
        ...datedAt(node),
        parents: [],
        facts: { name, packageName, description, tags: [], meta, filePath, ...ownerOf(node, meta) },
      },
    ],
    project: projectOf(node),
  };
}
