import type { Run, RunWindow } from '../../domain/runs.ts';
import { NOTHING_STORED, type Page, type Stored } from '../../domain/source.ts';
import { runsNewestFirst } from '../admin/run-list.ts';
import { EMPTY_PAGE } from './empty-page.ts';
import { createInventory, type Inventory } from './inventory.ts';
import { FIRST_DAYS, FIRST_RUNS, isLongAgo, newestTime, readFrom, timeOf, treatmentOf } from './run-choice.ts';
import { environmentPage } from './run-environment.ts';
import { type RunLog, runLog } from './run-log.ts';
import { type RunReading, runScope } from './run-reading.ts';
import { runResults, toldRuns, type Walk } from './run-results.ts';

/** How far a first pass goes. */
interface Bound {
  /** Whoever looks again goes back to what was taken, however much that is. */
  readonly since: Date | null;
  isReached: boolean;
}

/** The runs that a first pass may read. */
async function* firstRuns(reading: RunReading, log: RunLog, bound: Bound): AsyncGenerator<Run> {
  const newest = newestTime(await log.latest());
  const { since } = bound;
  let listed = 0;
  for await (const run of log.runs()) {
    const isRead = treatmentOf(run, reading, NOTHING_STORED) === 'read';
    const isBeyond = isLongAgo(run, newest) || (isRead && ++listed > FIRST_RUNS);
    if (isBeyond && (since === null || timeOf(run) < since.getTime())) {
      bound.isReached = true;
      return;
    }
    yield run;
  }
}

/** What a first pass looked for and did not find, when it did not look at every run. */
function warnOfBound({ warnings }: RunReading, { withoutResult, withoutSuccess }: Inventory): void {
  if (withoutSuccess === 0) return;
  const unseen = withoutResult === 0 ? '' : `, and no result at all of ${withoutResult}`;
  warnings.add(
    `In the last ${FIRST_RUNS} runs or ${FIRST_DAYS} days no success was found of ${withoutSuccess} of the nodes${unseen}: a first sync looks no further back.`,
  );
}

/** As many runs as are enough, within the bound of a first pass. */
async function* firstResults(reading: RunReading, log: RunLog, walk: Walk & Past): AsyncGenerator<Page> {
  const { api, signal } = reading;
  const { isOfScope } = walk;
  const since = readFrom(walk.stored);
  const bound: Bound = { since, isReached: false };
  const runs = isOfScope ? log : runLog(runsNewestFirst(api, runScope(reading), signal));
  yield* runResults(reading, firstRuns(reading, runs, bound), walk);
  if (bound.isReached && since === null) warnOfBound(reading, walk.inventory);
  if (!isOfScope) yield { ...EMPTY_PAGE, rejects: runs.rejects };
}

/** Every run that ended since. */
async function* laterResults(reading: RunReading, window: RunWindow, walk: Walk): AsyncGenerator<Page> {
  const { api, signal } = reading;
  const log = runLog(runsNewestFirst(api, { ...runScope(reading), window }, signal));
  yield* runResults(reading, log.runs(), { ...walk, isEnough: () => false });
  yield { ...EMPTY_PAGE, rejects: log.rejects };
}

/** What is known beside the runs themselves, and how far a first pass goes back. */
export interface Past extends Pick<Walk, 'stored' | 'inventory' | 'invocations' | 'totals' | 'isOfState' | 'isEnough'> {
  /** The runs that are listed are those that are wanted, and not those of other jobs, too. */
  readonly isOfScope: boolean;
}

/** The runs that a pass takes, with what they left; and those that go on. */
export async function* pastPages(reading: RunReading, log: RunLog, past: Past): AsyncGenerator<Page> {
  const latest = await log.latest();
  // Where not every run is wanted, what older ones left was not needed then either.
  const isAgain = past.stored.again === true && reading.everyRun;
  const from = isAgain ? null : readFrom(past.stored);
  const told = new Set<number>();
  const isRecent = (run: Run) => from === null || !run.isFinished || timeOf(run) >= from.getTime();
  const aside = latest.filter((run) => isRecent(run) && treatmentOf(run, reading, past.stored) === 'told');
  yield toldRuns(reading, aside, told);
  const walk = { ...past, told };
  if (from === null) return yield* firstResults(reading, log, walk);
  // What ends from now on is the next pass's.
  const to = new Date(Math.max(newestTime(latest), from.getTime()));
  yield* laterResults(reading, { from, to }, walk);
}

/** The runs of an environment whose state somebody else tells. */
export async function* historyPages(reading: RunReading, ofAll: RunLog, stored: Stored): AsyncGenerator<Page> {
  const { api, jobId, signal } = reading;
  const log = jobId === null ? ofAll : runLog(runsNewestFirst(api, runScope(reading), signal));
  const latest = await log.latest();
  // That a job has no run may mean that there is no such job, about which the list of runs says nothing.
  if (latest.length === 0 && jobId === null) return;
  yield await environmentPage(reading, latest);
  const inventory = createInventory();
  yield* pastPages(reading, log, {
    stored,
    inventory,
    invocations: new Set(),
    totals: () => 0,
    isOfState: false,
    isOfScope: true,
    isEnough: () => false,
  });
  yield { ...EMPTY_PAGE, rejects: log.rejects };
}
