import { RejectError } from '../../domain/errors.ts';
import type { Reject } from '../../domain/records.ts';
import type { Run, RunStep } from '../../domain/runs.ts';
import { listArtifacts, whyMissing } from '../admin/artifact-files.ts';
import { type StepCommand, stepCommand } from '../admin/step-command.ts';
import { type Download, detailsOf, naming, type RunReading, refusedFile, type Wanted } from './run-reading.ts';
import { downloadIfGiven, given, Ungiven } from './ungiven.ts';

/** A step with the file of its results, if it left one. */
export interface StepFile {
  readonly step: RunStep;
  /** Null for steps of the platform, which are no invocations of dbt. */
  readonly command: StepCommand | null;
  readonly file: Download | null;
  /** It was carried out, and such a step leaves its results. */
  readonly isExpected: boolean;
}

/** What a run left, before any of it is opened. */
export interface RunFiles {
  readonly run: Run;
  readonly steps: readonly StepFile[];
  readonly rejects: readonly Reject[];
  /** It was listed, and cannot be had any more. */
  readonly isGone?: boolean;
  /** What the service failed to give of it, or did not let the token read. */
  readonly ungiven?: Ungiven | undefined;
  /** Why not all of its results are there, one sentence each. */
  readonly missing: readonly string[];
}

/** Words for steps that may have come to nothing. */
const UNDONE: ReadonlySet<string> = new Set(['queued', 'starting', 'running', 'cancelled', 'skipped']);

type Fetched = StepFile & { readonly refused?: Reject; readonly ungiven?: Ungiven };

async function stepFile(reading: RunReading, run: Run, step: RunStep): Promise<Fetched> {
  const command = step.command === null ? null : stepCommand(step.command);
  const none = { step, command, file: null, isExpected: false };
  const isUndone = UNDONE.has(step.status);
  // The catalog is read once for all runs.
  if (command === null || command.leaves === null || command.leaves === 'catalog') return none;
  if (isUndone && step.startedAt === null) return none;
  const isExpected = command.isCertain && !isUndone;
  if (run.hasArtifacts === false) return { ...none, isExpected };
  const wanted: Wanted = { kind: command.leaves, runId: run.id, step: step.index };
  const file = await downloadIfGiven(reading, wanted);
  if (file instanceof Ungiven) return { ...none, ungiven: file };
  return file instanceof RejectError
    ? { ...none, refused: refusedFile(file, wanted) }
    : { step, command, file, isExpected };
}

/** Waits for all of them, so that nothing is written any more when one has failed. */
async function together<Result>(tasks: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(tasks);
  return Promise.all(tasks);
}

/** Whoever executes a node has read the project, and written down what is in it. */
const isUnbegun = (steps: readonly StepFile[], paths: readonly string[]) =>
  !paths.includes('manifest.json') && steps.every(({ step }) => step.status === 'error');

/** The sentence for files that are not there, where there ever were any; one request tells for all of them. */
async function missingOf(
  reading: RunReading,
  { id, hasArtifacts }: Run,
  steps: readonly StepFile[],
): Promise<string[] | Ungiven> {
  const absent = steps.filter(({ isExpected, file }) => isExpected && file === null);
  const [first] = absent;
  if (first === undefined) return [];
  if (hasArtifacts === false) return [`Run ${id} kept no artifacts.`];
  const { accountId, api, signal } = reading;
  const listed = naming(`the artifacts of run ${id}`, listArtifacts(api, { accountId, runId: id }, signal));
  const paths = await given(reading, listed);
  if (paths instanceof Ungiven) return paths;
  if (paths !== null && isUnbegun(absent, paths)) return [];
  return [whyMissing(paths, { runId: id, path: `${first.command?.leaves}.json`, step: first.step.index })];
}

/** A run that never came to its first step has no results, and none are missing; but one that succeeded had steps. */
const withoutSteps = ({ id, status }: Run) => (status === 'success' ? [`No step of run ${id} is told.`] : []);

function withoutAny(run: Run, ungiven: Ungiven): RunFiles {
  return { run, steps: [], rejects: [], missing: [ungiven.message], ungiven };
}

async function filesOf(reading: RunReading, run: Run): Promise<RunFiles> {
  const details = await given(reading, detailsOf(reading, run));
  if (details instanceof Ungiven) return withoutAny(run, details);
  if (details === null) {
    const missing = [`Run ${run.id} is gone, or the token may not read it.`];
    return { run, steps: [], rejects: [], isGone: true, missing };
  }
  const fetched = await together(details.steps.map((step) => stepFile(reading, run, step)));
  const refused = fetched.flatMap((one) => one.refused ?? []);
  const unread = details.rejects.length === 0 ? [] : [`Not every step of run ${run.id} could be read.`];
  const none = details.steps.length + details.rejects.length === 0 ? withoutSteps(run) : [];
  const absent = await missingOf(reading, run, fetched);
  const ungiven = [...fetched.flatMap((one) => one.ungiven ?? []), ...(absent instanceof Ungiven ? [absent] : [])];
  const missing = absent instanceof Ungiven ? [] : absent;
  const reasons = [...ungiven.map(({ message }) => message), ...refused.map(({ reason }) => reason)];
  return {
    run,
    steps: fetched,
    rejects: [...details.rejects, ...refused],
    missing: [...new Set([...missing, ...unread, ...none, ...reasons])],
    ungiven: ungiven[0],
  };
}

/** Fetches the results of runs, all at once. What is missing, refused, gone or not to be had is told, and ends nothing. */
export function fetchRuns(reading: RunReading, runs: readonly Run[]): Promise<RunFiles[]> {
  const guarded = async (run: Run): Promise<RunFiles> => {
    try {
      return await filesOf(reading, run);
    } catch (error) {
      if (!(error instanceof RejectError)) throw error;
      const reject = { resourceType: null, uniqueId: null, reason: error.message, raw: { run: run.id } };
      return { run, steps: [], rejects: [reject], missing: [`Run ${run.id} cannot be read: ${error.message}.`] };
    }
  };
  return together(runs.map(guarded));
}
