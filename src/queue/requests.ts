import { claimTicks, type DueTick } from '../store/claimed-ticks.ts';
import type { Pool } from '../store/pool.ts';
import { addJobs, forgetFailed, type JobRequest } from '../store/queue.ts';
import { hasQueue } from '../store/read/queue.ts';
import { inTransaction } from '../store/transaction.ts';

/** Who wants a sync. */
export type SyncReason = 'schedule' | 'webhook';

/** What the jobs are called, with what each is told. */
export interface Payloads {
  readonly sync: { readonly integration: string; readonly reason: string; readonly tick?: string };
  readonly events: { readonly integration: string };
  readonly backfill: { readonly integration: string; readonly from: string; readonly to: string };
  readonly maintain: object;
}

export type TaskName = keyof Payloads;

/** A tick for which a sync is to be asked. */
export interface DueSync extends DueTick {
  /** So many seconds after now, so that not all begin at once. */
  readonly delayS: number;
}

/** Everything that can be asked of the workers, by whichever process; it waits in the database until one is free. */
export interface Requests {
  /** Asks for a sync now. Ten requests that wait are one, and whoever waits for a later time is brought forward. */
  requestSync(integration: string, reason: SyncReason): Promise<void>;
  /**
   * Asks for a sync for each tick that nobody has claimed; however many processes do this, one asks.
   * @param latest claims that are later than this were made under a wrong clock.
   * @returns the integrations for which it was this call.
   */
  requestDue(ticks: readonly DueSync[], latest: Date): Promise<readonly string[]>;
  /** Asks for the events that an integration received to be handled, all of them by one job. */
  enqueueEvents(integration: string): Promise<void>;
  /** Asks for the runs of a period, in windows that are taken one after the other, the newest first. */
  requestBackfill(integration: string, window: { readonly from: Date; readonly to: Date }): Promise<number>;
  /** Asks for what has to be done now and then. */
  requestMaintenance(): Promise<void>;
  /** A sync succeeded that was no job: those that failed before tell nothing any more. It does not matter if it fails. */
  syncSucceeded(integration: string): Promise<void>;
}

/** With the backoff of the queue (e to the power of the attempt, in seconds) the last one comes after some hours. */
const ATTEMPTS = 10;
const WINDOW_MS = 7 * 86_400_000;
/** dbt keeps runs for a year: whatever is older goes with the oldest window. */
const MOST_WINDOWS = 54;
/** What somebody waits for goes before what is done on time, and that before what may take as long as it likes. */
const PRIORITY = { maintain: -20, events: -10, sync: 0, backfill: 10 } as const;

function job<Name extends TaskName>(task: Name, payload: Payloads[Name], subject: string): JobRequest {
  const name = `${task}:${subject}`;
  return { task, payload, queue: name, key: name, delayS: 0, maxAttempts: ATTEMPTS, priority: PRIORITY[task] };
}

function backfillJobs(integration: string, { from, to }: { from: Date; to: Date }): JobRequest[] {
  const jobs: JobRequest[] = [];
  for (let end = to.getTime(); end > from.getTime(); ) {
    const isLast = jobs.length === MOST_WINDOWS - 1;
    const start = isLast ? from.getTime() : Math.max(from.getTime(), end - WINDOW_MS);
    const window = { from: new Date(start).toJSON(), to: new Date(end).toJSON() };
    const one = job('backfill', { integration, ...window }, integration);
    // A moment apart, for jobs are taken in the order of their times.
    jobs.push({ ...one, key: `${one.key}:${window.from}`, delayS: jobs.length / 1_000 });
    end = start;
  }
  return jobs;
}

/** What can be asked of the workers over this database, in which the queue must have been made. */
export function createRequests(pool: Pool): Requests {
  return {
    requestSync: (integration, reason) => addJobs(pool, [job('sync', { integration, reason }, integration)]),
    requestDue: (ticks, latest) =>
      inTransaction(pool, async (client) => {
        const claimed = await claimTicks(client, ticks, latest);
        const asked = ticks.filter(({ integration }) => claimed.has(integration));
        const jobs = asked.map(({ integration, tick, delayS }) => ({
          ...job('sync', { integration, reason: 'schedule', tick: tick.toJSON() }, integration),
          delayS,
        }));
        if (jobs.length > 0) await addJobs(client, jobs);
        return asked.map(({ integration }) => integration);
      }),
    enqueueEvents: (integration) => addJobs(pool, [job('events', { integration }, integration)]),
    requestBackfill: async (integration, window) => {
      const jobs = backfillJobs(integration, window);
      if (jobs.length > 0) await addJobs(pool, jobs);
      return jobs.length;
    },
    requestMaintenance: () =>
      addJobs(pool, [{ ...job('maintain', {}, ''), key: 'maintain', queue: null, maxAttempts: 3 }]),
    syncSucceeded: async (integration) => {
      try {
        if (await hasQueue(pool)) await forgetFailed(pool, `sync:${integration}`, null);
      } catch {
        // The next success does it.
      }
    },
  };
}
