import type { ResourceType } from '../../domain/records.ts';
import type { Page } from '../../domain/source.ts';
import { normalizeElement, typeByKey } from '../../normalize/artifacts/collections.ts';
import type { ManifestContext } from '../../normalize/artifacts/element.ts';
import { externalParents } from '../../normalize/artifacts/external.ts';
import { isBag } from '../../normalize/artifacts/fields.ts';
import type { Artifact } from './artifact.ts';
import { damagePages } from './damage.ts';
import { collectionsOf, faultPages } from './manifest-faults.ts';
import { projectNameOf } from './other-project.ts';
import { type Add, pagesByType } from './pages-by-type.ts';

/** How many nodes of each type a manifest holds, by their ids. */
export function countByType(manifest: Artifact): Map<ResourceType, number> {
  const counts = new Map<ResourceType, number>();
  for (const collection of collectionsOf(manifest)) {
    for (const key of manifest.keys(collection)) {
      const type = typeByKey(collection, key);
      if (type !== null) counts.set(type, (counts.get(type) ?? 0) + 1);
    }
  }
  return counts;
}

/** The collections that a type lies in, newest first: a manifest without them does not state the type. */
const HOMES: Readonly<Record<ResourceType, string>> = {
  model: 'nodes',
  seed: 'nodes',
  snapshot: 'nodes',
  test: 'nodes',
  analysis: 'nodes',
  operation: 'nodes',
  source: 'sources',
  exposure: 'exposures',
  metric: 'metrics',
  semantic_model: 'semantic_models',
  saved_query: 'saved_queries',
  group: 'groups',
  macro: 'macros',
  function: 'functions',
};

/**
 * The resource types that a manifest states, and that may therefore be closed. Trimmed manifests lack collections;
 * unit tests are tests, and have a collection of their own from version 12 on.
 */
export function statedTypes(manifest: Artifact): ResourceType[] {
  const types = (Object.keys(HOMES) as ResourceType[]).filter((type) => manifest.hasObject(HOMES[type]));
  const lacksUnitTests = manifest.version === 12 && !manifest.hasObject('unit_tests');
  return types.filter((type) => type !== 'test' || !lacksUnitTests);
}

const packageOfId = (id: string) => id.split('.', 2)[1] ?? '';

/** Packages that the project has anything of, even if all of it is disabled. */
function knownPackages(manifest: Artifact): Set<string> {
  const ids = [...collectionsOf(manifest), 'disabled'].flatMap((collection) => manifest.keys(collection));
  const packages = new Set(ids.map(packageOfId));
  if (manifest.invocation.projectName !== null) packages.add(manifest.invocation.projectName);
  // Up to version 3 the disabled nodes are a list without keys.
  if (manifest.version > 3) return packages;
  for (const { raw } of manifest.members('disabled')) {
    if (isBag(raw) && typeof raw.unique_id === 'string') packages.add(packageOfId(raw.unique_id));
  }
  return packages;
}

function* addElements(manifest: Artifact, context: ManifestContext, add: Add): Generator<Page> {
  const parents = new Set<string>();
  for (const collection of collectionsOf(manifest)) {
    for (const { key, raw, depth } of manifest.members(collection)) {
      const normalized = normalizeElement({ collection, key, raw, depth }, context);
      for (const record of normalized.records) {
        if (record.kind === 'definition') for (const parent of record.parents) parents.add(parent);
      }
      yield* add(normalized.resourceType ?? 'model', normalized);
    }
  }
  const ids = new Set(collectionsOf(manifest).flatMap((collection) => manifest.keys(collection)));
  for (const record of externalParents({ ids, packages: knownPackages(manifest), parents }, context)) {
    yield* add('model', { records: [record] });
  }
}

/**
 * A manifest's nodes as pages of records: definitions with their declared columns, what was built, and stubs for
 * models of other projects. Disabled nodes are none. One that is no whole manifest is incomplete.
 * @throws SyncError when an element is no JSON, after what came before it.
 */
export function* manifestPages(manifest: Artifact, context: ManifestContext): Generator<Page> {
  const totals = countByType(manifest);
  const { dbtVersion, adapterType } = manifest.invocation;
  const projectName = projectNameOf(manifest);
  const project = { accountId: null, projectId: null, dbtVersion, projectName, adapterType };
  const pages = pagesByType(
    (type) => totals.get(type) ?? 0,
    (add) => addElements(manifest, context, add),
  );
  yield* damagePages(manifest);
  for (const page of pages) yield { ...page, project };
  yield* faultPages(manifest);
}

/** What the records of a manifest say beside its elements. */
export function manifestContext(
  { version, invocation }: Artifact,
  { runId, isBuild }: Pick<ManifestContext, 'runId' | 'isBuild'>,
): ManifestContext {
  return { version, at: invocation.generatedAt, runId, isBuild };
}
