import { RejectError, SyncError } from '../../domain/errors.ts';
import type { NamelessNodes, NodeIdentity } from '../../domain/runs.ts';
import { COLLECTIONS, normalizeElement } from '../../normalize/artifacts/collections.ts';
import type { Artifact } from './artifact.ts';
import { manifestContext } from './manifest-pages.ts';
import { opened, type RunReading } from './run-reading.ts';
import { downloadIfGiven, Ungiven } from './ungiven.ts';

/** @throws SyncError when one of them is no JSON. */
function identitiesIn(manifest: Artifact, { runId, uniqueIds }: NamelessNodes): NodeIdentity[] {
  const context = manifestContext(manifest, { runId, isBuild: false });
  const wanted = new Set(uniqueIds);
  const identities = new Map<string, NodeIdentity>();
  for (const collection of COLLECTIONS) {
    for (const { key, raw, depth } of manifest.members(collection, wanted)) {
      let facts: NodeIdentity['facts'] = {};
      for (const record of normalizeElement({ collection, key, raw, depth }, context).records) {
        if (record.kind === 'definition' || record.kind === 'build') facts = { ...facts, ...record.facts };
      }
      identities.set(key, { uniqueId: key, facts });
    }
  }
  return [...identities.values()];
}

/**
 * What the manifest of a run of their time says of nodes; null when there is none that can be read: nothing is lost by
 * that but a better name. @throws SyncError when the service fails.
 */
export async function identitiesOf(reading: RunReading, nodes: NamelessNodes): Promise<NodeIdentity[] | null> {
  const wanted = { kind: 'manifest', runId: Number(nodes.runId), step: nodes.step ?? undefined } as const;
  const file = await downloadIfGiven(reading, wanted);
  if (file instanceof Ungiven) throw file.cause;
  if (file === null || file instanceof RejectError) return null;
  try {
    return identitiesIn(await opened(reading, file), nodes);
  } catch (error) {
    if (!(error instanceof SyncError) || reading.signal.aborted) throw error;
    return null;
  }
}
