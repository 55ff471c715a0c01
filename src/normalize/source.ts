import { z } from 'zod';
import { catalog, catalogRecord } from './catalog.ts';
import { criteria, freshness, freshnessResult } from './freshness.ts';
import { dated, datedAt, described, identity, projectOf } from './identity.ts';
import { type Normalized, packageOf } from './normalized.ts';
import { ownerFromMeta } from './owner.ts';
import { nullableText, read } from './scalars.ts';

const definition = z.object({
  ...identity,
  ...described,
  ...dated,
  sourceName: nullableText,
  identifier: nullableText,
  database: nullableText,
  schema: nullableText,
  loader: nullableText,
});

const applied = z.object({ ...identity, catalog: catalog.nullable(), freshness });

/** A source table's definition; sources have no parents. */
export function sourceDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  const { uniqueId, name, description, tags, meta, filePath, identifier, loader, sourceName } = node;
  return {
    records: [
      {
        kind: 'definition',
        uniqueId,
        resourceType: 'source',
        state: 'defined',
        ...datedAt(node),
        parents: [],
        facts: {
          name,
          packageName: packageOf(uniqueId),
          description,
          tags,
          meta,
          ...ownerFromMeta(meta),
          databaseName: node.database,
          schemaName: node.schema,
          identifier,
          filePath,
          sourceName,
          loader,
        },
      },
    ],
    project: projectOf(node),
  };
}

/** A source of Discovery's applied state: its limits, its catalog, its last freshness check. */
export function sourceApplied(raw: unknown): Normalized {
  const node = read(applied, raw);
  const { uniqueId } = node;
  const { records, rejects } = catalogRecord({ uniqueId, resourceType: 'source' }, node.catalog);
  return {
    records: [
      { kind: 'build', uniqueId, at: null, facts: criteria(node.freshness) },
      ...records,
      ...freshnessResult(uniqueId, node.freshness),
    ],
    rejects,
    project: projectOf(node),
  };
}
