import { EventEmitter, once } from 'node:events';
import { runTaskList } from 'graphile-worker';
import { createLogger } from '../src/log.ts';
import { queueLogger } from '../src/queue/log.ts';
import { migrateQueue } from '../src/queue/migrate-queue.ts';
import { createRequests } from '../src/queue/requests.ts';
import { startWorker } from '../src/queue/worker.ts';
import { createPool } from '../src/store/pool.ts';

/** Jobs that do nothing: those of the library alone, or of our worker, each of which has a queue of its own. */
export interface QueueTask {
  readonly databaseUrl: string;
  readonly jobs: number;
  readonly concurrency: number;
  readonly isOurs: boolean;
}

async function measure({ databaseUrl, jobs, concurrency, isOurs }: QueueTask): Promise<number> {
  const pool = createPool(databaseUrl, concurrency + 6);
  const logger = createLogger({ level: 'error', format: 'json', write: (line) => void process.stderr.write(line) });
  await migrateQueue(pool, logger);
  if (isOurs) {
    const now = new Date();
    const ticks = Array.from({ length: jobs }, (_, index) => ({ integration: `i-${index}`, tick: now, delayS: 0 }));
    await createRequests(pool).requestDue(ticks, now);
  } else {
    await pool.query("select dbt_queue.add_job('sync', '{}') from generate_series(1, $1)", [jobs]);
  }
  const done = new EventEmitter();
  let left = jobs;
  const sync = async () => {
    if (--left === 0) done.emit('all');
  };
  const all = once(done, 'all');
  const started = performance.now();
  if (isOurs) {
    startWorker({ pool, handlers: { sync }, concurrency, logger, signal: new AbortController().signal });
  } else {
    const options = { schema: 'dbt_queue', concurrency, noHandleSignals: true, logger: queueLogger(logger) };
    // It is a promise of its own end.
    void runTaskList(options, { sync }, pool);
  }
  await all;
  return (jobs / (performance.now() - started)) * 1_000;
}

const perSecond = await measure(JSON.parse(process.argv[2] ?? '') as QueueTask);
process.send?.(perSecond, () => process.exit());
