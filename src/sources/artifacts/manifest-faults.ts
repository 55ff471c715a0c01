import type { Page } from '../../domain/source.ts';
import { COLLECTIONS } from '../../normalize/artifacts/collections.ts';
import type { Artifact } from './artifact.ts';
import { EMPTY_PAGE } from './empty-page.ts';

/** The collections of nodes that a manifest has, each an object of nodes by their ids. */
export function collectionsOf(manifest: Artifact): string[] {
  return COLLECTIONS.filter((collection) => manifest.hasObject(collection));
}

function wordFor(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is null';
  return Array.isArray(value) ? 'is a list' : `is a ${typeof value}`;
}

/**
 * What a manifest lacks that would be taken for "there are none", as a page that makes the pass incomplete. `nodes` is
 * in every manifest; other collections came by and by, and a null there is as good as none.
 */
export function* faultPages(manifest: Artifact): Generator<Page> {
  for (const collection of COLLECTIONS) {
    if (manifest.hasObject(collection)) continue;
    const value = manifest.value(collection);
    if (collection !== 'nodes' && (value === null || value === undefined)) continue;
    const reason = `${manifest.name} is no whole manifest.json: "${collection}" ${wordFor(value)}, where an object of nodes by their ids should be.`;
    const incomplete = [`${reason} What it has besides was read, and nothing was closed: have dbt write it again.`];
    const reject = {
      resourceType: null,
      uniqueId: null,
      reason,
      raw: { artifact: manifest.kind, [collection]: wordFor(value) },
    };
    yield { ...EMPTY_PAGE, rejects: [reject], incomplete };
  }
}
