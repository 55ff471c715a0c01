import { expect, it } from 'vitest';
import { definition, minute, openStore, result, scope, start } from './builders.ts';

const ORDERS = 'model.shop.orders';
const TEST = 'test.shop.unique_orders';
const IDS = 'select environment_id::int, job_id::int, access_url from dbt_store.integration';

it('a mistaken environment can be corrected as long as nothing was stored under the name', async () => {
  const store = await openStore();
  const mistaken = await store.store.begin({ ...scope(), environmentId: 1 }, start());
  await mistaken.fail('failed', 'no such environment', { requests: 1, bytes: 0 });
  await mistaken.release();
  await store.sync([definition(ORDERS)], { scope: { environmentId: 2 } });
  expect(await store.row(IDS)).toMatchObject({ environment_id: 2 });
});

it('a pass that fails leaves what is configured of the integration as it was', async () => {
  const store = await openStore();
  await store.sync([definition(ORDERS)], { scope: { accessUrl: 'https://good.us1.dbt.com' } });
  const before = await store.row(IDS);
  const pass = await store.store.begin({ ...scope(), accessUrl: 'https://evil.example', jobId: 5 }, start());
  await pass.fail('failed', 'no such host', { requests: 1, bytes: 0 });
  await pass.release();
  expect(await store.row(IDS)).toEqual(before);
});

it('account and project are what the API says, before what is configured', async () => {
  const store = await openStore();
  const project = { accountId: 7, projectId: 8, dbtVersion: null };
  await store.sync([definition(ORDERS)], { scope: { accountId: null, projectId: null }, project });
  expect(await store.row('select account_id::int, project_id::int from dbt.integrations')).toEqual({
    account_id: 7,
    project_id: 8,
  });
});

it("narrowed to a job, statuses are that job's alone, also those stored before", async () => {
  const store = await openStore();
  const statuses = () => store.rows('select unique_id, last_run_id, last_job_id::int from dbt.tests order by 1');
  const ran = (run: string, jobId: number, at: number) => result(TEST, { runId: run, jobId, executedAt: minute(at) });
  await store.sync([definition(ORDERS), definition(TEST), ran('1', 10, 1)]);
  await store.sync([definition(ORDERS), definition(TEST), ran('2', 20, 2)]);
  expect(await statuses()).toEqual([{ unique_id: TEST, last_run_id: '2', last_job_id: 20 }]);
  await store.sync([definition(ORDERS), definition(TEST)], { scope: { jobId: 10 } });
  expect(await statuses()).toEqual([{ unique_id: TEST, last_run_id: '1', last_job_id: 10 }]);
  await store.sync([definition(ORDERS), definition(TEST)], { scope: { jobId: 30 } });
  expect(await statuses()).toEqual([{ unique_id: TEST, last_run_id: null, last_job_id: null }]);
  await store.sync([definition(ORDERS), definition(TEST)], { scope: { jobId: null } });
  expect(await statuses()).toEqual([{ unique_id: TEST, last_run_id: '2', last_job_id: 20 }]);
});
