import { SyncError } from '../../domain/errors.ts';
import type { Page } from '../../domain/source.ts';
import type { Invocation } from '../../normalize/artifacts/invocation.ts';
import { invocationRun } from '../../normalize/artifacts/run.ts';
import type { ResultContext } from '../../normalize/artifacts/run-results.ts';
import type { Artifact } from './artifact.ts';
import { damagePages } from './damage.ts';
import { EMPTY_PAGE } from './empty-page.ts';
import {
  catalogPages,
  compiledPages,
  freshnessPages,
  type ResultsFile,
  resultsFile,
  runResultPages,
  type Totals,
} from './result-pages.ts';

/** The invocation in the place of a run. Files without an id of theirs are told apart by when they were made. */
export function runIdOf({ invocationId, generatedAt }: Invocation): string | null {
  return invocationId ?? (generatedAt === null ? null : `invocation-${generatedAt}`);
}

export function withoutTime(name: string): SyncError {
  return new SyncError(`${name} does not say when it was generated, so its results have no place in time.`);
}

/** Where the results of a file belong. @throws SyncError when it does not say when it was made. */
function contextOf({ name, invocation }: Artifact): ResultContext {
  const runId = runIdOf(invocation);
  const { generatedAt, invocationId } = invocation;
  if (runId === null || generatedAt === null) {
    throw withoutTime(name);
  }
  return { runId, step: 1, jobId: null, invocationId, executedAt: generatedAt };
}

/** Passes pages on and keeps count of what the run of an invocation has to tell. */
function* observed(pages: Iterable<Page>, statuses: Set<string>, count: { rejects: number }): Generator<Page> {
  for (const page of pages) {
    for (const record of page.records) {
      const status = record.kind === 'result' || record.kind === 'freshness' ? record.status : null;
      // A source that breaches its limit is `error` in the words of freshness, and dbt ends with code 1 as well.
      if (status !== null) statuses.add(status);
    }
    count.rejects += page.rejects.length;
    yield page;
  }
}

/** What a run says of results that were rejected; null when none were. */
export function rejectsText(rejects: number): string | null {
  if (rejects === 0) return null;
  return `${rejects === 1 ? '1 result was rejected' : `${rejects} results were rejected`} (see dbt.rejects)`;
}

interface Reading {
  readonly file: ResultsFile;
  readonly totals: Totals;
  readonly pages: (context: ResultContext) => Iterable<Page>;
}

/** Pages of results, and at their end the run and the step that they belong to, even if the file breaks off. */
function* invocationPages(artifact: Artifact, { file, totals, pages }: Reading): Generator<Page> {
  const context = contextOf(artifact);
  const { which, elapsedS } = file;
  const statuses = new Set<string>();
  const count = { rejects: 0 };
  const invoked = { ...context, invocation: artifact.invocation, which, elapsedS, statuses };
  const run = (missing: string | null): Page => ({
    ...EMPTY_PAGE,
    total: totals(EMPTY_PAGE.resourceType),
    history: invocationRun({ ...invoked, missing }),
  });
  try {
    if (file.givesResults) yield* observed(pages(context), statuses, count);
    else if (file.givesCode) yield* compiledPages(artifact, context, totals);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    yield run(error.message);
    throw error;
  }
  yield run(rejectsText(count.rejects));
}

/**
 * What one artifact of dbt Core tells, but for manifests. Its invocation takes the place of a run of one step.
 * @throws SyncError when the artifact does not say when it was made, or a row of it is no JSON.
 */
export function* artifactPages(artifact: Artifact, totals: Totals): Generator<Page> {
  const { kind } = artifact;
  if (kind === 'catalog') return yield* catalogPages(artifact, totals);
  yield* damagePages(artifact);
  if (kind === 'run_results') {
    const pages = (context: ResultContext) => runResultPages(artifact, context, totals);
    return yield* invocationPages(artifact, { file: resultsFile(artifact), totals, pages });
  }
  const file = { ...resultsFile(artifact), which: 'freshness', givesResults: true, givesCode: false };
  const pages = (context: ResultContext) => freshnessPages(artifact, context, totals);
  yield* invocationPages(artifact, { file, totals, pages });
}
