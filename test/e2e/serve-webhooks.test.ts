import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { createTestDatabase, query } from '../store/database.ts';
import { folder, start } from './cli.ts';
import { ACCOUNT, build, DAILY, PRODUCTION, PROJECT, runId } from './mini-history.ts';
import { given } from './mini-platform.ts';

const SECRET = 'known-to-both-sides';

/** A process of `serve` whose integration takes webhooks, and no schedule. */
async function serving(...runs: Parameters<typeof given>) {
  const platform = await given(...runs);
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const cwd = folder();
  const integration = {
    name: 'shop',
    discovery_url: `${platform.url}/graphql`,
    admin_url: platform.url,
    account_id: ACCOUNT,
    environment_id: PRODUCTION,
    token: DEFAULT_TOKEN,
    webhook: { secrets: [SECRET] },
  };
  const config = { database: { url: database.url }, server: { port: 0 }, integrations: [integration] };
  writeFileSync(join(cwd, 'dbt-observer.yaml'), JSON.stringify(config));
  let log = '';
  const running = start(['serve'], { cwd });
  running.child.stderr?.on('data', (text: string) => {
    log += text;
  });
  await running.says('server listens');
  const url = /"address":"([^"]+)"/.exec(log)?.[1] ?? '';
  return { platform, url, log: () => log, rows: (text: string) => query(database.url, text), running };
}

function deliver(url: string, n: number, secret = SECRET): Promise<Response> {
  const data = {
    runId: String(runId(n)),
    jobId: String(DAILY),
    environmentId: String(PRODUCTION),
    projectId: String(PROJECT),
  };
  const told = { runStatus: 'Success', runStatusCode: 10, runFinishedAt: '2026-01-01T06:30:00Z' };
  const event = { eventId: `wev_${n}`, eventType: 'job.run.completed', accountId: ACCOUNT, data: { ...data, ...told } };
  const body = JSON.stringify(event);
  const authorization = createHmac('sha256', secret).update(body).digest('hex');
  const headers = { authorization, 'content-type': 'application/json' };
  return fetch(`${url}/webhooks/dbt/shop`, { method: 'POST', headers, body });
}

it('a signed webhook leads to the results of its run, once, and tells who it was for', async () => {
  const { platform, url, log, rows, running } = await serving(build(1, ['orders']), build(2, ['orders', 'lines']));
  platform.advance('mini', 1);
  expect((await deliver(url, 1, 'of somebody else')).status).toBe(401);
  expect([(await deliver(url, 1)).status, (await deliver(url, 1)).status]).toEqual([200, 200]);
  const results = (n: number) => rows(`select name from dbt.run_results where run_id = '${runId(n)}' order by name`);
  await expect.poll(() => results(1), { timeout: 15_000 }).toEqual([{ name: 'orders' }]);
  platform.advance('mini', 2);
  await deliver(url, 2);
  await expect.poll(() => results(2), { timeout: 15_000 }).toEqual([{ name: 'lines' }, { name: 'orders' }]);
  const events = () => rows('select event_id, outcome from dbt_store.webhook_event order by 1');
  const handled = ['wev_1', 'wev_2'].map((id) => ({ event_id: id, outcome: 'synced' }));
  await expect.poll(events, { timeout: 15_000 }).toEqual(handled);
  expect(await rows('select reason, outcome from dbt.sync_runs order by sync_run_id')).toEqual([
    { reason: 'webhook', outcome: 'done' },
    { reason: 'webhook', outcome: 'done' },
  ]);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([200, { checks: { database: 'ok', queue: 'ok' } }]);
  const metrics = async () => (await fetch(`${url}/metrics`)).text();
  // An event that came while another was handled leaves a job that finds nothing to do.
  await expect.poll(metrics, { timeout: 15_000 }).toContain('dbt_observer_queue_jobs{state="waiting"} 0');
  for (const line of ['syncs_total{outcome="done",reason="webhook"', 'database_up 1']) {
    expect(await metrics()).toContain(`dbt_observer_${line}`);
  }
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
  expect(log()).not.toContain(SECRET);
  expect(log()).not.toContain(DEFAULT_TOKEN);
});

it('two processes on one machine share it: who takes no webhooks makes do with any port', async () => {
  const { url, running } = await serving(build(1, ['orders']));
  const cwd = folder();
  const port = Number(new URL(url).port);
  const files = { name: 'core', source: 'files', artifacts_dir: './target' };
  const other = { server: { port }, integrations: [files] };
  writeFileSync(join(cwd, 'dbt-observer.yaml'), JSON.stringify(other));
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const worker = start(['serve', '--role', 'worker', '--database-url', database.url], { cwd });
  await worker.says('server listens');
  const server = start(['serve', '--role', 'server', '--database-url', database.url], { cwd });
  const { code, err } = await server.ended;
  const said = err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const error = expect.stringContaining(`No server can listen on 127.0.0.1:${port}`);
  expect([code, said.at(-1)]).toEqual([2, expect.objectContaining({ level: 'error', error })]);
  for (const one of [worker, running]) one.child.kill('SIGTERM');
  expect([(await worker.ended).code, (await running.ended).code]).toEqual([0, 0]);
});
