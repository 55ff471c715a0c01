import { expect, it, onTestFinished } from 'vitest';
import { ENVIRONMENT, JOBS, PROJECT, type SimRun, simulatedRuns } from './simulated-runs.ts';
import { integrationAt } from './simulated-scene.ts';
import { serveRuns } from './simulated-service.ts';
import { eventScene } from './webhook-scene.ts';

const RUNS = simulatedRuns({ runs: 30 });
const isWhole = ({ kind, jobId }: SimRun) => ['build', 'full'].includes(kind) && jobId === JOBS.daily;

const completed = ({ id }: SimRun) => ({
  eventId: `wev_${id}`,
  eventType: 'job.run.completed',
  data: {
    runId: String(id),
    jobId: String(JOBS.daily),
    environmentId: String(ENVIRONMENT),
    projectId: String(PROJECT),
    runStatusCode: 10,
  },
});

/** An environment read through the Admin API alone, as it is one moment before its last whole run ends. */
async function beforeTheEnd() {
  const run = RUNS.findLast(isWhole);
  if (run?.finishedAt == null) throw new Error('There is no such run.');
  const service = await serveRuns(RUNS);
  onTestFinished(service.close);
  service.setClock(run.finishedAt - 1);
  const scene = await eventScene(integrationAt(service.url));
  const looks = () => service.asked.filter((path) => path.startsWith(`runs/${run.id}/?`)).length;
  const standing = () => scene.rows(`select status, results_complete from dbt_store.run where run_id = '${run.id}'`);
  return { ...scene, service, run, looks, standing };
}

it('a run that is told of before it is there is waited for, and then taken', async () => {
  const { keep, handle, outcomes, service, run, looks, standing } = await beforeTheEnd();
  await keep(completed(run));
  const handled = handle({ successMs: 20_000, otherMs: 20_000, firstMs: 10, longestMs: 20 });
  await expect.poll(looks).toBeGreaterThan(2);
  service.setClock(null);
  await handled;
  expect(await standing()).toMatchObject([{ results_complete: true }]);
  expect(await outcomes()).toMatchObject([{ outcome: 'synced', reason: expect.not.stringContaining('in time') }]);
});

it('a run that does not come in time is left to a later sync, and that is said', async () => {
  const { keep, handle, outcomes, run, standing } = await beforeTheEnd();
  await keep(completed(run));
  await handle();
  expect(await standing()).toMatchObject([{ results_complete: false }]);
  expect(await outcomes()).toMatchObject([{ outcome: 'synced', reason: expect.stringContaining('in time') }]);
});
