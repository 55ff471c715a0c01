import type { ResourceType } from '../../domain/records.ts';
import type { Run, RunWindow } from '../../domain/runs.ts';
import type { Page, Stored } from '../../domain/source.ts';
import { runsNewestFirst } from '../admin/run-list.ts';
import { createInventory, type Inventory } from './inventory.ts';
import { EMPTY_PAGE } from './invocation-pages.ts';
import { countByType, manifestContext, manifestPages, statedTypes } from './manifest-pages.ts';
import { CATALOG_LOOK_BACK, newestCatalog } from './run-catalog.ts';
import {
  FIRST_DAYS,
  FIRST_RUNS,
  isLongAgo,
  newestTime,
  readFrom,
  tellsState,
  timeOf,
  treatmentOf,
} from './run-choice.ts';
import { environmentPage, withoutRuns } from './run-environment.ts';
import { type RunLog, runLog } from './run-log.ts';
import { newestManifest } from './run-manifest.ts';
import { type RunReading, sentenceOf } from './run-reading.ts';
import { runResults, toldRuns, type Walk } from './run-results.ts';

/** What is known of the state once its manifest was read. */
interface Defined {
  readonly inventory: Inventory;
  readonly counts: Map<ResourceType, number>;
  readonly invocations: Set<string>;
}

async function* manifestOf(reading: RunReading, log: RunLog, defined: Defined): AsyncGenerator<Page> {
  const { manifest, run } = await newestManifest(reading, log);
  const { counts, inventory, invocations } = defined;
  for (const [type, count] of countByType(manifest)) counts.set(type, count);
  if (manifest.invocation.invocationId !== null) invocations.add(manifest.invocation.invocationId);
  try {
    for (const page of manifestPages(manifest, manifestContext(manifest, String(run.id)))) {
      inventory.define(page);
      yield { ...page, ...(page.project && { project: { ...page.project, gitSha: run.gitSha } }) };
    }
    reading.states = statedTypes(manifest);
  } catch (error) {
    yield { ...EMPTY_PAGE, total: counts.get('model') ?? 0, incomplete: [sentenceOf(error)] };
  }
}

/** The runs that a first pass may read. */
async function* firstRuns(reading: RunReading, log: RunLog, bound: { isReached: boolean }): AsyncGenerator<Run> {
  const newest = newestTime(await log.latest());
  let listed = 0;
  for await (const run of log.runs()) {
    if (isLongAgo(run, newest) || (tellsState(run, reading) && ++listed > FIRST_RUNS)) {
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

type Reader = Omit<Walk, 'isEnough'>;

/** As many runs as it takes to know every node, within the bound of a first pass. */
async function* firstResults(reading: RunReading, log: RunLog, walk: Reader): AsyncGenerator<Page> {
  const { api, accountId, environmentId, jobId, signal } = reading;
  const { inventory } = walk;
  const bound = { isReached: false };
  const isOfAll = jobId === null;
  const runs = isOfAll ? log : runLog(runsNewestFirst(api, { accountId, environmentId, jobId }, signal));
  const isEnough = (read: number) =>
    inventory.withoutSuccess === 0 && (!inventory.lacksFreshness || read >= CATALOG_LOOK_BACK);
  yield* runResults(reading, firstRuns(reading, runs, bound), { ...walk, isEnough });
  if (bound.isReached) warnOfBound(reading, inventory);
  if (!isOfAll) yield { ...EMPTY_PAGE, rejects: runs.rejects };
}

/** Every run that ended since. */
async function* laterResults(reading: RunReading, window: RunWindow, walk: Reader): AsyncGenerator<Page> {
  const { api, accountId, environmentId, jobId, signal } = reading;
  const scope = { accountId, environmentId, ...(jobId !== null && { jobId }), window };
  const log = runLog(runsNewestFirst(api, scope, signal));
  yield* runResults(reading, log.runs(), { ...walk, isEnough: () => false });
  yield { ...EMPTY_PAGE, rejects: log.rejects };
}

async function* resultsOf(reading: RunReading, log: RunLog, { counts, ...walk }: Defined & { stored: Stored }) {
  const latest = await log.latest();
  const from = readFrom(walk.stored);
  const told = new Set<number>();
  const isRecent = (run: Run) => from === null || !run.isFinished || timeOf(run) >= from.getTime();
  const aside = latest.filter((run) => isRecent(run) && treatmentOf(run, reading, walk.stored) === 'told');
  yield toldRuns(reading, aside, told);
  const reader: Reader = { ...walk, told, totals: (type) => counts.get(type) ?? 0 };
  if (from === null) return yield* firstResults(reading, log, reader);
  // What ends from now on is the next pass's.
  const to = new Date(Math.max(newestTime(latest), from.getTime()));
  yield* laterResults(reading, { from, to }, reader);
}

/** The runs that may have left a catalog which is not stored. */
function withCatalog(reading: RunReading, runs: readonly Run[], stored: Stored): Run[] {
  const from = readFrom(stored)?.getTime() ?? Number.NEGATIVE_INFINITY;
  return runs.filter(
    (run) =>
      tellsState(run, reading) &&
      run.hasArtifacts !== false &&
      timeOf(run) >= from &&
      !stored.completeRuns.has(String(run.id)),
  );
}

/**
 * The state of the environment: its catalog first and then its nodes, so that both are there when the store writes a
 * node; then the results of its runs.
 */
export async function* statePages(reading: RunReading, stored: Stored): AsyncGenerator<Page> {
  const { api, accountId, environmentId, signal } = reading;
  const log = runLog(runsNewestFirst(api, { accountId, environmentId }, signal));
  const latest = await log.latest();
  if (latest.length === 0) throw await withoutRuns(reading);
  yield await environmentPage(reading, latest);
  yield* newestCatalog(reading, withCatalog(reading, latest, stored));
  const defined: Defined = { inventory: createInventory(), counts: new Map(), invocations: new Set() };
  yield* manifestOf(reading, log, defined);
  yield* resultsOf(reading, log, { ...defined, stored });
  yield { ...EMPTY_PAGE, rejects: log.rejects };
}
