import { expect, it, onTestFinished, vi } from 'vitest';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';
import { type QueuedJob, queuedJobs } from '../../../src/store/read/queue.ts';
import type { Reader } from '../../../src/store/read/snapshot.ts';
import { query } from '../../store/database.ts';
import { latch, type QueueScene, queueScene } from './queue-scene.ts';

const SOON = { timeout: 10_000, interval: 20 };

/** What a reader sees of the queue, also one in another role. */
async function seen({ pool }: QueueScene, role?: string): Promise<QueuedJob[] | undefined> {
  const client = await pool.connect();
  const reader: Reader = { query: (text, values = []) => client.query(text, [...values]) };
  try {
    if (role !== undefined) await client.query(`set role ${role}`);
    return await queuedJobs(reader);
  } finally {
    client.release(true);
  }
}

it('tells what waits, goes on, is tried again, and has failed for good', async () => {
  const scene = await queueScene();
  const end = latch();
  const sync = async ({ integration }: { integration: string }) => {
    if (integration === 'wrong') throw new FatalError('The token is wrong.');
    if (integration === 'down') throw new SyncError('The API is down.');
    await end.opened;
  };
  scene.work({ sync });
  onTestFinished(end.open);
  const { requestSync, requestDue } = scene.requests;
  for (const name of ['wrong', 'down', 'busy']) await requestSync(name, 'webhook');
  await requestDue([{ integration: 'later', tick: new Date(), delayS: 600 }], new Date());
  const states = async () => {
    const jobs = (await seen(scene)) ?? [];
    return Object.fromEntries(jobs.map(({ integration, state, last_error: error }) => [integration, [state, error]]));
  };
  await vi.waitFor(
    async () =>
      expect(await states()).toEqual({
        wrong: ['failed', 'The token is wrong.'],
        down: ['retrying', 'The API is down.'],
        busy: ['running', null],
        later: ['waiting', null],
      }),
    SOON,
  );
});

it('tells that the worker of a job is dead', async () => {
  const scene = await queueScene();
  await scene.requests.requestSync('shop', 'webhook');
  await query(scene.url, "update dbt_queue._private_jobs set locked_by = 'dead', locked_at = now(), attempts = 1");
  expect(await seen(scene)).toEqual([expect.objectContaining({ integration: 'shop', state: 'orphaned' })]);
});

it('tells nothing to those who may not see it, nor where there is none', async () => {
  const scene = await queueScene();
  expect(await seen(scene)).toEqual([]);
  expect(await seen(scene, 'dbt_reader')).toBeUndefined();
  await query(scene.url, 'drop schema dbt_queue cascade');
  expect(await seen(scene)).toBeUndefined();
});
