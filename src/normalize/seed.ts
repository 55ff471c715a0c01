import { z } from 'zod';
import { catalog, catalogRecord } from './catalog.ts';
import { executionInfo, results } from './execution.ts';
import { dated, datedAt, described, identity, projectOf } from './identity.ts';
import type { Normalized } from './normalized.ts';
import { ownerFromMeta } from './owner.ts';
import { nullableText, read } from './scalars.ts';

const definition = z.object({
  ...identity,
  ...described,
  ...dated,
  packageName: nullableText,
  database: nullableText,
  schema: nullableText,
  alias: nullableText,
});

const applied = z.object({ ...identity, executionInfo: executionInfo.nullable(), catalog: catalog.nullable() });

/** A seed's definition; seeds have no parents. */
export function seedDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  const { uniqueId, name, packageName, description, tags, meta, filePath } = node;
  return {
    records: [
      {
        kind: 'definition',
        uniqueId,
        resourceType: 'seed',
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
          databaseName: node.database,
          schemaName: node.schema,
          identifier: node.alias,
          materialization: 'seed',
          filePath,
        },
      },
    ],
    project: projectOf(node),
  };
}

/** A seed of Discovery's applied state: its catalog and its results. The API has no config of seeds. */
export function seedApplied(raw: unknown): Normalized {
  const node = read(applied, raw);
  const owner = { uniqueId: node.uniqueId, resourceType: 'seed' as const };
  const described = catalogRecord(owner, node.catalog);
  const ran = results(owner, node.executionInfo);
  return {
    records: [...described.records, ...ran.records],
    rejects: [...described.rejects, ...ran.rejects],
    project: projectOf(node),
  };
}
