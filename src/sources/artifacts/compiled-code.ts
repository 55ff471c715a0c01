import type { CompiledRecord } from '../../domain/records.ts';
import type { Page } from '../../domain/source.ts';
import { normalizeElement } from '../../normalize/artifacts/collections.ts';
import type { Artifact } from './artifact.ts';
import { manifestContext } from './manifest-pages.ts';
import { otherProject } from './other-project.ts';
import { pagesByType } from './pages-by-type.ts';
import { opened, type RunReading, sentenceOf } from './run-reading.ts';
import { downloadIfGiven } from './ungiven.ts';

/** Nodes that a step built or tested, and the code of whose latest such execution is not known yet. */
export interface Uncompiled {
  readonly runId: number;
  readonly step: number;
  readonly uniqueIds: ReadonlySet<string>;
}

/** The code of these nodes, as far as the manifest has it. */
function* codeOf(manifest: Artifact, { runId, uniqueIds }: Uncompiled): Generator<Page> {
  const context = manifestContext(manifest, { runId: String(runId), isBuild: true });
  yield* pagesByType(
    () => 0,
    function* (add) {
      for (const { key, raw, depth } of manifest.members('nodes', uniqueIds)) {
        const { resourceType, records } = normalizeElement({ collection: 'nodes', key, raw, depth }, context);
        const compiled = records.flatMap((record): CompiledRecord[] => {
          const code = record.kind === 'build' ? record.facts.compiledCode : null;
          if (code == null || context.at === null) return [];
          return [{ kind: 'compiled', uniqueId: key, at: context.at, code, isBuilt: true }];
        });
        if (compiled.length > 0) yield* add(resourceType ?? 'model', { records: compiled });
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
  const file = await downloadIfGiven(reading, { kind: 'manifest', runId, step });
  if (file instanceof Error) warn(file.message);
  if (file === null || file instanceof Error) return;
  try {
    const manifest = await opened(reading, file);
    if (otherProject(manifest, { projectName: reading.project }) === null) yield* codeOf(manifest, uncompiled);
  } catch (error) {
    warn(sentenceOf(error));
  }
}
