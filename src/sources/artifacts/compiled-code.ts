import { RejectError } from '../../domain/errors.ts';
import type { Page } from '../../domain/source.ts';
import { normalizeElement } from '../../normalize/artifacts/collections.ts';
import type { Artifact } from './artifact.ts';
import { manifestContext } from './manifest-pages.ts';
import { otherProject } from './other-project.ts';
import { pagesByType } from './pages-by-type.ts';
import { downloadOrRefuse, opened, type RunReading, sentenceOf } from './run-reading.ts';

/** Nodes that a step executed and whose compiled code no newer manifest has. */
export interface Uncompiled {
  readonly runId: number;
  readonly step: number;
  readonly uniqueIds: ReadonlySet<string>;
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
  const { runId, step } = uncompiled;
  const warn = (sentence: string) => reading.warnings.add(`${sentence} Compiled code of run ${runId} is not known.`);
  const file = await downloadOrRefuse(reading, { kind: 'manifest', runId, step });
  if (file instanceof RejectError) warn(file.message);
  if (file === null || file instanceof RejectError) return;
  try {
    const manifest = await opened(reading, file);
    if (otherProject(manifest.invocation, reading.project) === null) yield* buildsOf(manifest, uncompiled);
  } catch (error) {
    warn(sentenceOf(error));
  }
}
