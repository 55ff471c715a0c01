import { z } from 'zod';
import type { DefinitionRecord } from '../domain/records.ts';
import { catalog, catalogRecord } from './catalog.ts';
import { builtAt, executionInfo, results } from './execution.ts';
import { dated, datedAt, described, identity, projectOf } from './identity.ts';
import type { Normalized } from './normalized.ts';
import { ownerFromMeta } from './owner.ts';
import { externalModels, parent, parentIds } from './parents.ts';
import { jsonObject, nullableInstant, nullableKeyText, nullableText, read } from './scalars.ts';

const definition = z.object({
  ...identity,
  ...described,
  ...dated,
  packageName: nullableText,
  database: nullableText,
  schema: nullableText,
  alias: nullableText,
  materializedType: nullableText,
  access: nullableText,
  group: nullableKeyText,
  version: nullableText,
  latestVersion: nullableText,
  deprecationDate: nullableInstant,
  contractEnforced: z.boolean().nullable(),
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

const appliedDefinition = definition.extend({ isDescriptionInherited: z.boolean().nullable() });

type Definition = z.output<typeof definition>;

function definitionRecord(node: Definition): DefinitionRecord {
  return {
    kind: 'definition',
    uniqueId: node.uniqueId,
    resourceType: 'model',
    state: 'defined',
    ...datedAt(node),
    parents: parentIds(node.parents),
    facts: {
      name: node.name,
      packageName: node.packageName,
      description: node.description,
      tags: node.tags,
      meta: node.meta,
      ...ownerFromMeta(node.meta),
      databaseName: node.database,
      schemaName: node.schema,
      identifier: node.alias,
      materialization: node.materializedType,
      access: node.access,
      groupName: node.group,
      filePath: node.filePath,
      version: node.version,
      latestVersion: node.latestVersion,
      deprecationDate: node.deprecationDate,
      contractEnforced: node.contractEnforced,
      rawCode: node.rawCode,
    },
  };
}

/** A model of Discovery's definition state, with stubs for parents of other projects. */
export function modelDefinition(raw: unknown): Normalized {
  const node = read(definition, raw);
  return { records: [definitionRecord(node), ...externalModels(node.parents)], project: projectOf(node) };
}

/** A model of Discovery's applied state: what was built, its catalog, its results. */
export function modelApplied(raw: unknown): Normalized {
  const node = read(applied, raw);
  const { uniqueId, config, compiledCode } = node;
  const described = catalogRecord({ uniqueId, resourceType: 'model' }, node.catalog);
  const ran = results({ uniqueId, resourceType: 'model' }, node.executionInfo);
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

/** The definition of a model that only the applied state knows. A description that comes from the catalog is none. */
export function modelAppliedDefinition(raw: unknown): Normalized {
  const { isDescriptionInherited, ...node } = read(appliedDefinition, raw);
  const record = definitionRecord(isDescriptionInherited === true ? { ...node, description: null } : node);
  return { records: [record, ...externalModels(node.parents)], project: projectOf(node) };
}
