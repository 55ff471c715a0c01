import { describe, expect, it } from 'vitest';
import { ACCOUNT, build, CI, DAILY, manifest, model, PRODUCTION, runId } from './mini-history.ts';
import { call, given } from './mini-platform.ts';

describe('the Admin API', () => {
  const runs = `/api/v2/accounts/${ACCOUNT}/runs/`;
  const two = () =>
    given(build(1, ['a']), {
      day: 2,
      status: 20,
      job: CI,
      steps: [
        { manifest: manifest(2, [model('early')]) },
        { manifest: manifest(2, [model('late')]), run_results: {} },
        {},
      ],
    });
  const ids = (body: { data: { id: number }[] }) => body.data.map(({ id }) => id);

  it.each([
    { query: '', found: [1, 2] },
    { query: '?order_by=-id', found: [2, 1] },
    { query: '?limit=1&offset=1', found: [2] },
    { query: '?status__in=[20,30]', found: [2] },
    { query: `?job_definition_id=${DAILY}`, found: [1] },
    { query: `?id__gt=${runId(1)}`, found: [2] },
    { query: '?finished_at__range=["2026-01-02T00:00:00","2026-01-03T00:00:00"]', found: [2] },
  ])('lists the runs of "$query"', async ({ query, found }) => {
    await two();
    expect(ids((await call(`${runs}${query}`)).body)).toEqual(found.map(runId));
  });

  it('counts the runs behind the page, and writes times and durations in its own way', async () => {
    await two();
    const { body } = await call(`${runs}?limit=1`);
    expect(body.extra.pagination).toEqual({ count: 1, total_count: 2 });
    expect(body.data[0]).toMatchObject({
      status: 10,
      created_at: '2026-01-01 06:00:00.123000+00:00',
      duration: '00:30:00',
      trigger: null,
      run_steps: [],
    });
  });

  it('does not list the runs that have not finished yet', async () => {
    (await two()).advance('mini', 1);
    expect(ids((await call(runs)).body)).toEqual([runId(1)]);
    expect((await call(`${runs}${runId(2)}/`)).status).toBe(404);
  });

  it('gives the steps of a run when they are asked', async () => {
    await two();
    const { body } = await call(`${runs}${runId(2)}/?include_related=trigger,run_steps`);
    expect(body.data.run_steps.map(({ index }: { index: number }) => index)).toEqual([4, 5, 6]);
    expect(body.data.trigger.cause).toBe('scheduled');
    expect((await call(`${runs}${runId(2)}/`)).body.data.run_steps).toEqual([]);
  });

  it.each([
    { query: '', node: 'model.shop.late' },
    { query: '?step=4', node: 'model.shop.early' },
    { query: '?step=5', node: 'model.shop.late' },
  ])('gives the raw manifest of "$query"', async ({ query, node }) => {
    await two();
    const { body } = await call(`${runs}${runId(2)}/artifacts/manifest.json${query}`);
    expect(Object.keys(body.nodes)).toEqual([node]);
  });

  it('lists the artifacts, and answers 404 in an envelope for one that the step did not write', async () => {
    await two();
    expect((await call(`${runs}${runId(2)}/artifacts/`)).body.data).toEqual(['manifest.json', 'run_results.json']);
    const missing = await call(`${runs}${runId(2)}/artifacts/run_results.json?step=4`);
    expect([missing.status, missing.body.status.code]).toEqual([404, 404]);
  });

  it('has null for the artifacts of a run that left none', async () => {
    await given({ day: 1, status: 20, steps: [{}] });
    expect((await call(`${runs}${runId(1)}/artifacts/`)).body.data).toBeNull();
  });

  it('lists the jobs and the environments of the account', async () => {
    await two();
    const jobs = await call(`/api/v2/accounts/${ACCOUNT}/jobs/`);
    expect(jobs.body.data.map(({ job_type }: { job_type: string }) => job_type)).toEqual(['scheduled', 'ci']);
    const found = await call(`/api/v2/accounts/${ACCOUNT}/environments/`);
    expect(found.body.data[0]).toMatchObject({ id: PRODUCTION, type: 'deployment', deployment_type: 'production' });
  });
});
