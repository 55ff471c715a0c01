import type { BuildFacts, DefinitionFacts, ResourceType } from '../../domain/records.ts';
import type { Normalized } from '../normalized.ts';
import { declaredColumns } from './columns.ts';
import {
  build,
  configFact,
  definition,
  described,
  describedFacts,
  grouped,
  groupFact,
  parentsOf,
} from './described.ts';
import { details } from './details.ts';
import type { ElementNormalizer, ManifestContext } from './element.ts';
import { bag, isBag, json, textOf, told, toldInstant, versionText } from './fields.ts';
import { objectReader } from './shape.ts';

const readNode = objectReader({
  ...described,
  ...grouped,
  path: told,
  database: told,
  schema: told,
  alias: told,
  access: told,
  version: versionText,
  latest_version: versionText,
  deprecation_date: toldInstant,
  contract: json,
  raw_code: told,
  raw_sql: told,
  compiled_code: told,
  compiled_sql: told,
  relation_name: told,
  columns: bag,
});

type Node = ReturnType<typeof readNode>;

/** What a type of the collection `nodes` has. */
interface Traits {
  readonly resourceType: ResourceType;
  /** It becomes a table, a view or a function of the warehouse. */
  readonly hasRelation: boolean;
  /** Discovery has no code of seeds, and there is none: a seed is a file of rows. */
  readonly hasCode: boolean;
  readonly details: readonly string[];
}

const DETAILS = ['patch_path', 'language', 'docs', 'constraints'];

const RELATION = { hasRelation: true, hasCode: true };

const TRAITS = {
  model: { ...RELATION, resourceType: 'model', details: [...DETAILS, 'primary_key', 'time_spine'] },
  seed: { ...RELATION, resourceType: 'seed', hasCode: false, details: DETAILS },
  snapshot: { ...RELATION, resourceType: 'snapshot', details: DETAILS },
  analysis: { resourceType: 'analysis', hasRelation: false, hasCode: true, details: DETAILS },
  operation: { resourceType: 'operation', hasRelation: false, hasCode: true, details: ['index'] },
  function: { ...RELATION, resourceType: 'function', details: [...DETAILS, 'type', 'arguments', 'returns'] },
} satisfies Record<string, Traits>;

/** `contract` was a bare boolean in pre-releases of dbt 1.5. */
function contractEnforced({ contract, config }: Node): boolean {
  const stated = contract ?? config?.contract;
  return stated === true || (isBag(stated) && stated.enforced === true);
}

/** What came with dbt 1.5 (manifest v9); older manifests do not state it. */
function modelFacts(found: Node, { version }: ManifestContext): DefinitionFacts {
  if (version < 9) return {};
  return {
    access: found.access ?? textOf(found.config?.access),
    version: found.version ?? null,
    latestVersion: found.latest_version ?? null,
    deprecationDate: found.deprecation_date ?? null,
    contractEnforced: contractEnforced(found),
  };
}

function materialization({ resourceType }: Traits, { config }: Node): DefinitionFacts {
  if (resourceType === 'model') return { materialization: textOf(config?.materialized) };
  return resourceType === 'seed' || resourceType === 'snapshot' ? { materialization: resourceType } : {};
}

/** Compiled code that is missing was not compiled by this invocation; a relation name of null is a statement. */
function buildFacts(traits: Traits, found: Node, { version }: ManifestContext): BuildFacts {
  const compiledCode = found.compiled_code ?? found.compiled_sql;
  return {
    ...configFact(found),
    ...(compiledCode == null || !traits.hasCode ? {} : { compiledCode }),
    ...(traits.hasRelation && version > 0 ? { relationName: found.relation_name ?? null } : {}),
  };
}

function definitionFacts(traits: Traits, uniqueId: string, found: Node, context: ManifestContext): DefinitionFacts {
  const { database, schema, alias, raw_code: rawCode, raw_sql: rawSql } = found;
  return {
    ...describedFacts(uniqueId, found),
    ...(traits.hasRelation
      ? { databaseName: database ?? null, schemaName: schema ?? null, identifier: alias ?? null }
      : {}),
    ...materialization(traits, found),
    ...groupFact(found, context),
    ...(traits.resourceType === 'model' ? modelFacts(found, context) : {}),
    ...(traits.hasCode ? { rawCode: rawCode ?? rawSql ?? null } : {}),
  };
}

/** A public model of another project, which dbt mesh puts into the manifest: it has no file here. */
function isExternal({ original_file_path: file, path }: Node): boolean {
  return file === '' && path === '';
}

function normalizerOf(traits: Traits): ElementNormalizer {
  const { resourceType } = traits;
  return (uniqueId, raw, context) => {
    const found = readNode(raw);
    const facts = definitionFacts(traits, uniqueId, found, context);
    const { columns, rejects } = declaredColumns({ uniqueId, resourceType }, found.columns);
    if (resourceType === 'model' && isExternal(found)) {
      return { records: [definition({ uniqueId, resourceType, state: 'external', facts, parents: [] }, context)] };
    }
    const parents = parentsOf(found);
    return {
      records: [
        definition(
          { uniqueId, resourceType, facts: { ...facts, ...details(raw, traits.details) }, parents, columns },
          context,
        ),
        ...build(uniqueId, buildFacts(traits, found, context), context),
      ],
      rejects,
    } satisfies Normalized;
  };
}

export const modelElement = normalizerOf(TRAITS.model);
export const seedElement = normalizerOf(TRAITS.seed);
export const snapshotElement = normalizerOf(TRAITS.snapshot);
export const analysisElement = normalizerOf(TRAITS.analysis);
export const operationElement = normalizerOf(TRAITS.operation);
export const functionElement = normalizerOf(TRAITS.function);
