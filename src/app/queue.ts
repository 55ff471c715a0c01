import type { IntegrationConfig } from '../config/types.ts';
import type { Logger } from '../log.ts';
import { createRequests, type Requests } from '../queue/requests.ts';
import type { Worker } from '../queue/worker.ts';
import { type TickRow, tickRows } from '../store/claimed-ticks.ts';
import { noteIntegrations } from '../store/integration.ts';
import type { Pool } from '../store/pool.ts';
import { tidyQueue } from '../store/queue.ts';
import { hasQueue, queuedJobs } from '../store/read/queue.ts';
import { type JobParts, jobHandlers } from './jobs.ts';

export interface QueueParts extends Pick<JobParts, 'now'> {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly syncOne: (integration: IntegrationConfig, options: SyncJob) => ReturnType<JobParts['syncOne']>;
  readonly backfillOne: JobParts['backfillOne'];
}

type SyncJob = Parameters<JobParts['syncOne']>[1] & { readonly full: boolean; readonly dryRun: boolean };

export interface WorkerParts extends Pick<JobParts, 'integrations' | 'handleEvents' | 'maintain'> {
  /** Jobs that are done at once. */
  readonly concurrency: number;
  /** Breaks off the jobs. {@link Worker.stop} must follow. */
  readonly signal: AbortSignal;
  /** How often dead workers are looked for, in milliseconds. */
  readonly lookMs?: number | undefined;
}

/** The queue of an app. Its library is loaded by whoever makes the queue or works for it, and by nobody else. */
export interface AppQueue extends Requests {
  readonly now: () => Date;
  /** Makes the queue, or brings it to this version; nothing can be asked for before. The store must be at this version. */
  migrate(): Promise<void>;
  /** Notes that these integrations are there: from now on one that never succeeds is late. */
  note(names: readonly string[]): Promise<void>;
  /** What is stored of the schedules of these integrations. */
  rows(names: readonly string[]): Promise<TickRow[]>;
  startWorker(parts: WorkerParts): Promise<Worker>;
  /** How many jobs there are, by their state. */
  depth(): Promise<{ readonly [state: string]: number }>;
  /** What is wrong with the queue, in one sentence; null when it can be used. */
  problem(): Promise<string | null>;
}

const STATES = ['waiting', 'running', 'retrying', 'failed', 'orphaned'] as const;

async function depthOf(pool: Pool): Promise<{ readonly [state: string]: number }> {
  const jobs = (await queuedJobs(pool)) ?? [];
  return Object.fromEntries(STATES.map((state) => [state, jobs.filter((job) => job.state === state).length]));
}

async function problemOf(pool: Pool): Promise<string | null> {
  return (await hasQueue(pool)) ? null : 'The job queue is not there, or this user may not see it: run migrate.';
}

export function openQueue({ pool, logger, now, syncOne, backfillOne }: QueueParts): AppQueue {
  const rows: AppQueue['rows'] = (names) => tickRows(pool, names);
  return {
    ...createRequests(pool),
    now,
    migrate: async () => {
      const { migrateQueue } = await import('../queue/migrate-queue.ts');
      await migrateQueue(pool, logger);
    },
    note: (names) => noteIntegrations(pool, names),
    rows,
    depth: () => depthOf(pool),
    problem: () => problemOf(pool),
    startWorker: async ({ integrations, handleEvents, maintain, concurrency, signal, lookMs }) => {
      const { startWorker } = await import('../queue/worker.ts');
      const handlers = jobHandlers({
        integrations,
        now,
        syncOne: (integration, job) => syncOne(integration, { full: false, dryRun: false, ...job }),
        backfillOne,
        succeeded: async (name) => (await rows([name]))[0]?.succeeded ?? null,
        handleEvents,
        maintain: async (context) => {
          await tidyQueue(pool);
          await maintain?.(context);
        },
      });
      return startWorker({ pool, handlers, concurrency, logger, signal, ...(lookMs !== undefined && { lookMs }) });
    },
  };
}
