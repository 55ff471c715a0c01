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
  groupOf,
  onlyCompiled,
  parentsOf,
  type Stated,
  statesGroups,
} from './described.ts';
import { detailsOf } from './details.ts';
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

/** What came with dbt 1.5 (manifest v9). */
function stateModel(facts: Stated<DefinitionFacts>, found: Node): void {
  facts.access = found.access ?? textOf(found.config?.access);
  facts.version = found.version ?? null;
  facts.latestVersion = found.latest_version ?? null;
  facts.deprecationDate = found.deprecation_date ?? null;
  facts.contractEnforced = contractEnforced(found);
}

/** Null where this invocation did not compile it. */
function compiledCodeOf({ hasCode }: Traits, found: Node): string | null {
  return hasCode ? (found.compiled_code ?? found.compiled_sql ?? null) : null;
}

/** A relation name of null is a statement. */
function buildFacts(traits: Traits, found: Node, { version, isBuild }: ManifestContext): BuildFacts {
  const compiledCode = compiledCodeOf(traits, found);
  const facts: Stated<BuildFacts> = configFact(found);
  if (compiledCode !== null && isBuild) facts.compiledCode = compiledCode;
  if (traits.hasRelation && version > 0) facts.relationName = found.relation_name ?? null;
  return facts;
}

/** The order of the facts is part of what their digest is made of. */
function definitionFacts(traits: Traits, uniqueId: string, found: Node, context: ManifestContext) {
  const { resourceType } = traits;
  const facts = describedFacts(uniqueId, found);
  if (traits.hasRelation) {
    facts.databaseName = found.database ?? null;
    facts.schemaName = found.schema ?? null;
    facts.identifier = found.alias ?? null;
  }
  if (resourceType === 'model') facts.materialization = textOf(found.config?.materialized);
  else if (resourceType === 'seed' || resourceType === 'snapshot') facts.materialization = resourceType;
  if (statesGroups(context)) facts.groupName = groupOf(found);
  if (resourceType === 'model' && context.version >= 9) stateModel(facts, found);
  if (traits.hasCode) facts.rawCode = found.raw_code ?? found.raw_sql ?? null;
  return facts;
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
    facts.details = detailsOf(raw, traits.details);
    return {
      records: [
        definition({ uniqueId, resourceType, facts, parents, columns }, context),
        ...build(uniqueId, buildFacts(traits, found, context), context),
        ...onlyCompiled(uniqueId, compiledCodeOf(traits, found), context),
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
