import { describe, expect, it } from 'vitest';
import { build, CI, DAILY, PRODUCTION, PROJECT, runId, STAGING } from './mini-history.ts';
import { given } from './mini-platform.ts';
import { eventScene, hookScene } from './webhook-scene.ts';
import { integrationOf } from './webhook-scene-integration.ts';

const RUNS = [build(1, ['orders']), build(2, ['orders', 'lines'])];

/** An event of the n-th run, with what is told otherwise. */
const event = (n: number, type: string, { data, ...more }: { readonly [key: string]: unknown } = {}) => ({
  eventId: `wev_${n}_${type}`,
  eventType: `job.run.${type}`,
  data: {
    runId: String(runId(n)),
    jobId: String(DAILY),
    environmentId: String(PRODUCTION),
    projectId: String(PROJECT),
    runReason: 'Kicked off by jo@example.com',
    runStartedAt: '2026-01-01T06:00:00Z',
    ...(type === 'started'
      ? { runStatus: 'Running', runStatusCode: 3 }
      : { runStatus: 'Success', runStatusCode: 10, runFinishedAt: '2026-01-01T06:30:00Z' }),
    ...(data as object | undefined),
  },
  ...more,
});

const RUN_ROWS = 'select run_id, status, finished_at is not null as ended, sets_state from dbt.runs order by run_id';

describe('a run that dbt tells of over HTTP', () => {
  it('leads to its results within seconds of its end', async () => {
    const { platform, rows } = await hookScene(RUNS);
    platform.advance('mini', 1);
    expect(await platform.deliver('mini', 1, 'job.run.completed')).toEqual(['200']);
    const results = () => rows(`select unique_id, status from dbt.run_results where run_id = '${runId(1)}'`);
    await expect.poll(results, { timeout: 3_000 }).toEqual([{ unique_id: 'model.shop.orders', status: 'success' }]);
    platform.advance('mini', 2);
    await platform.deliver('mini', 2, 'job.run.completed');
    const names = () => rows(`select name from dbt.run_results where run_id = '${runId(2)}' order by name`);
    await expect.poll(names, { timeout: 3_000 }).toEqual([{ name: 'lines' }, { name: 'orders' }]);
  });

  it('is a row when it starts, before there is anything else', async () => {
    const { platform, rows } = await hookScene(RUNS);
    platform.advance('mini', 0);
    await platform.deliver('mini', 1, 'job.run.started');
    await expect
      .poll(() => rows(RUN_ROWS))
      .toEqual([{ run_id: String(runId(1)), status: 'running', ended: false, sets_state: true }]);
    expect(await rows('select outcome from dbt.sync_runs')).toEqual([]);
  });

  it('is counted', async () => {
    const { platform, metrics, rows } = await hookScene(RUNS);
    await platform.deliver('mini', 1, 'job.run.completed');
    await expect.poll(() => rows('select outcome from dbt_store.webhook_event')).toEqual([{ outcome: 'synced' }]);
    const text = await metrics.text();
    expect(text).toContain('dbt_observer_webhook_events_total{outcome="synced"} 1');
    expect(text).toContain('dbt_observer_syncs_total{outcome="done",reason="webhook",source="discovery"} 1');
    expect(text).toMatch(/dbt_observer_requests_total\{host="127\.0\.0\.1:\d+",status="200"\} \d+/);
  });
});

