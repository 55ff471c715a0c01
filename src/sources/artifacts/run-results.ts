import { type Run, runRecord } from '../../domain/runs.ts';
import type { Page, Stored } from '../../domain/source.ts';
import { failureKind } from '../admin/failures.ts';
import { compiledCode } from './compiled-code.ts';
import { EMPTY_PAGE } from './empty-page.ts';
import type { Inventory } from './inventory.ts';
import type { Totals } from './result-pages.ts';
import { tellsState, treatmentOf } from './run-choice.ts';
import { fetchRuns, type RunFiles } from './run-files.ts';
import { runPages } from './run-pages.ts';
import type { RunReading } from './run-reading.ts';

/** Runs whose files are fetched at once; the host is asked for no more than four things at a time anyway. */
const TOGETHER = 4;

/** What the reading of runs goes by. */
export interface Walk {
  readonly stored: Stored;
  readonly inventory: Inventory;
  readonly totals: Totals;
  /** The building invocations whose manifests were read. */
  readonly invocations: ReadonlySet<string>;
  /** The runs of which all is told that there is to tell. */
  readonly told: Set<number>;
  /** The state is told, too, which does not wait for a permission that results need. */
  readonly isOfState: boolean;
  /** Asked with the number of runs read so far: whether more of them are needed. */
  readonly isEnough: (read: number) => boolean;
}

/** The records of runs whose results are not read: those that go on, and those that set no state of ours. */
export function toldRuns(reading: RunReading, runs: readonly Run[], told: Set<number>): Page {
  const { environmentId } = reading;
  const fresh = runs.filter(({ id }) => !told.has(id));
  for (const { id } of fresh) told.add(id);
  const history = fresh.map((run) =>
    runRecord(run, {
      environmentId,
      complete: false,
      missingReason: run.isFinished ? null : 'The run is still going.',
    }),
  );
  return { ...EMPTY_PAGE, history };
}

/** The results of a run that does not set the state: what a check of a proposal compiled is not what the environment holds. */
async function* pagesWithoutCode(reading: RunReading, files: RunFiles, totals: Totals): AsyncGenerator<Page> {
  for await (const page of runPages(reading, files, totals)) {
    yield { ...page, records: page.records.filter(({ kind }) => kind !== 'compiled') };
  }
}

/** The results of one run, and the code of what it built where nothing newer tells it. */
async function* pagesOf(reading: RunReading, files: RunFiles, walk: Walk): AsyncGenerator<Page> {
  const { inventory, invocations, totals } = walk;
  if (!tellsState(files.run, reading)) return yield* pagesWithoutCode(reading, files, totals);
  const uncompiled = new Map<number, Set<string>>();
  for await (const page of runPages(reading, files, totals)) {
    for (const { uniqueId, step, invocationId } of inventory.note(page)) {
      if (invocationId != null && invocations.has(invocationId)) continue;
      uncompiled.set(step, (uncompiled.get(step) ?? new Set()).add(uniqueId));
    }
    yield page;
  }
  for (const [step, executed] of [...uncompiled].toSorted(([left], [right]) => right - left)) {
    const uniqueIds = new Set(inventory.claim(executed));
    if (uniqueIds.size > 0) yield* compiledCode(reading, { runId: files.run.id, step, uniqueIds });
  }
}

/** How many runs were read, and how many of them could not be had. */
interface Count {
  read: number;
  gone: number;
}

/** Of a run that cannot be had all is told that could: whoever tells the state goes on without the rest. */
function noteUngiven({ limits }: RunReading, { ungiven }: RunFiles, { isOfState }: Walk): void {
  if (ungiven === undefined) return;
  if (!isOfState && failureKind(ungiven) === 'missing_permission') throw ungiven.cause;
  limits.add(ungiven.message);
}

async function* pagesOfAll(reading: RunReading, runs: readonly Run[], walk: Walk & { count: Count }) {
  for (const files of await fetchRuns(reading, runs)) {
    walk.count.read++;
    if (files.isGone) walk.count.gone++;
    noteUngiven(reading, files, walk);
    yield* pagesOf(reading, files, walk);
    reading.details.delete(files.run.id);
  }
}

/** One run may have been deleted meanwhile, but hardly all of them. */
function limitOfGone({ api, limits }: RunReading, { read, gone }: Count): void {
  if (read < 2 || gone < read) return;
  limits.add(
    `${new URL(api.origin).host} lists runs and gives none of them (404 for all ${read}), so that no results were read: the token needs a permission set that reads runs, such as Read-Only or Job Viewer.`,
  );
}

/** Reads runs in the order in which they come, newest first, until it is enough. */
export async function* runResults(reading: RunReading, runs: AsyncIterable<Run>, walk: Walk): AsyncGenerator<Page> {
  let waiting: Run[] = [];
  let aside: Run[] = [];
  const count: Count = { read: 0, gone: 0 };
  for await (const run of runs) {
    const treatment = treatmentOf(run, reading, walk.stored);
    if (treatment === 'told') aside.push(run);
    if (treatment !== 'read' || walk.told.has(run.id)) continue;
    walk.told.add(run.id);
    waiting.push(run);
    if (waiting.length < TOGETHER) continue;
    yield* pagesOfAll(reading, waiting, { ...walk, count });
    yield toldRuns(reading, aside, walk.told);
    waiting = [];
    aside = [];
    if (walk.isEnough(count.read)) break;
  }
  yield* pagesOfAll(reading, waiting, { ...walk, count });
  limitOfGone(reading, count);
  yield toldRuns(reading, aside, walk.told);
}
