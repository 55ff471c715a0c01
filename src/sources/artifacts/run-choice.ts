import type { Run } from '../../domain/runs.ts';
import { setsState } from '../../domain/runs.ts';
import type { Stored } from '../../domain/source.ts';
import type { RunReading } from './run-reading.ts';

/** Finished runs are listed late now and then, and clocks differ: how far back a pass looks before the last stored end. */
const OVERLAP_MS = 26 * 3_600_000;

/** How far the first pass looks back for the results of nodes, in runs and in time. */
export const FIRST_RUNS = 200;
const FIRST_MS = 90 * 86_400_000;
export const FIRST_DAYS = FIRST_MS / 86_400_000;

/** When a run ended, or was made while it goes on; NaN when neither is told. */
export const timeOf = ({ finishedAt, createdAt }: Run): number => Date.parse(finishedAt ?? createdAt ?? '');

/** The environment's state as a finished run left it: what is defined in it may be read from that run. */
export function tellsState(run: Run, scope: Pick<RunReading, 'environmentId'>): boolean {
  return run.isFinished && setsState(run, scope);
}

/** What is to be done with a run. */
export type Treatment =
  /** Nothing: every result of it is stored. */
  | 'known'
  /** Nothing: it is of another job than the one whose runs are asked for. */
  | 'foreign'
  /** It is told as it is: it goes on, or is of no matter for the state that alone is asked for. */
  | 'told'
  /** Its results are read. */
  | 'read';

export function treatmentOf(run: Run, reading: RunReading, { completeRuns }: Stored): Treatment {
  if (completeRuns.has(String(run.id))) return 'known';
  if (reading.jobId !== null && run.jobId !== reading.jobId) return 'foreign';
  const isWanted = reading.everyRun ? run.isFinished : tellsState(run, reading);
  return isWanted ? 'read' : 'told';
}

/** From when on runs are read when some are stored; null when none are, and as many are read as the nodes need. */
export function readFrom({ runsUntil }: Stored): Date | null {
  const time = Date.parse(runsUntil ?? '');
  return Number.isNaN(time) ? null : new Date(time - OVERLAP_MS);
}

/** Whether a run is too long ago for a first pass, whose newest run is of the time `newest`. */
export function isLongAgo(run: Run, newest: number): boolean {
  return newest - timeOf(run) > FIRST_MS;
}

/** The latest of these runs' times; NaN when none is told. */
export function newestTime(runs: readonly Run[]): number {
  const times = runs.map(timeOf).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? Number.NaN : Math.max(...times);
}
