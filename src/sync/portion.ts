import type { HistoryRecord, Reject, StoreRecord } from '../domain/records.ts';
import type { RunResults } from '../domain/runs.ts';
import type { Backfill, ReadyRun } from '../domain/store.ts';
import { withoutFuture } from './future.ts';

/** So many records are published together: few enough for memory. */
const FULL_RECORDS = 30_000;
/** The first ones soon: what is of their nodes can be made ready then. */
const FIRST_RECORDS = 5_000;
/** So many results that were made ready: enough to make a transaction worth it; fewer where they say much. */
const FULL_RESULTS = 100_000;
const FULL_BYTES = 48 * 1024 * 1024;
const FULL_RUNS = 500;
/** Whoever waits for the first runs sees them soon, and little is lost when the process is killed. */
const FULL_MS = 5_000;

/** Runs that wait to be published. */
export interface Waiting {
  readonly history: HistoryRecord[];
  readonly records: StoreRecord[];
  readonly ready: ReadyRun[];
  readonly rejects: Reject[];
  results: number;
  bytes: number;
  runs: number;
  readonly isFirst: boolean;
  readonly since: number;
}

export const nothingWaits = (isFirst = false): Waiting => ({
  ...{ history: [], records: [], ready: [], rejects: [], isFirst },
  ...{ results: 0, bytes: 0, runs: 0, since: Date.now() },
});

/** What claims to be of the future is rejected, as it is in a sync. */
function checked({ records, rejects, ...rest }: RunResults): RunResults {
  const page = { resourceType: 'model', received: 0, total: 0, incomplete: [], records, rejects } as const;
  return { ...rest, ...withoutFuture()(page, Date.now()) };
}

/** Adds what a run left, its results as the backfill takes them at once if it can. */
export function addRun(waiting: Waiting, results: RunResults, backfill: Backfill): void {
  const { history, records, rejects } = checked(results);
  for (const record of history) waiting.history.push(record);
  for (const reject of rejects) waiting.rejects.push(reject);
  const ready = backfill.ready(records.filter((record) => record.kind === 'result'));
  for (const record of records) if (ready === undefined || record.kind !== 'result') waiting.records.push(record);
  if (ready !== undefined) waiting.ready.push(ready);
  waiting.results += ready?.results ?? 0;
  for (const { byteLength } of ready?.rows ?? []) waiting.bytes += byteLength;
  waiting.runs++;
}

/** Whether it is time to publish what waits. */
export function isFull({ records, results, bytes, runs, isFirst, since }: Waiting): boolean {
  if (runs === 0) return false;
  const isMuch = records.length >= (isFirst ? FIRST_RECORDS : FULL_RECORDS) || runs >= FULL_RUNS;
  return isMuch || results >= FULL_RESULTS || bytes >= FULL_BYTES || Date.now() - since >= FULL_MS;
}