describe('events', () => {
  it('of several runs lead to one sync', async () => {
    const { url } = await given(...RUNS);
    const { keep, handle, outcomes, rows } = await eventScene(integrationOf(url));
    await keep(event(1, 'completed'), event(2, 'completed'), event(2, 'errored'));
    await handle();
    expect(await outcomes()).toMatchObject([
      { id: 'wev_1_completed', outcome: 'synced', reason: 'done' },
      { id: 'wev_2_completed', outcome: 'synced', reason: 'done' },
      { id: 'wev_2_errored', outcome: 'noted', reason: null },
    ]);
    expect(await rows('select reason, outcome from dbt.sync_runs')).toEqual([{ reason: 'webhook', outcome: 'done' }]);
  });

  it('out of order leave the run at its end', async () => {
    const { url } = await given(...RUNS);
    const { keep, handle, rows } = await eventScene(integrationOf(url));
    await keep(event(1, 'completed'));
    await handle();
    await keep(event(1, 'started'), event(1, 'errored', { data: { runStatusCode: 20 } }));
    await handle();
    const [first] = await rows(RUN_ROWS);
    expect(first).toEqual({ run_id: String(runId(1)), status: 'success', ended: true, sets_state: true });
  });

  it('of an error write the run and wait for its completion', async () => {
    const { url } = await given(...RUNS);
    const { keep, handle, rows } = await eventScene(integrationOf(url));
    const data = { runStatusCode: 20, runStatusMessage: 'failed for jo@example.com', runFinishedAt: undefined };
    await keep(event(1, 'errored', { data: { ...data, runErroredAt: '2026-01-01T06:20:00Z' } }));
    await handle();
    expect(await rows('select status, finished_at, error_message from dbt.runs')).toEqual([
      { status: 'error', finished_at: new Date('2026-01-01T06:20:00Z'), error_message: 'failed for ***@***' },
    ]);
    expect(await rows("select 1 as found from dbt_store.run where reason = 'Kicked off by ***@***'")).toHaveLength(1);
    expect(await rows('select 1 as found from dbt.sync_runs')).toEqual([]);
  });

  it('of elsewhere, of tests and of older forms harm nobody', async () => {
    const { url } = await given(...RUNS);
    const { keep, handle, outcomes, rows } = await eventScene(integrationOf(url));
    const { projectId: _project, runStatusCode: _code, ...old } = event(1, 'started').data as Record<string, unknown>;
    await keep(
      event(1, 'completed', { eventId: 'a', data: { environmentId: String(STAGING) } }),
      event(1, 'completed', { eventId: 'b', accountId: 5 }),
      { eventId: 'c', eventType: 'test' },
      { eventId: 'd', eventType: 'job.run.started', webhooksID: 'wsu_1', data: old },
    );
    await handle();
    expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['ignored', 'ignored', 'ignored', 'noted']);
    expect(await rows('select status from dbt.runs')).toEqual([{ status: 'running' }]);
    expect(await rows('select 1 as found from dbt.sync_runs')).toEqual([]);
  });

  it('of the check of a proposal move nothing', async () => {
    const { url } = await given({ ...build(1, ['orders']), job: CI, cause: 'ci' });
    const { keep, handle, outcomes, rows } = await eventScene(integrationOf(url));
    await keep(event(1, 'completed', { data: { jobId: String(CI) } }));
    await handle();
    expect(await outcomes()).toMatchObject([{ outcome: 'ignored', reason: expect.stringContaining('check') }]);
    expect(await rows(RUN_ROWS)).toMatchObject([{ sets_state: false }]);
    expect(await rows('select 1 as found from dbt.sync_runs')).toEqual([]);
  });

  it("of another job than the integration's are ignored", async () => {
    const { url } = await given(...RUNS);
    const { keep, handle, outcomes } = await eventScene(integrationOf(url, { jobId: DAILY }));
    await keep(event(1, 'completed', { eventId: 'a' }), event(1, 'completed', { eventId: 'b', data: { jobId: '5' } }));
    await handle();
    expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['synced', 'ignored']);
  });

  it('are of an environment that is found out where none is configured', async () => {
    const { url } = await given(...RUNS);
    const { keep, handle, outcomes } = await eventScene(integrationOf(url, { environmentId: undefined }));
    await keep(event(1, 'started'), event(2, 'started', { data: { environmentId: String(STAGING) } }));
    await handle();
    expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['noted', 'ignored']);
  });

  it('lead to a sync although the token may not ask for runs', async () => {
    const platform = await given(...RUNS);
    for (const path of ['runs/{id}/', 'runs/', 'jobs/', 'environments/']) {
      platform.fail({ kind: 'unauthorized', as: 403, operation: `GET /api/v2/accounts/{id}/${path}` });
    }
    const { keep, handle, outcomes, rows } = await eventScene(integrationOf(platform.url));
    await keep(event(1, 'completed'));
    await handle();
    expect(await outcomes()).toMatchObject([{ outcome: 'synced' }]);
    expect(await rows('select source, outcome from dbt.sync_runs')).toMatchObject([{ source: 'discovery' }]);
  });

  it('are given up where nothing helps before somebody acts', async () => {
    const platform = await given(...RUNS);
    platform.fail({ kind: 'unauthorized', as: 401 });
    const { keep, handle, outcomes } = await eventScene(
      integrationOf(platform.url, { source: 'discovery', runHistory: false }),
    );
    await keep(event(1, 'completed'));
    await handle();
    expect(await outcomes()).toMatchObject([{ outcome: 'failed', reason: expect.stringContaining('token') }]);
  });

  it('wait while another process syncs, and are handled after it', async () => {
    const { url } = await given(...RUNS);
    const { keep, handle, outcomes, app, integration, rows } = await eventScene(integrationOf(url));
    await keep(event(1, 'completed'));
    const [row] = await rows<{ id: number }>('select integration_id as id from dbt_store.integration');
    const client = await app.pool.connect();
    await client.query("select pg_advisory_lock(x'6462746f'::integer, $1)", [row?.id]);
    await expect(handle()).rejects.toThrow(/Another process has been syncing/);
    expect(await outcomes()).toMatchObject([{ outcome: null }]);
    expect(await app.webhooks.forgotten(0)).toEqual([integration.name]);
    client.release(true);
    await expect
      .poll(() =>
        handle().then(
          () => 'done',
          () => 'busy',
        ),
      )
      .toBe('done');
    expect(await outcomes()).toMatchObject([{ outcome: 'synced' }]);
    expect(await app.webhooks.forgotten(0)).toEqual([]);
  });
});
