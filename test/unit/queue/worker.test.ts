import { describe, expect, it, vi } from 'vitest';
import { BusyError, FatalError, NothingYetError, SyncError } from '../../../src/domain/errors.ts';
import { holdWorkerLock } from '../../../src/store/worker-lock.ts';
import { query } from '../../store/database.ts';
import { latch, type QueueScene, queueScene } from './queue-scene.ts';

const SOON = { timeout: 10_000, interval: 20 };

async function settled({ jobs }: QueueScene) {
  await vi.waitFor(async () => expect((await jobs()).filter(({ locked_by: by }) => by !== null)).toEqual([]), SOON);
  return jobs();
}

/** Lets the queue fail a job once, and gives what became of it. */
async function failedWith(scene: QueueScene, error: Error) {
  const sync = vi.fn(async () => {
    throw error;
  });
  scene.work({ sync });
  await scene.requests.requestSync('shop', 'webhook');
  await vi.waitFor(() => expect(sync).toHaveBeenCalled(), SOON);
  return settled(scene);
}

describe('a job that fails', () => {
  it('is tried again later', async () => {
    const scene = await queueScene();
    const [job] = await failedWith(scene, new SyncError('The API is down.'));
    expect(job).toMatchObject({ key: 'sync:shop', attempts: 1, max_attempts: 10, last_error: 'The API is down.' });
    expect(job?.in_s).toBeGreaterThan(0);
    expect(scene.lines).toContainEqual(expect.objectContaining({ msg: 'job failed', error: 'The API is down.' }));
  });

  it('because a person must change something is not tried again, and stays to be seen', async () => {
    const scene = await queueScene();
    const [job] = await failedWith(scene, new FatalError('The token is wrong.'));
    expect(job).toMatchObject({ queue_name: 'sync:shop', key: null, last_error: 'The token is wrong.' });
    expect(job?.attempts).toBe(job?.max_attempts);
  });

  it('because nothing was built yet is not tried again before somebody asks', async () => {
    const scene = await queueScene();
    const [job] = await failedWith(scene, new NothingYetError('Nothing was built.'));
    expect(job).toMatchObject({ key: null, last_error: 'Nothing was built.' });
    expect(job?.attempts).toBe(job?.max_attempts);
  });

  it('is forgotten once a later one succeeds', async () => {
    const scene = await queueScene();
    const sync = vi.fn(async () => {}).mockRejectedValueOnce(new FatalError('The token is wrong.'));
    scene.work({ sync });
    await scene.requests.requestSync('shop', 'webhook');
    await vi.waitFor(async () => expect((await scene.jobs())[0]?.last_error).toBe('The token is wrong.'), SOON);
    await scene.requests.requestSync('shop', 'webhook');
    await vi.waitFor(async () => expect(await scene.jobs()).toEqual([]), SOON);
    expect(sync).toHaveBeenCalledTimes(2);
  });

  it('because another process is syncing is tried again soon, which does not count', async () => {
    const scene = await queueScene();
    const [job, ...others] = await failedWith(scene, new BusyError('Another process is syncing.'));
    expect(others).toEqual([]);
    expect(job).toMatchObject({ key: 'sync:shop', attempts: 0, last_error: null });
    expect(job?.in_s).toBeGreaterThan(0);
    expect(job?.in_s).toBeLessThan(6);
  });

  it('may say anything, and what the database cannot store is replaced', async () => {
    const [job] = await failedWith(await queueScene(), new SyncError(`a\0b\ud800${'c'.repeat(5_000)}`));
    expect(job?.last_error).toMatch(/^a\ufffdb\ufffdc+$/);
    expect(job?.last_error).toHaveLength(2_000);
  });
});

it('a job that cannot be read is not tried again, and says what is wrong with it', async () => {
  const scene = await queueScene();
  const sync = vi.fn(async () => {});
  scene.work({ sync });
  await query(
    scene.url,
    `select dbt_queue.add_job('sync', '{"integration": 3}', queue_name => 'sync:shop', job_key => 'x')`,
  );
  await vi.waitFor(
    async () => expect((await scene.jobs())[0]?.last_error).toMatch(/^A job of the queue cannot be read: .+/),
    SOON,
  );
  const [job] = await settled(scene);
  expect(job?.attempts).toBe(job?.max_attempts);
  expect(sync).not.toHaveBeenCalled();
});

