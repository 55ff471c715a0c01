import { setTimeout as delay } from 'node:timers/promises';
import { runTaskList, type TaskList, type WorkerPool } from 'graphile-worker';
import { FatalError } from '../domain/errors.ts';
import type { Logger } from '../log.ts';
import type { Pool } from '../store/pool.ts';
import { putBack, QUEUE_SCHEMA } from '../store/queue.ts';
import { freeJobs, holdWorkerLock, lostWorkers, type WorkerLock } from '../store/worker-lock.ts';
import { queueLogger } from './log.ts';
import { migrateQueue } from './migrate-queue.ts';
import { doJob, type Handlers, type Job } from './tasks.ts';

export interface WorkerOptions {
  /** With room for a session of each job, and some for what is asked beside. */
  readonly pool: Pool;
  readonly handlers: Handlers;
  /** Jobs that are done at once. */
  readonly concurrency: number;
  readonly logger: Logger;
  /** Breaks off the jobs: they go back to the queue as they were. {@link Worker.stop} must follow. */
  readonly signal: AbortSignal;
  /** How often dead workers are looked for, in milliseconds. */
  readonly lookMs?: number;
}

export interface Worker {
  /** Settles, with the reason, when it cannot go on although nobody stopped it: a person must change something. */
  readonly failed: Promise<FatalError>;
  /** Takes no job any more; settles when those that go on have ended and those broken off are back in the queue. */
  stop(): Promise<void>;
}

/** Every task of the queue; a worker takes the jobs of those that it has a handler for. */
const TASKS = ['sync', 'events', 'backfill', 'maintain'] as const;

/** New jobs are told of at once; this often is looked for those whose time has come. */
const POLL_MS = 5_000;
/** A job that waited for another one of its queue is found this long after that one's end. */
const NUDGE_MS = 50;
const LOOK_MS = 30_000;
/** A worker whose session broke takes its lock again within less. */
const PATIENCE_MS = 5_000;
const RESTART_MS = 5_000;

interface Running {
  readonly worker: WorkerPool;
  readonly lock: WorkerLock;
}

/** Does jobs until it is stopped; also when the database is away for a while. */
export function startWorker(options: WorkerOptions): Worker {
  const { pool, lookMs = LOOK_MS } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const interrupted: Job[] = [];
  let running = start(options, interrupted, signal);
  const looking = repeat(lookMs, signal, async () => {
    if (await freeLost(options, lookMs, signal)) nudge(running, signal);
  });

  /** Starts it again whenever it ends by itself, as after an outage that was too long for it. */
  async function supervise(): Promise<FatalError | undefined> {
    while (!signal.aborted) {
      const reason = await endOf(running.worker);
      if (signal.aborted) break;
      options.logger.warn({ reason }, 'worker ended by itself');
      await running.lock.release();
      const failure = await queueIsThere(options, signal);
      if (failure !== undefined) return failure;
      if (!signal.aborted) running = start(options, interrupted, signal);
    }
    return undefined;
  }

  const supervising = supervise();
  return {
    failed: supervising.then((failure) => failure ?? new Promise<never>(() => {})),
    stop: async () => {
      stopping.abort();
      await Promise.resolve(running.worker.gracefulShutdown()).catch(() => undefined);
      await running.lock.release();
      await Promise.all([looking, supervising]);
      const jobs = interrupted.map(({ id, attempts }) => ({ id, attempts: attempts - 1 }));
      if (jobs.length > 0) await putBack(pool, jobs).catch(() => undefined);
    },
  };
}

/** Why a worker ended, if it says so. */
function endOf({ promise }: WorkerPool): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : undefined),
  );
}

/**
 * Waits until there is a queue that this version knows, or the signal aborts; gives the error when there will be none. A
 * newer version may have changed it, for which the library ends the workers of an older one.
 */
async function queueIsThere({ pool, logger }: WorkerOptions, signal: AbortSignal): Promise<FatalError | undefined> {
  while (!signal.aborted) {
    try {
      await delay(RESTART_MS, undefined, { signal });
      await migrateQueue(pool, logger);
      return undefined;
    } catch (error) {
      if (error instanceof FatalError) return error;
    }
  }
  return undefined;
}

function start(options: WorkerOptions, interrupted: Job[], stopping: AbortSignal): Running {
  const { pool, concurrency, logger } = options;
  let onReady = () => {};
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
    stopping.addEventListener('abort', onReady, { once: true });
  });
  const lookSoon = () => setTimeout(() => nudge({ worker }, stopping), NUDGE_MS);
  const worker = runTaskList(
    {
      schema: QUEUE_SCHEMA,
      concurrency,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      logger: queueLogger(logger),
      preset: {
        // What a batch cannot write is tried again until the database is back.
        worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
        // A job of a worker without a lock would be taken for that of a dead one.
        plugins: [{ name: 'worker-lock', version: '1', worker: { hooks: { startWorker: () => ready } } }],
      },
    },
    tasksOf(options, { interrupted, lookSoon }),
    pool,
  );
  const lock = holdWorkerLock(pool, worker.id);
  void lock.held.then(onReady);
  return { worker, lock };
}

interface Around {
  readonly interrupted: Job[];
  /** A job that waits for the end of this one is not told of. */
  readonly lookSoon: () => unknown;
}

function tasksOf({ pool, handlers, logger, signal }: WorkerOptions, { interrupted, lookSoon }: Around): TaskList {
  const onInterrupted = (job: Job) => void interrupted.push(job);
  const options = { pool, handlers, logger, signal, onInterrupted };
  const known = TASKS.filter((task) => handlers[task] !== undefined);
  const entries = known.map((task) => [
    task,
    (_: unknown, { job }: { readonly job: Job }) => doJob(task, job, options).finally(lookSoon),
  ]);
  return Object.fromEntries(entries) as TaskList;
}

function nudge({ worker }: Pick<Running, 'worker'>, stopping: AbortSignal): void {
  try {
    if (!stopping.aborted) worker.nudge(1);
  } catch {
    // It has just ended by itself, and the next one looks for jobs anyway.
  }
}

async function repeat(everyMs: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work();
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Frees what dead workers hold, and says whether they held anything. Whoever is seen dead twice is: a session that broke is taken again meanwhile. */
async function freeLost({ pool, logger }: WorkerOptions, lookMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    const seen = await lostWorkers(pool);
    if (seen.length === 0) return false;
    await delay(Math.min(PATIENCE_MS, lookMs), undefined, { signal });
    const lost = (await lostWorkers(pool)).filter((worker) => seen.includes(worker));
    if (lost.length === 0) return false;
    await freeJobs(pool, lost);
    logger.warn({ workers: lost }, 'jobs of dead workers are free again');
    return true;
  } catch {
    // The database is away, or we stop: the next look tells the same.
    return false;
  }
}
