import { SyncError } from '../../domain/errors.ts';
import type { Page } from '../../domain/source.ts';
import type { Invocation } from '../../normalize/artifacts/invocation.ts';
import { type Invoked, invocationRun } from '../../normalize/artifacts/run.ts';
import type { ResultContext } from '../../normalize/artifacts/run-results.ts';
import type { Artifact } from './artifact.ts';
import {
  catalogPages,
  freshnessPages,
  type ResultsFile,
  resultsFile,
  runResultPages,
  type Totals,
} from './result-pages.ts';

/** A page without nodes, to carry something else. */
export const EMPTY_PAGE: Page = {
  resourceType: 'model',
  received: 0,
  total: 0,
  records: [],
  rejects: [],
  incomplete: [],
};

/** The invocation in the place of a run. Files without an id of theirs are told apart by when they were made. */
export function runIdOf({ invocationId, generatedAt }: Invocation): string | null {
  return invocationId ?? (generatedAt === null ? null : `invocation-${generatedAt}`);
}

/** Where the results of a file belong. @throws SyncError when it does not say when it was made. */
function contextOf({ name, invocation }: Artifact): ResultContext {
  const runId = runIdOf(invocation);
  const { generatedAt, invocationId } = invocation;
  if (runId === null || generatedAt === null) {
    throw new SyncError(`${name} does not say when it was generated, so its results have no place in time.`);
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

/** Pages of results, and at their end the run and the step that they belong to. */
function* invocationPages(artifact: Artifact, file: ResultsFile, pages: (context: ResultContext) => Iterable<Page>) {
  const context = contextOf(artifact);
  const statuses = new Set<string>();
  const count = { rejects: 0 };
  if (file.givesResults) yield* observed(pages(context), statuses, count);
  const { rejects } = count;
  const many = rejects === 1 ? '1 result was rejected' : `${rejects} results were rejected`;
  const missing = rejects === 0 ? null : `${many} (see dbt.rejects)`;
  const { which, elapsedS } = file;
  const invoked: Invoked = { ...context, invocation: artifact.invocation, which, elapsedS, statuses, missing };
  yield { ...EMPTY_PAGE, history: invocationRun(invoked) };
}

/**
 * What one artifact of dbt Core tells, but for manifests. Its invocation takes the place of a run of one step.
 * @throws SyncError when the artifact does not say when it was made, or a row of it is no JSON.
 */
export function artifactPages(artifact: Artifact, totals: Totals): Iterable<Page> {
  const { kind } = artifact;
  if (kind === 'catalog') return catalogPages(artifact, totals);
  if (kind === 'run_results') {
    return invocationPages(artifact, resultsFile(artifact), (context) => runResultPages(artifact, context, totals));
  }
  const file = { ...resultsFile(artifact), which: 'freshness', givesResults: true };
  return invocationPages(artifact, file, (context) => freshnessPages(artifact, context, totals));
}