describe('a worker that is stopped', () => {
  it('puts what it breaks off back as it was, for another one', async () => {
    const scene = await queueScene();
    const began = latch();
    const worker = scene.work({
      sync: async (_, { signal }) => {
        began.open();
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    await scene.requests.requestSync('shop', 'webhook');
    await began.opened;
    await worker.interrupt();
    expect(await scene.jobs()).toEqual([expect.objectContaining({ key: 'sync:shop', attempts: 0, locked_by: null })]);
    expect((await scene.jobs())[0]?.in_s).toBeLessThanOrEqual(0);
    const sync = vi.fn(async () => {});
    scene.work({ sync });
    await vi.waitFor(async () => expect(await scene.jobs()).toEqual([]), SOON);
    expect(sync).toHaveBeenCalledTimes(1);
  });

  it('lets what ends in spite of it end', async () => {
    const scene = await queueScene();
    const [began, end] = [latch(), latch()];
    const worker = scene.work({
      sync: async () => {
        began.open();
        await end.opened;
      },
    });
    await scene.requests.requestSync('shop', 'webhook');
    await began.opened;
    const stopped = worker.stop();
    end.open();
    await stopped;
    expect(await scene.jobs()).toEqual([]);
  });
});

describe('a job that a worker holds', () => {
  /** A job that somebody took and does not give back. */
  async function taken(worker: string): Promise<QueueScene> {
    const scene = await queueScene();
    await scene.requests.requestSync('shop', 'webhook');
    await query(scene.url, 'update dbt_queue._private_jobs set locked_by = $1, locked_at = now(), attempts = 1', [
      worker,
    ]);
    await query(scene.url, 'update dbt_queue._private_job_queues set locked_by = $1, locked_at = now()', [worker]);
    return scene;
  }

  it('is done by another one when the worker is dead', async () => {
    const scene = await taken('dead');
    const sync = vi.fn(async () => {});
    scene.work({ sync }, { lookMs: 100 });
    await vi.waitFor(async () => expect(await scene.jobs()).toEqual([]), SOON);
    expect(sync).toHaveBeenCalledTimes(1);
    expect(scene.lines).toContainEqual(
      expect.objectContaining({ msg: 'jobs of dead workers are free again', workers: ['dead'] }),
    );
  });

  it('is left to it while it lives, also when its session was lost for a moment', async () => {
    const scene = await taken('alive');
    const lock = holdWorkerLock(scene.pool, 'alive');
    await lock.held;
    const sync = vi.fn(async () => {});
    scene.work({ sync, maintain: async () => {} }, { lookMs: 1_500 });
    const cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dbt-observer worker'";
    await query(scene.url, cut);
    await vi.waitFor(async () => expect(await workerLocks(scene)).toBe(2), SOON);
    await scene.requests.requestMaintenance();
    await vi.waitFor(async () => expect(await scene.jobs()).toHaveLength(1), SOON);
    expect(await scene.jobs()).toEqual([expect.objectContaining({ locked_by: 'alive' })]);
    expect(sync).not.toHaveBeenCalled();
    await lock.release();
  });
});

it('a worker goes on after every session was cut', async () => {
  const scene = await queueScene();
  const sync = vi.fn(async () => {});
  scene.work({ sync });
  await vi.waitFor(async () => expect(await workerLocks(scene)).toBe(1), SOON);
  await query(
    scene.url,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  // A connection of the pool may not have noticed yet.
  await vi.waitFor(() => scene.requests.requestSync('shop', 'webhook'), SOON);
  // It looks for jobs again after a pause of its own, and a busy machine takes its time.
  await vi.waitFor(async () => expect(await scene.jobs()).toEqual([]), { timeout: 60_000 });
  await vi.waitFor(async () => expect(await workerLocks(scene)).toBe(1), SOON);
}, 90_000);

it('a worker ends with the reason when a newer version changes the queue', async () => {
  const scene = await queueScene();
  const worker = scene.work({ sync: async () => {} });
  await vi.waitFor(async () => expect(await workerLocks(scene)).toBe(1), SOON);
  const { exitCode } = process;
  await query(scene.url, 'insert into dbt_queue.migrations (id, breaking) values (9999, true)');
  await query(scene.url, `notify "worker:migrate", '{"migrationNumber": 9999, "breaking": true}'`);
  expect((await worker.failed).message).toMatch(/^The queue in this database was migrated by a newer dbt-observer/);
  // The library would have it its way.
  process.exitCode = exitCode;
});

async function workerLocks({ url }: QueueScene): Promise<number> {
  const [row] = await query<{ locks: number }>(
    url,
    `select count(*)::integer as locks from pg_locks where locktype = 'advisory' and classid = ${0x6462_7477} and granted
      and database = (select oid from pg_database where datname = current_database())`,
  );
  return row?.locks ?? 0;
}
