import type { Catalog, FreshnessResult, RunResult, RunResults, SourcesArtifact } from '../platform/artifacts.ts';
import { type Copy, fraction } from './copies.ts';
import { copiesText, copyText, listText, objectText, type Pieces } from './json-text.ts';
import type { Plan } from './manifest.ts';
import { marked } from './names.ts';
import { goodFreshness, goodResult } from './outcomes.ts';
import { template } from './template.ts';

/** Which copies a run's failures befall, and how a node goes when nothing befalls it. */
export interface Fate {
  readonly fails: (runId: number, copy: Copy) => boolean;
  readonly example: (uniqueId: string) => RunResult | undefined;
}

/** The first copy fares as the run was recorded; of the others a share, which is drawn anew for each run. */
export function fateOf({
  seed,
  share,
  examples,
}: {
  seed: string;
  share: number;
  examples: Map<string, RunResult>;
}): Fate {
  return {
    fails: (runId, { index }) => index === 0 || fraction(seed, 'run', runId, index) < share,
    example: (uniqueId) => examples.get(uniqueId),
  };
}

/** The run of a step: its id, and whether it repeats only what failed before it. */
export interface Step {
  readonly runId: number;
  readonly retry: boolean;
}

export function resultsText(
  artifact: RunResults,
  { plan, fate, step }: { plan: Plan; fate: Fate; step: Step },
): Pieces {
  const at = artifact.metadata.generated_at;
  const rows = rowsText(artifact.results, plan, {
    good: (row) => goodResult(row, fate.example(row.unique_id), at),
    fails: (copy) => fate.fails(step.runId, copy),
    onlyFailing: step.retry,
  });
  return artifactText(artifact, 'results', listText(rows));
}

export function sourcesText(
  artifact: SourcesArtifact,
  { plan, fate, step }: { plan: Plan; fate: Fate; step: Step },
): Pieces {
  const fails = (copy: Copy) => fate.fails(step.runId, copy);
  const rows = rowsText<FreshnessResult>(artifact.results, plan, { good: goodFreshness, fails, onlyFailing: false });
  return artifactText(artifact, 'results', listText(rows));
}

export function catalogText(artifact: Catalog, { plan }: { plan: Plan }): Pieces {
  return objectText(
    Object.entries(artifact).map(([key, value]) => [
      key,
      key === 'nodes' || key === 'sources'
        ? objectText(copiesText(Object.entries(value ?? {}), plan))
        : JSON.stringify(value),
    ]),
  );
}

interface Rows<Row> {
  readonly good: (row: Row) => Row;
  readonly fails: (copy: Copy) => boolean;
  /** A retry has rows of those copies only in which something had failed. */
  readonly onlyFailing: boolean;
}

function* rowsText<Row extends { unique_id: string }>(rows: readonly Row[], { names, copies }: Plan, how: Rows<Row>) {
  const failing = new Set(copies.filter(how.fails));
  for (const row of rows) {
    if (!names.nodes.has(row.unique_id)) {
      yield JSON.stringify(row);
      continue;
    }
    const asRecorded = copyText(template(marked(row, names)));
    const good = copyText(template(marked(how.good(row), names)));
    for (const copy of copies) {
      if (failing.has(copy)) yield asRecorded(copy);
      else if (!how.onlyFailing) yield good(copy);
    }
  }
}

function artifactText(artifact: object, member: string, text: Pieces): Pieces {
  return objectText(
    Object.entries(artifact).map(([key, value]) => [key, key === member ? text : JSON.stringify(value)]),
  );
}
