import { z } from 'zod';
import { catalog, catalogRecord } from './catalog.ts';
import { builtAt, executionInfo, results } from './execution.ts';
import { dated, datedAt, described, identity, projectOf } from './identity.ts';
import type { Normalized } from './normalized.ts';
import { ownerFromMeta } from './owner.ts';
import { externalModels, parent, parentIds } from './parents.ts';
import { jsonObject, nullableText, read } from './scalars.ts';

const definition = z.object({
  ...identity,
  ...described,
  ...dated,
  packageName: nullableText,
  database: nullableText,
  schema: nullableText,
  alias: nullableText,
  rawCode: nullableText,
  parents: z.array(parent),
});

const applied = z.object({
  ...identity,
  config: jsonObject.nullable(),
  compiledCode: nullableText,
  executionInfo: executionInfo.nullable(),
  catalog: catalog.nullable(),
});

/** A snapshot's definition. */
export function snapshotDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  const { uniqueId, name, packageName, description, tags, meta, filePath, rawCode } = node;
  return {
    records: [
      {
        kind: 'definition',
        uniqueId,
        resourceType: 'snapshot',
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
          databaseName: node.database,
          schemaName: node.schema,
          identifier: node.alias,
          materialization: 'snapshot',
          filePath,
          rawCode,
        },
      },
      ...externalModels(node.parents),
    ],
    project: projectOf(node),
  };
}

/** A snapshot of Discovery's applied state: what was built, its catalog, its results. */
export function snapshotApplied(raw: unknown): Normalized {
  const node = read(applied, raw);
  const { uniqueId, config, compiledCode } = node;
  const described = catalogRecord({ uniqueId, resourceType: 'snapshot' }, node.catalog);
  const ran = results({ uniqueId, resourceType: 'snapshot' }, node.executionInfo);
  return {
    records: [
      {
        kind: 'build',
        uniqueId,
        at: builtAt(node.executionInfo),
        facts: { ...(config === null ? {} : { config }), ...(compiledCode === null ? {} : { compiledCode }) },
      },
      ...described.records,
      ...ran.records,
    ],
    rejects: [...described.rejects, ...ran.rejects],
    project: projectOf(node),
  };
}
