import { onTestFinished } from 'vitest';
import { createLogger } from '../../../src/log.ts';
import { migrateQueue } from '../../../src/queue/migrate-queue.ts';
import { createRequests, type Requests } from '../../../src/queue/requests.ts';
import type { Handlers } from '../../../src/queue/tasks.ts';
import { startWorker, type Worker } from '../../../src/queue/worker.ts';
import { createPool, type Pool } from '../../../src/store/pool.ts';
import { createTestDatabase, query } from '../../store/database.ts';

/** A job as the queue shows it. */
export interface ShownJob extends Record<string, unknown> {
  readonly id: string;
  readonly key: string | null;
  readonly queue_name: string | null;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly last_error: string | null;
  readonly locked_by: string | null;
  /** Seconds from now. */
  readonly in_s: number;
}

export interface TestWorker extends Worker {
  /** Breaks off what it does, and stops it. */
  interrupt(): Promise<void>;
}

/** A database with a queue. */
export interface QueueScene {
  readonly url: string;
  readonly pool: Pool;
  readonly requests: Requests;
  /** What was logged, one object a line. */
  readonly lines: readonly { readonly msg: string; readonly [key: string]: unknown }[];
  work(handlers: Handlers, options?: { concurrency?: number; lookMs?: number }): TestWorker;
  jobs(): Promise<ShownJob[]>;
}

export async function queueScene(): Promise<QueueScene> {
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const pool = createPool(database.url, 20);
  onTestFinished(() => pool.end());
  const lines: { msg: string }[] = [];
  const logger = createLogger({ level: 'info', format: 'json', write: (line) => lines.push(JSON.parse(line)) });
  await migrateQueue(pool, logger);
  const work: QueueScene['work'] = (handlers, { concurrency = 2, lookMs = 30_000 } = {}) => {
    const stop = new AbortController();
    const worker = startWorker({ pool, handlers, concurrency, logger, signal: stop.signal, lookMs });
    let stopping: Promise<void> | undefined;
    const end = () => (stopping ??= worker.stop());
    onTestFinished(end);
    return {
      failed: worker.failed,
      stop: end,
      interrupt: () => {
        stop.abort(new Error('Interrupted.'));
        return end();
      },
    };
  };
  const jobs = () =>
    query<ShownJob>(
      database.url,
      `select id, key, queue_name, attempts, max_attempts, last_error, locked_by,
        extract(epoch from run_at - now())::double precision as in_s
      from dbt_queue.jobs order by id`,
    );
  return { url: database.url, pool, requests: createRequests(pool), lines, work, jobs };
}

/** Something that a test lets happen. */
export interface Latch {
  readonly opened: Promise<void>;
  open(): void;
}

export function latch(): Latch {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
