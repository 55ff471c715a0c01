import { expect, it, onTestFinished, vi } from 'vitest';
import { differences } from '../faults/stores.ts';
import { query } from '../store/database.ts';
import { command } from './backfill-command.ts';
import { idle } from './serve-scene.ts';
import { BEGIN, simulatedRuns } from './simulated-runs.ts';
import { integrationAt, sceneOf } from './simulated-scene.ts';
import { storedLines } from './simulated-store.ts';
import { ended, truthOf } from './simulated-truth.ts';

const RUNS = simulatedRuns({ seed: 6, runs: 60 });

it('a backfill that is left to the workers takes every run, week by week', { timeout: 60_000 }, async () => {
  const scene = await sceneOf(RUNS);
  const { app, databaseUrl, service } = scene;
  const from = new Date(BEGIN / 1_000 - 1).toISOString().slice(0, 19);
  const { code, out, err } = await command(scene, '--from', from, '--to', '2026-06-01', '--enqueue');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const [, jobs = ''] = /^shop: (\d+) jobs wait for a worker of serve; /.exec(out) ?? [];
  const queue = 'select count(*)::integer as jobs, count(distinct queue_name)::integer as queues from dbt_queue.jobs';
  expect(await query(databaseUrl, queue)).toEqual([{ jobs: Number(jobs), queues: 1 }]);
  expect(await query(databaseUrl, 'select from dbt.runs')).toEqual([]);

  const stop = new AbortController();
  const integrations = [integrationAt(service.url)];
  const worker = await app.queue.startWorker({ integrations, concurrency: 2, signal: stop.signal });
  onTestFinished(() => worker.stop());
  await idle(databaseUrl, 45_000);
  await vi.waitFor(async () => expect(differences(await storedLines(databaseUrl), truthOf(ended(RUNS)))).toEqual([]));
});

it.each([['--job', '3'], ['--dry-run'], ['--retry-missing']])('the workers cannot be told %s', async (...flags) => {
  const { code, err } = await command(await sceneOf([]), '--all', '--enqueue', ...flags);
  expect(code).toBe(2);
  expect(err).toMatch(/^error: option '--enqueue' cannot be used with option .+\n$/);
});
