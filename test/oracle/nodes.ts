import { instantOf, type Json, type JsonObject, objectOf, objectsOf, textOf, textsOf } from './json.ts';
import { layerOf } from './layer.ts';
import { exposureOwner, type Owner } from './owner.ts';

/** What a manifest says of one node, in the words of the `nodes` view; null where Discovery does not state it. */
export type NodeFact = {
  readonly uniqueId: string;
  readonly resourceType: string;
  readonly name: string;
  readonly packageName: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly meta: Json;
  readonly database: string | null;
  readonly schema: string | null;
  readonly identifier: string | null;
  readonly materialization: string | null;
  readonly access: string | null;
  readonly group: string | null;
  readonly layer: string | null;
  /** The owner that an exposure or a group names itself. */
  readonly statedOwner: Owner;
  readonly filePath: string | null;
  readonly version: string | null;
  readonly latestVersion: string | null;
  readonly deprecationDate: string | null;
  readonly contractEnforced: boolean | null;
  readonly rawCode: string | null;
  /** Direct parents that Discovery can show, without macros and without doubles. */
  readonly parents: readonly string[];
  readonly raw: JsonObject;
};

const nodeTypes = new Set(['model', 'seed', 'snapshot', 'test']);
/** Discovery tells the group of these types; of metrics and saved queries no change of it is logged. */
const hasGroup = new Set(['model', 'metric', 'saved_query']);
const relationTypes = new Set(['model', 'seed', 'snapshot', 'source']);
const collections = [
  'nodes',
  'sources',
  'exposures',
  'metrics',
  'semantic_models',
  'saved_queries',
  'unit_tests',
  'macros',
  'groups',
];

/** Every node that Discovery shows of a manifest; analyses, operations and functions have no type there. */
export function nodesOf(manifest: JsonObject): Map<string, NodeFact> {
  const shown = collections.flatMap((collection) =>
    objectsOf(manifest[collection]).filter(
      ([, raw]) => collection !== 'nodes' || nodeTypes.has(String(raw.resource_type)),
    ),
  );
  const ids = new Set(shown.map(([uniqueId]) => uniqueId));
  return new Map(shown.map(([uniqueId, raw]) => [uniqueId, nodeFact(uniqueId, raw, ids)]));
}

/**
 * A node that nobody defined: its unique id says its type, its package and its name. What the project says of its
 * columns comes with its catalog.
 */
export function unknownNode({ uniqueId, raw }: NodeFact): NodeFact {
  const [type = '', , ...rest] = uniqueId.split('.');
  const source = type === 'source' && rest.length > 1 ? { source_name: rest.shift() ?? '' } : {};
  const told = { resource_type: type, name: rest.join('.'), columns: raw.columns ?? {}, ...source };
  const fact = nodeFact(uniqueId, told, new Set());
  return { ...fact, meta: null, materialization: null, contractEnforced: null };
}

function nodeFact(uniqueId: string, raw: JsonObject, ids: ReadonlySet<string>): NodeFact {
  const declaredType = textOf(raw.resource_type) ?? uniqueId.split('.')[0] ?? '';
  const resourceType = declaredType === 'unit_test' ? 'test' : declaredType;
  const config = objectOf(raw.config);
  const isModel = resourceType === 'model';
  const hasRelation = relationTypes.has(resourceType);
  return {
    uniqueId,
    resourceType,
    name: textOf(raw.name) ?? '',
    packageName: textOf(raw.package_name) ?? uniqueId.split('.')[1] ?? null,
    description: textOf(raw.description),
    tags: textsOf(raw.tags ?? config.tags),
    meta: metaOf(raw),
    database: hasRelation ? textOf(raw.database) : null,
    schema: hasRelation ? textOf(raw.schema) : null,
    identifier: hasRelation ? textOf(raw[resourceType === 'source' ? 'identifier' : 'alias']) : null,
    materialization: materializationOf(resourceType, config),
    access: isModel ? textOf(raw.access ?? config.access) : null,
    group: hasGroup.has(resourceType) ? textOf(raw.group ?? config.group) : null,
    layer: isModel ? layerOf(textOf(raw.name) ?? '', textOf(raw.original_file_path) ?? '') : null,
    statedOwner: exposureOwner(resourceType, raw),
    filePath: textOf(raw.original_file_path),
    version: isModel ? versionOf(raw.version) : null,
    latestVersion: isModel ? versionOf(raw.latest_version) : null,
    deprecationDate: isModel ? instantOf(raw.deprecation_date) : null,
    contractEnforced: isModel ? contractOf(raw, config) : null,
    rawCode: rawCodeOf(uniqueId, resourceType, raw),
    parents: parentsOf(raw).filter((parent) => ids.has(parent)),
    raw,
  };
}

/** dbt writes meta at the top, in config, or in both; the place that says something wins. */
export function metaOf(raw: JsonObject): Json {
  const places = [raw.meta, objectOf(raw.config).meta];
  return places.find((meta) => Object.keys(objectOf(meta)).length > 0) ?? places[0] ?? places[1] ?? null;
}

function materializationOf(resourceType: string, config: JsonObject): string | null {
  if (resourceType === 'model') return textOf(config.materialized);
  return nodeTypes.has(resourceType) ? resourceType : null;
}

function versionOf(version: Json | undefined): string | null {
  return version === null || version === undefined ? null : String(version);
}

function contractOf(raw: JsonObject, config: JsonObject): boolean {
  const contract = raw.contract ?? config.contract;
  return contract === true || objectOf(contract).enforced === true;
}

/** Discovery has no code of seeds, and unit tests have none at all. */
function rawCodeOf(uniqueId: string, resourceType: string, raw: JsonObject): string | null {
  const hasCode = ['model', 'snapshot', 'test'].includes(resourceType) && !uniqueId.startsWith('unit_test.');
  return hasCode ? textOf(raw.raw_code ?? raw.raw_sql) : null;
}

function parentsOf(raw: JsonObject): string[] {
  return [...new Set(textsOf(objectOf(raw.depends_on).nodes))];
}
