import { describe, expect, it } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { ACCOUNT, build, CI, DAILY, manifest, model, PRODUCTION, PROJECT, runId, STAGING } from './mini-history.ts';
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
    { query: `?id__gt=${runId(1)}&order_by=id`, found: [2] },
    { query: `?environment_id=${PRODUCTION}&project_id=${PROJECT}`, found: [1, 2] },
    { query: `?environment_id=${STAGING}`, found: [] },
    { query: '?state=all', found: [1, 2] },
    { query: '?finished_at__range=["2026-01-02T00:00:00","2026-01-03T00:00:00"]', found: [2] },
    { query: '?finished_at__range=["2026-01-01T06:30:01","2026-01-03T00:00:00"]', found: [2] },
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

  it('looks at the day alone in a range that is written with an offset', async () => {
    await two();
    const range = encodeURIComponent('["2026-01-01T06:30:01+00:00","2026-01-03T00:00:00+00:00"]');
    expect(ids((await call(`${runs}?finished_at__range=${range}`)).body)).toEqual([1, 2].map(runId));
  });

  it.each(['?limit=ten', '?status__in=10', '?finished_at__range=2026-01-01'])('refuses "%s"', async (query) => {
    await two();
    const { status, body } = await call(`${runs}${query}`);
    expect([status, body.status.is_success, body.status.code]).toEqual([400, false, 400]);
  });

  it('has no end of a run that goes on, and no start of one that waits', async () => {
    await given({ day: 1, status: 3, steps: [] }, { day: 2, status: 1, steps: [] });
    const { body } = await call(`${runs}?order_by=id`);
    expect(body.data).toMatchObject([
      { status_humanized: 'Running', is_complete: false, finished_at: null, run_duration: '00:00:00' },
      { status_humanized: 'Queued', in_progress: true, started_at: null, finished_at: null },
    ]);
    expect(body.data[0].started_at).toBe('2026-01-01 06:00:00.123000+00:00');
    expect(ids((await call(`${runs}?order_by=-finished_at`)).body)).toEqual([]);
  });

  it('tells of a check its pull request and the schema it built into', async () => {
    await given({ ...build(1, ['a']), job: CI, cause: 'ci' });
    const { body } = await call(`${runs}${runId(1)}/?include_related=trigger,job`);
    expect(body.data.trigger).toMatchObject({
      cause_category: 'ci',
      github_pull_request_id: 1,
      schema_override: `dbt_cloud_pr_${CI}_1`,
    });
    expect(body.data.job.job_type).toBe('ci');
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

  it('gives a step by its own id, with its logs', async () => {
    await two();
    const { body } = await call(`${runs}${runId(2)}/?include_related=run_steps`);
    const [{ id, logs, debug_logs }] = body.data.run_steps;
    expect([logs, debug_logs]).toEqual([expect.stringContaining('dbt build'), null]);
    const step = await call(`/api/v2/accounts/${ACCOUNT}/steps/${id}/`);
    expect(step.body.data).toMatchObject({ index: 4, run_id: runId(2), status_humanized: 'Success' });
  });

  it('lists the accounts of the token and the projects of an account', async () => {
    await two();
    const accounts = await call('/api/v2/accounts/');
    expect(accounts.body.data).toMatchObject([{ id: ACCOUNT, name: 'Demo' }]);
    const projects = await call(`/api/v3/accounts/${ACCOUNT}/projects/`);
    expect(projects.body.data).toMatchObject([{ id: PROJECT, name: 'shop' }]);
    expect((await call(`/api/v3/accounts/${ACCOUNT}/projects/${PROJECT}/`)).body.data.name).toBe('shop');
  });

  it('lists the environments of a project by their deployment type', async () => {
    await two();
    const path = `/api/v3/accounts/${ACCOUNT}/projects/${PROJECT}/environments/`;
    expect(ids((await call(`${path}?deployment_type=production`)).body)).toEqual([PRODUCTION]);
    expect(ids((await call(`/api/v2/accounts/${ACCOUNT}/environments/?project_id=1`)).body)).toEqual([]);
  });

  it('gives one job and one environment by their ids', async () => {
    await two();
    const job = await call(`/api/v2/accounts/${ACCOUNT}/jobs/${DAILY}/`);
    expect(job.body.data).toMatchObject({ name: 'Daily build', state: 1, deactivated: false });
    const environment = await call(`/api/v2/accounts/${ACCOUNT}/environments/${STAGING}/`);
    expect(environment.body.data).toMatchObject({ name: 'Staging', project_id: PROJECT });
  });

  it.each([
    `/api/v2/accounts/1/runs/`,
    `/api/v2/accounts/${ACCOUNT}/jobs/1/`,
    `/api/v2/accounts/${ACCOUNT}/steps/1/`,
    `/api/v3/accounts/${ACCOUNT}/jobs/`,
    `/api/v3/accounts/${ACCOUNT}/projects/1/environments/`,
    `/api/v2/accounts/${ACCOUNT}/users/`,
  ])('answers 404 in its envelope for %s', async (path) => {
    await two();
    const { status, body } = await call(path);
    expect([status, body.status.code, body.data]).toEqual([404, 404, null]);
  });

  it('answers 404 with a page where the API is not', async () => {
    const { url } = await two();
    const headers = { authorization: `Bearer ${DEFAULT_TOKEN}` };
    const response = await fetch(`${url}/api/v9/accounts/`, { headers });
    expect([response.status, await response.text()]).toEqual([404, expect.stringMatching(/^<!doctype html>/)]);
  });

  it('lists the jobs and the environments of the account', async () => {
    await two();
    const jobs = await call(`/api/v2/accounts/${ACCOUNT}/jobs/`);
    expect(jobs.body.data.map(({ job_type }: { job_type: string }) => job_type)).toEqual(['scheduled', 'ci']);
    const found = await call(`/api/v2/accounts/${ACCOUNT}/environments/`);
    expect(found.body.data[0]).toMatchObject({ id: PRODUCTION, type: 'deployment', deployment_type: 'production' });
  });
});
