import { z } from 'zod';
import { BusyError, FatalError, NothingYetError } from '../domain/errors.ts';
import type { Logger } from '../log.ts';
import { storable } from '../store/copy-text.ts';
import type { Pool } from '../store/pool.ts';
import { addJobs, forgetFailed, giveUp, type JobRequest } from '../store/queue.ts';
import type { Payloads, TaskName } from './requests.ts';

const integration = z.string().min(1);
const payloads = {
  sync: z.object({ integration, reason: z.string(), tick: z.iso.datetime().optional() }),
  events: z.object({ integration }),
  backfill: z.object({ integration, from: z.iso.datetime(), to: z.iso.datetime() }),
  maintain: z.object({}),
} as const;

/** What goes on around a job. */
export interface JobContext {
  /** Aborts when the worker stops: the job goes back to the queue. */
  readonly signal: AbortSignal;
  /** Says of each line which job it is of. */
  readonly logger: Logger;
}

type Handler<Name extends TaskName> = (payload: Payloads[Name], context: JobContext) => Promise<void>;

/**
 * What is done for each job. A FatalError ends a job for good, for it fails again until a person changes something, and
 * so does a NothingYetError that of a sync, for the next one that is due is soon enough; a BusyError lets it try again soon, which does not count; after any other error it is tried again, each time later.
 */
export type Handlers = { readonly [Name in TaskName]?: Handler<Name> };

/** A job as the queue gives it. */
export interface Job {
  readonly id: string;
  readonly key: string | null;
  readonly payload: unknown;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly priority: number;
}

export interface TaskOptions {
  readonly pool: Pool;
  readonly handlers: Handlers;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Hears of jobs that are broken off. */
  readonly onInterrupted: (job: Job) => void;
}

/** What one who finds another pass going on waits until it looks again. */
const BUSY_S = 5;
/** Errors are kept by the queue, and shown. */
const LONGEST_ERROR = 2_000;

function textOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return storable(message).slice(0, LONGEST_ERROR) || 'unknown error';
}

/** The queue of a task's jobs for what its payload names, as it was asked for. */
const queueOf = (task: TaskName, payload: { readonly integration?: string }) =>
  payload.integration === undefined ? null : `${task}:${payload.integration}`;

/** Does one job, and tells the queue by what it throws what is to become of it. */
export async function doJob<Name extends TaskName>(task: Name, job: Job, options: TaskOptions): Promise<void> {
  const { pool, handlers, signal } = options;
  const logger = options.logger.child({ job_id: job.id, task });
  try {
    const payload = payloadOf(task, job.payload);
    const handler = handlers[task];
    if (handler === undefined) throw new FatalError(`Nobody here does the task "${task}".`);
    signal.throwIfAborted();
    const queue = queueOf(task, payload);
    const isDone = await doUnlessBusy(() => handler(payload, { signal, logger }));
    if (!isDone) await askAgain(job, { task, payload, queue }, { pool, logger });
    // What is left there only tells of failures: the job itself is done.
    else if (queue !== null) await forgetFailed(pool, queue, job.id).catch(() => undefined);
  } catch (error) {
    await failed(job, error, { ...options, logger, isSync: task === 'sync' });
  }
}

async function doUnlessBusy(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof BusyError) return false;
    throw error;
  }
}

function payloadOf<Name extends TaskName>(task: Name, payload: unknown): Payloads[Name] {
  const read = payloads[task].safeParse(payload);
  if (read.success) return read.data as Payloads[Name];
  throw new FatalError(`A job of the queue cannot be read: ${z.prettifyError(read.error).replaceAll('\n', ' ')}.`);
}

async function askAgain(
  { key, priority, max_attempts: maxAttempts }: Job,
  asked: Pick<JobRequest, 'task' | 'payload' | 'queue'>,
  { pool, logger }: Pick<TaskOptions, 'pool' | 'logger'>,
): Promise<void> {
  await addJobs(pool, [{ ...asked, key: key ?? asked.task, delayS: BUSY_S, maxAttempts, priority }]);
  logger.info({ again_in_s: BUSY_S }, 'another process is syncing');
}

interface Failing extends TaskOptions {
  /** What an event told of must appear; what a sync did not find it looks for when it is due again. */
  readonly isSync: boolean;
}

async function failed(job: Job, error: unknown, options: Failing): Promise<never> {
  const { pool, logger, signal, onInterrupted, isSync } = options;
  const message = textOf(error);
  if (signal.aborted) onInterrupted(job);
  else if (error instanceof FatalError) {
    logger.error({ error: message }, 'job failed for good');
    await giveUp(pool, job.id).catch(() => undefined);
  } else if (isSync && error instanceof NothingYetError) {
    logger.warn({ error: message }, 'nothing is there yet');
    await giveUp(pool, job.id).catch(() => undefined);
  } else {
    const left = job.max_attempts - job.attempts;
    logger.warn({ error: message, attempt: job.attempts, attempts_left: left }, 'job failed');
  }
  throw new Error(message, { cause: error });
}
