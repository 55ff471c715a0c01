import type { HistoryRecord, Reject, StoreRecord } from '../domain/records.ts';
import type { RunResults } from '../domain/runs.ts';
import { withoutFuture } from './future.ts';

/** So many records are published together: enough to make a transaction worth it, few enough for memory. */
const FULL_RECORDS = 30_000;
const FULL_RUNS = 500;
/** Whoever waits for the first runs sees them soon, and little is lost when the process is killed. */
const FULL_MS = 5_000;

/** Runs that wait to be published. */
export interface Waiting {
  readonly history: HistoryRecord[];
  readonly records: StoreRecord[];
  readonly rejects: Reject[];
  runs: number;
  readonly since: number;
}

export const nothingWaits = (): Waiting => ({ history: [], records: [], rejects: [], runs: 0, since: Date.now() });

/** What claims to be of the future is rejected, as it is in a sync. */
function checked({ records, rejects, ...rest }: RunResults): RunResults {
  const page = { resourceType: 'model', received: 0, total: 0, incomplete: [], records, rejects } as const;
  return { ...rest, ...withoutFuture()(page, Date.now()) };
}

export function addRun(waiting: Waiting, results: RunResults): void {
  const { history, records, rejects } = checked(results);
  for (const record of history) waiting.history.push(record);
  for (const record of records) waiting.records.push(record);
  for (const reject of rejects) waiting.rejects.push(reject);
  waiting.runs++;
}

/** Whether it is time to publish what waits. */
export function isFull({ records, runs, since }: Waiting): boolean {
  if (runs === 0) return false;
  return records.length >= FULL_RECORDS || runs >= FULL_RUNS || Date.now() - since >= FULL_MS;
}
