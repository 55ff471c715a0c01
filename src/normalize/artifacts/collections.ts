import { RejectError } from '../../domain/errors.ts';
import type { ResourceType } from '../../domain/records.ts';
import type { Normalized } from '../normalized.ts';
import { type ElementNormalizer, elementOrReject, type ManifestContext } from './element.ts';
import { exposureElement } from './exposure.ts';
import { isBag } from './fields.ts';
import { groupElement } from './group.ts';
import { macroElement } from './macro.ts';
import {
  analysisElement,
  functionElement,
  modelElement,
  operationElement,
  seedElement,
  snapshotElement,
} from './node.ts';
import { metricElement, savedQueryElement, semanticModelElement } from './semantic.ts';
import { isUniqueId } from './shape.ts';
import { sourceElement } from './source.ts';
import { testElement, unitTestElement } from './test.ts';

interface Kind {
  readonly resourceType: ResourceType;
  readonly normalize: ElementNormalizer;
}

/** What lies in the collection `nodes`, by the resource type that dbt writes. */
const NODE_KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['model', { resourceType: 'model', normalize: modelElement }],
  ['seed', { resourceType: 'seed', normalize: seedElement }],
  ['snapshot', { resourceType: 'snapshot', normalize: snapshotElement }],
  ['test', { resourceType: 'test', normalize: testElement }],
  // Alphas of dbt 1.8 say data_test; the ids stayed those of tests.
  ['data_test', { resourceType: 'test', normalize: testElement }],
  ['analysis', { resourceType: 'analysis', normalize: analysisElement }],
  ['operation', { resourceType: 'operation', normalize: operationElement }],
  // What dbt's RPC server and inline queries left in old manifests.
  ['rpc', { resourceType: 'operation', normalize: operationElement }],
  ['sql operation', { resourceType: 'operation', normalize: operationElement }],
  ['sql_operation', { resourceType: 'operation', normalize: operationElement }],
]);

/** The other collections of a manifest hold one type each. Disabled nodes, docs and selectors are no nodes. */
const COLLECTION_KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['sources', { resourceType: 'source', normalize: sourceElement }],
  ['exposures', { resourceType: 'exposure', normalize: exposureElement }],
  ['metrics', { resourceType: 'metric', normalize: metricElement }],
  ['semantic_models', { resourceType: 'semantic_model', normalize: semanticModelElement }],
  ['saved_queries', { resourceType: 'saved_query', normalize: savedQueryElement }],
  ['unit_tests', { resourceType: 'test', normalize: unitTestElement }],
  ['functions', { resourceType: 'function', normalize: functionElement }],
  ['groups', { resourceType: 'group', normalize: groupElement }],
  ['macros', { resourceType: 'macro', normalize: macroElement }],
]);

/** The collections of a manifest that hold nodes. */
export const COLLECTIONS: readonly string[] = ['nodes', ...COLLECTION_KINDS.keys()];

function kindOf(collection: string, word: unknown): Kind | undefined {
  if (collection !== 'nodes') return COLLECTION_KINDS.get(collection);
  return typeof word === 'string' ? NODE_KINDS.get(word) : undefined;
}

/** The resource type of an element by its place and its id alone, before it is parsed; null when the id says nothing. */
export function typeByKey(collection: string, key: string): ResourceType | null {
  return kindOf(collection, key.slice(0, key.indexOf('.')))?.resourceType ?? null;
}

export interface Element {
  /** The manifest's collection that it lies in. */
  readonly collection: string;
  /** Its key there, which is its unique id: where an element says another one, the rest of the manifest uses the key. */
  readonly key: string;
  readonly raw: unknown;
  /** How deeply it is nested. */
  readonly depth: number;
}

export interface NormalizedElement extends Normalized {
  readonly resourceType: ResourceType | null;
}

/** The reason is put together only when it is asked for: what stands in it may be nested too deeply to be written. */
function refuse(reason: () => string): () => never {
  return () => {
    throw new RejectError(reason());
  };
}

/** What one element of a manifest becomes: records and what of it could not be read. Never throws for bad data. */
export function normalizeElement(
  { collection, key, raw, depth }: Element,
  context: ManifestContext,
): NormalizedElement {
  const said = isBag(raw) ? raw.resource_type : undefined;
  const kind = kindOf(collection, said ?? key.slice(0, key.indexOf('.')));
  const resourceType = kind?.resourceType ?? null;
  const isValid = isUniqueId(key);
  const uniqueId = isValid ? key : '';
  const normalize = !isValid
    ? refuse(() => 'its unique id is empty or too long')
    : kind === undefined
      ? refuse(() => `resource type ${JSON.stringify(said ?? null)} is unknown`)
      : () => kind.normalize(key, raw, context);
  const { records, rejects = [] } = elementOrReject({ resourceType, uniqueId, depth }, raw, normalize);
  return { resourceType, records, rejects };
}
