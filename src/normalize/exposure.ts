import { z } from 'zod';
import { dated, datedAt, described, identity, projectOf } from './identity.ts';
import type { Normalized } from './normalized.ts';
import { ownerOf } from './owner.ts';
import { externalModels, parent, parentIds } from './parents.ts';
import { nullableInstant, nullableText, read } from './scalars.ts';

const definition = z.object({
  ...identity,
  ...described,
  ...dated,
  manifestGeneratedAt: nullableInstant,
  packageName: nullableText,
  label: nullableText,
  exposureType: nullableText,
  maturity: nullableText,
  url: nullableText,
  ownerName: nullableText,
  ownerEmail: nullableText,
  parents: z.array(parent),
});

/** An exposure, of either state: both say the same of it. */
export function exposureDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  const { uniqueId, name, packageName, description, tags, meta, filePath, label } = node;
  const { at, runId } = datedAt(node);
  return {
    records: [
      {
        kind: 'definition',
        uniqueId,
        resourceType: 'exposure',
        state: 'defined',
        at: at ?? node.manifestGeneratedAt,
        runId,
        parents: parentIds(node.parents),
        facts: {
          name,
          packageName,
          description,
          tags,
          meta,
          filePath,
          label,
          ...ownerOf(node, meta),
          properties: { exposure_type: node.exposureType, maturity: node.maturity, url: node.url },
        },
      },
      ...externalModels(node.parents),
    ],
    project: projectOf(node),
  };
}
