import { RejectError } from '../../domain/errors.ts';
import type { Page } from '../../domain/source.ts';
import { normalizeElement } from '../../normalize/artifacts/collections.ts';
import type { Artifact } from './artifact.ts';
import { manifestContext } from './manifest-pages.ts';
import { otherProject } from './other-project.ts';
import { pagesByType } from './pages-by-type.ts';
import { download, opened, type RunReading, sentenceOf } from './run-reading.ts';

/** Nodes that a step executed and whose compiled code no newer manifest has. */
export interface Uncompiled {
  readonly runId: number;
  readonly step: number;
  readonly uniqueIds: ReadonlySet<string>;
}

async function manifestOf(reading: RunReading, { runId, step }: Uncompiled): Promise<Artifact | null> {
  const file = await download(reading, { kind: 'manifest', runId, step });
  if (file === null) return null;
  const manifest = await opened(reading, file);
  return otherProject(manifest.invocation, reading.project) === null ? manifest : null;
}

/** How dbt built these nodes, as far as the manifest has their code. */
function* buildsOf(manifest: Artifact, { runId, uniqueIds }: Uncompiled): Generator<Page> {
  const context = manifestContext(manifest, String(runId));
  yield* pagesByType(
    () => 0,
    function* (add) {
      for (const { key, raw, depth } of manifest.members('nodes', uniqueIds)) {
        const { resourceType, records } = normalizeElement({ collection: 'nodes', key, raw, depth }, context);
        const builds = records.filter((record) => record.kind === 'build' && record.facts.compiledCode != null);
        if (builds.length > 0) yield* add(resourceType ?? 'model', { records: builds });
      }
    },
  );
}

/**
 * A manifest has the compiled code of what its own invocation compiled: for other nodes it is in the manifest of the
 * step that executed them last. A manifest that cannot be read is a warning, for nothing else of it is needed.
 */
export async function* compiledCode(reading: RunReading, uncompiled: Uncompiled): AsyncGenerator<Page> {
  try {
    const manifest = await manifestOf(reading, uncompiled);
    if (manifest !== null) yield* buildsOf(manifest, uncompiled);
  } catch (error) {
    const sentence = error instanceof RejectError ? error.message : sentenceOf(error);
    reading.warnings.add(`${sentence} Compiled code of run ${uncompiled.runId} is not known.`);
  }
}
