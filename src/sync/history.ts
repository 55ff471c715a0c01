import type { Probe, ProjectFacts, Source, Stored } from '../domain/source.ts';
import type { Pass, RunsTaken } from '../domain/store.ts';
import { knownFacts, NO_PROJECT } from './project.ts';
import { type Followed, pagesOf, probed, SourceFailure, staging } from './read.ts';

/** Who tells the runs of an environment, beside a source that tells its state. */
export interface HistoryOptions {
  /** Its state is none: it yields runs and what they left. */
  readonly source: Source;
  /** What a person should know whose token may not ask for runs, in one sentence; null when an error is another one. */
  refusalOf(error: unknown): string | null;
}

/** What came of asking for runs. */
export interface Past {
  /** How far runs were taken; null when not all could be had, or nothing moved. */
  readonly runs: RunsTaken | null;
  readonly rejects: number;
  /** Why the outcome is partial. */
  readonly limits: readonly string[];
  readonly warnings: readonly string[];
  readonly project: ProjectFacts;
  /** Every run that ended since the last look was taken, or none did. */
  readonly isWhole: boolean;
}

/** What a look at the newest runs says. */
export interface Outlook {
  readonly probe: Probe | null;
  /** What is known without reading anything; null when there is something to read. */
  readonly past: Past | null;
}

const NOTHING: Past = {
  runs: null,
  rejects: 0,
  limits: [],
  warnings: [],
  project: NO_PROJECT,
  isWhole: true,
};

/** Without the permission for runs a sync is what it would be without their history; any other failure leaves a gap. */
function withoutRuns({ refusalOf }: HistoryOptions, failure: unknown): Past {
  const refusal = refusalOf(failure);
  if (refusal !== null) return { ...NOTHING, isWhole: false, warnings: [refusal] };
  const message = failure instanceof Error ? failure.message : String(failure);
  return {
    ...NOTHING,
    isWhole: false,
    limits: [`Not every run could be taken: ${message} The next sync takes what is missing.`],
  };
}

/** Looks whether runs moved since the last time that all were taken. What cannot be asked for does not end the pass. */
export async function lookAtRuns(history: HistoryOptions, last: string | null, signal: AbortSignal): Promise<Outlook> {
  try {
    const probe = await probed(history.source, signal);
    const { token } = probe;
    return { probe, past: token !== null && token === last ? NOTHING : null };
  } catch (error) {
    if (!(error instanceof SourceFailure) || signal.aborted) throw error;
    return { probe: null, past: withoutRuns(history, error.cause) };
  }
}

/** What a source may leave out: runs that were had whole, and when everything is to be read nothing else. */
export const leftOut = (stored: Stored, full: boolean): Stored => (full ? { ...stored, again: true } : stored);

/** Stages the runs that ended since the last look. What came before a failure is kept. */
export async function readRuns(
  history: HistoryOptions,
  { pass, probe, full }: { readonly pass: Pass; readonly probe: Probe | null; readonly full: boolean },
  { signal, onPhase }: Followed,
): Promise<Past> {
  const { source } = history;
  let rejects = 0;
  let project: ProjectFacts = NO_PROJECT;
  const told = () => ({ limits: source.limits, warnings: source.warnings ?? [], rejects, project });
  const stored = leftOut(await pass.stored(), full);
  const stage = staging(pass, onPhase);
  try {
    for await (const page of pagesOf(source, signal, stored)) {
      rejects += (await stage(page)).rejects.length;
      project = knownFacts(project, page.project);
    }
    const { limits, ...rest } = told();
    // What could not be had is asked for again.
    const runs = limits.length > 0 ? null : { token: probe?.token ?? null, until: probe?.runsUntil ?? null };
    return { runs, isWhole: true, limits, ...rest };
  } catch (error) {
    if (!(error instanceof SourceFailure) || signal.aborted) throw error;
    const { limits, warnings, ...failed } = withoutRuns(history, error.cause);
    const known = told();
    return { ...failed, ...known, limits: [...known.limits, ...limits], warnings: [...known.warnings, ...warnings] };
  }
}
