import type { Reject, StepRecord } from '../../domain/records.ts';
import { type Invocation, runRecord, stepRecord } from '../../domain/runs.ts';
import type { Page } from '../../domain/source.ts';
import type { ResultContext } from '../../normalize/artifacts/run-results.ts';
import type { Artifact } from './artifact.ts';
import { damagePages } from './damage.ts';
import { EMPTY_PAGE } from './empty-page.ts';
import { rejectsText, withoutTime } from './invocation-pages.ts';
import {
  compiledPages,
  freshnessPages,
  type ResultsFile,
  resultsFile,
  runResultPages,
  type Totals,
} from './result-pages.ts';
import type { RunFiles, StepFile } from './run-files.ts';
import { opened, type RunReading, sentenceOf } from './run-reading.ts';

/** What becomes known of a run while its steps are read. */
interface Account {
  readonly files: RunFiles;
  readonly totals: Totals;
  readonly missing: string[];
  readonly steps: StepRecord[];
  /** Invocations whose files were read. */
  readonly taken: Set<string>;
  rejects: number;
}

const FRESHNESS: ResultsFile = { which: 'freshness', givesResults: true, givesCode: false, elapsedS: null };

/**
 * A step that wrote no file may show the one of a step before it: either that invocation was seen already, or it built
 * and tested nothing, which this command would have.
 */
function isLeftover(
  { taken }: Account,
  { command }: StepFile,
  artifact: Artifact,
  { which, givesResults }: ResultsFile,
) {
  const { invocationId, generatedAt } = artifact.invocation;
  const isTaken = taken.has(invocationId ?? `of ${generatedAt}`);
  taken.add(invocationId ?? `of ${generatedAt}`);
  // What is tried again may be anything.
  const isOther = command?.isCertain === true && command.which !== 'retry' && which !== null && !givesResults;
  return isTaken || isOther;
}

/** @throws SyncError when the file does not say when it was made. */
function contextOf({ files: { run } }: Account, { step }: StepFile, { name, invocation }: Artifact): ResultContext {
  const { generatedAt, invocationId } = invocation;
  if (generatedAt === null) throw withoutTime(name);
  return { runId: String(run.id), step: step.index, jobId: run.jobId, invocationId, executedAt: generatedAt };
}

function tell(account: Account, { step, command }: StepFile, invocation?: Invocation): void {
  const which = invocation?.which ?? command?.which ?? null;
  const invocationId = invocation?.invocationId ?? null;
  account.steps.push(stepRecord(account.files.run.id, step, { which, invocationId }));
}

/** The results in one file. @throws SyncError when it breaks off, after what came before. */
function* resultsOf(account: Account, one: StepFile, artifact: Artifact): Generator<Page> {
  const isFreshness = artifact.kind === 'sources';
  const file = isFreshness ? FRESHNESS : resultsFile(artifact);
  if (isLeftover(account, one, artifact, file)) {
    tell(account, one);
    const { index } = one.step;
    if (one.isExpected)
      account.missing.push(`Step ${index} of run ${account.files.run.id} wrote no ${artifact.kind}.json.`);
    return;
  }
  tell(account, one, {
    which: file.which ?? one.command?.which ?? null,
    invocationId: artifact.invocation.invocationId,
  });
  // Code without a time has no place, and no result is missed with it.
  if (!file.givesResults && (!file.givesCode || artifact.invocation.generatedAt === null)) return;
  const context = contextOf(account, one, artifact);
  const { totals } = account;
  if (!file.givesResults) return yield* compiledPages(artifact, context, totals);
  for (const page of isFreshness
    ? freshnessPages(artifact, context, totals)
    : runResultPages(artifact, context, totals)) {
    account.rejects += page.rejects.length;
    yield page;
  }
}

/** A file that cannot be read takes nothing of the others with it; what it would have told is missed. */
async function* stepPages(reading: RunReading, account: Account, one: StepFile): AsyncGenerator<Page> {
  const { file } = one;
  if (file === null) return tell(account, one);
  const told = account.steps.length;
  try {
    const artifact = await opened(reading, file);
    yield* damagePages(artifact);
    yield* resultsOf(account, one, artifact);
  } catch (error) {
    const sentence = sentenceOf(error);
    account.missing.push(sentence);
    reading.limits.add(sentence);
    if (account.steps.length === told) tell(account, one);
  }
}

/** A page with what belongs to the run as a whole. */
function runPage({ environmentId }: RunReading, account: Account): Page {
  const { files, missing, steps, rejects: count } = account;
  const rejected = rejectsText(count);
  const reasons = rejected === null ? missing : [...missing, `${rejected}.`];
  const missingReason = reasons.length === 0 ? null : reasons.join(' ');
  const run = runRecord(files.run, { environmentId, complete: missingReason === null, missingReason });
  const rejects: readonly Reject[] = files.rejects;
  return { ...EMPTY_PAGE, total: account.totals(EMPTY_PAGE.resourceType), rejects, history: [run, ...steps] };
}

/**
 * The results of a run step by step, and at their end the run and its steps. What is missing of them, the run's record
 * says.
 */
export async function* runPages(reading: RunReading, files: RunFiles, totals: Totals): AsyncGenerator<Page> {
  const account: Account = { files, totals, missing: [...files.missing], steps: [], taken: new Set(), rejects: 0 };
  for (const one of files.steps) yield* stepPages(reading, account, one);
  yield runPage(reading, account);
}
