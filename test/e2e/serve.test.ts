import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { ownServer } from '../faults/process-server.ts';
import { syncRuns } from '../faults/stores.ts';
import { createTestDatabase, query } from '../store/database.ts';
import { cli, folder, gateBefore, type Running, start } from './cli.ts';
import { ACCOUNT, build, PRODUCTION } from './mini-history.ts';
import { given } from './mini-platform.ts';
import { type Configured, configured, idle, outcomes, roles, stopped } from './serve-scene.ts';

const SHOP: Configured = { name: 'shop', environmentId: PRODUCTION, schedule: '0 4 * * *' };

interface Place {
  readonly databaseUrl: string;
  readonly platformUrl: string;
  readonly config: string;
}

async function place(...integrations: Configured[]): Promise<Place> {
  const { url: platformUrl } = await given(build(1, ['a']));
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const config = configured(integrations, { databaseUrl: database.url, platformUrl });
  return { databaseUrl: database.url, platformUrl, config };
}

const serve = ({ config }: Pick<Place, 'config'>, ...args: string[]): Running =>
  start(['serve', '--config', config, ...args]);
const status = async ({ config }: Place, ...args: string[]) => (await cli(['status', '--config', config, ...args])).out;

async function stop({ child, ended }: Running) {
  child.kill('SIGTERM');
  return ended;
}

describe('serve', () => {
  it('makes up for what is due, and ends with code 0 when it is asked to stop', async () => {
    const here = await place(SHOP);
    expect(await status(here)).toMatch(/^shop: never synced\n {2}schedule +0 4 \* \* \* \(UTC\): on time, next at /);
    const serving = serve(here);
    await serving.says('"msg":"sync ended"');
    await idle(here.databaseUrl);
    expect(await status(here)).toMatch(/schedule +0 4 \* \* \* \(UTC\): on time, next at \d{4}-\d\d-\d\d 04:00 UTC\n/);
    const { code, err } = await stop(serving);
    expect({ code, outcomes: await outcomes(here.databaseUrl) }).toEqual({ code: 0, outcomes: { shop: ['done'] } });
    const lines = err.trimEnd().split('\n');
    const ids = lines.filter((line) => line.includes('"integration":"shop"') && line.includes('sync_run_id'));
    expect(new Set(ids.map((line) => JSON.parse(line).sync_run_id))).toEqual(new Set([1]));
    // All that is said is a line of the log, for whatever reads it.
    expect(lines.map((line) => JSON.parse(line).msg)).toContain('stopping; once more to stop at once');
  });

  it('does not repeat at its next start what it has done, nor what was synced by hand', async () => {
    const here = await place(SHOP, { ...SHOP, name: 'other' });
    expect((await cli(['sync', 'other', '--config', here.config])).code).toBe(0);
    for (const _ of [1, 2]) {
      const serving = await roles(here.config, ['scheduler', 'worker']);
      await serving.setAhead(0);
      await idle(here.databaseUrl);
      await stopped(serving);
    }
    expect(await outcomes(here.databaseUrl)).toEqual({ other: ['done'], shop: ['done'] });
  });

  it('puts the sync that it breaks off back for the next one', async () => {
    const { url: platformUrl } = await given(build(1, ['a']));
    const database = await createTestDatabase();
    onTestFinished(database.drop);
    const { url: databaseUrl } = database;
    const gate = await gateBefore({ url: platformUrl } as Parameters<typeof gateBefore>[0]);
    const waiting = configured([SHOP], { databaseUrl, platformUrl: gate.url.replace('/graphql', '') });
    const first = serve({ config: waiting });
    await gate.reached;
    expect((await stop(first)).code).toBe(0);
    const jobs = "select key, attempts, locked_by from dbt_queue.jobs where task_identifier = 'sync'";
    expect(await query(databaseUrl, jobs)).toEqual([{ key: 'sync:shop', attempts: 0, locked_by: null }]);
    const second = serve({ config: configured([SHOP], { databaseUrl, platformUrl }) }, '--role', 'worker');
    await second.says('"msg":"sync ended"');
    await idle(databaseUrl);
    await stop(second);
    expect(await outcomes(databaseUrl)).toEqual({ shop: ['interrupted', 'done'] });
  });

  it('keeps a failure that a person must mend to be seen, once, until a sync succeeds in any way', async () => {
    const here = await place({ ...SHOP, environmentId: 17 });
    const serving = serve(here);
    await serving.says('job failed for good');
    await vi.waitUntil(async () => (await status(here)).includes('is not tried again'), { timeout: 20_000 });
    const told = await status(here);
    expect(told).toMatch(
      /queue +sync failed and is not tried again before the next tick, webhook or "dbt-observer sync"/,
    );
    expect(told.match(/has no environment 17/g)).toHaveLength(1);
    expect(told).toMatch(/^shop: environment 17\n/);
    // It never succeeded: what came due since it was first seen is late, and nothing else.
    expect(told).toContain('(UTC): on time');
    await query(here.databaseUrl, "update dbt_store.integration set known_since = now() - interval '3 days'");
    expect(await status(here)).toMatch(/\(UTC\): 2 d( \d+ h)? late \(due since /);
    const jobs = async () => JSON.parse(await status(here, '--json'))[0].jobs;
    expect(await jobs()).toEqual([expect.objectContaining({ task: 'sync', state: 'failed', integration: 'shop' })]);
    const mended = configured([SHOP], here);
    expect((await cli(['sync', '--dry-run', '--config', mended])).code).toBe(0);
    expect(await jobs()).toHaveLength(1);
    expect((await cli(['sync', '--config', mended])).code).toBe(0);
    expect(await jobs()).toEqual([]);
    await stop(serving);
  });

  it('shows jobs of an integration that no worker knows', async () => {
    const here = await place(SHOP);
    const serving = serve(here, '--role', 'worker');
    await serving.says('worker is there');
    await query(
      here.databaseUrl,
      `select dbt_queue.add_job('sync', '{"integration": "lost", "reason": "webhook"}', queue_name => 'sync:lost', job_key => 'sync:lost')`,
    );
    await serving.says('has no integration');
    await vi.waitUntil(async () => (await status(here)).includes('lost: sync failed'), { timeout: 20_000 });
    expect(await status(here)).toContain('The configuration of this worker has no integration "lost"');
    await stop(serving);
  });

  it.each([
    ['without a configuration', '', [], 'serve needs integrations, but'],
    [
      'with a schedule that is none',
      'integrations: [{ name: a, source: files, artifacts_dir: t, schedule: "61 * * * *" }]',
      [],
      'integrations[0].schedule',
    ],
    [
      'with a time zone that is none',
      'integrations: [{ name: a, source: files, artifacts_dir: t, time_zone: Mars/North }]',
      [],
      'integrations[0].time_zone',
    ],
    ['with a role that is none', '', ['--role', 'boss'], 'scheduler, worker, server'],
    ['with no job at once', '', ['--concurrency', '0'], 'a whole number from 1 to 64'],
  ])('is refused %s', async (_, yaml, args, words) => {
    const cwd = folder();
    if (yaml !== '') writeFileSync(join(cwd, 'dbt-observer.yaml'), yaml);
    const { code, err } = await cli(['serve', ...args], { cwd });
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(
      err
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('error: ')),
    ).toHaveLength(1);
  });
});

describe('an environment in which nothing was built yet', () => {
  it('is looked at again when it is due, and says so once', async () => {
    const { url } = await given();
    const database = await createTestDatabase();
    onTestFinished(database.drop);
    const cwd = folder();
    const config = join(cwd, 'dbt-observer.yaml');
    const described = {
      discovery_url: `${url}/graphql`,
      admin_url: url,
      token: DEFAULT_TOKEN,
      environment_id: PRODUCTION,
    };
    const integrations = [{ name: 'new', account_id: ACCOUNT, schedule: SHOP.schedule, ...described }];
    writeFileSync(config, JSON.stringify({ integrations, database: { url: database.url }, server: { port: 0 } }));
    const serving = serve({ config });
    await serving.says('nothing is there yet');
    const told = async () => (await cli(['status', '--config', config])).out;
    await vi.waitUntil(async () => (await told()).includes('sync failed'), { timeout: 20_000 });
    expect((await told()).match(/has no applied state/g)).toHaveLength(1);
    await stop(serving);
  });
});

describe('a database that restarts while it is served', () => {
  it('is waited for, and what came due meanwhile is done', { timeout: 60_000 }, async () => {
    const { url: platformUrl } = await given(build(1, ['a']));
    const server = await ownServer();
    onTestFinished(server.remove);
    const config = configured([SHOP], { databaseUrl: server.empty, platformUrl });
    const serving = await roles(config, ['scheduler', 'worker']);
    await serving.says('"msg":"sync ended"');
    await idle(server.empty);
    await server.die('immediate');
    const ahead = serving.setAhead(24 * 3_600_000);
    await serving.says('the scheduler waits');
    await server.revive();
    await ahead;
    await serving.says('the scheduler goes on');
    await vi.waitUntil(async () => (await syncRuns(server.empty)).length > 1, { timeout: 30_000, interval: 100 });
    await idle(server.empty);
    expect((await syncRuns(server.empty)).map(({ outcome }) => outcome)).toEqual(['done', 'unchanged']);
    expect(serving.log().match(/the scheduler waits/g)).toHaveLength(1);
    expect(serving.log()).not.toContain(server.password);
  });
});

describe('an embedded database that another process starts again', () => {
  it('is found on whatever port it then has', { timeout: 90_000 }, async () => {
    const { url: platformUrl } = await given(build(1, ['a']));
    const config = configured([SHOP], { platformUrl });
    const db = async (verb: string) => JSON.parse((await cli(['db', verb, '--json', '--config', config])).out);
    const { port } = await db('start');
    onTestFinished(async () => {
      await db('stop');
    }, 60_000);
    const serving = await roles(config, ['scheduler', 'worker']);
    const { url } = await db('url');
    await serving.says('"msg":"sync ended"');
    await idle(url);
    await db('stop');
    const squatter = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void squatter.close());
    const ahead = serving.setAhead(24 * 3_600_000);
    await serving.says('the scheduler waits');
    expect((await db('start')).port).not.toBe(port);
    await ahead;
    const { url: moved } = await db('url');
    await vi.waitUntil(async () => (await syncRuns(moved)).length > 1, { timeout: 30_000, interval: 100 });
    await idle(moved);
    expect((await syncRuns(moved)).map(({ outcome }) => outcome)).toEqual(['done', 'unchanged']);
    await stopped(serving);
  });
});

it('an idle process asks the database a few times a minute only', async () => {
  const here = await place(SHOP);
  const serving = await roles(here.config, ['scheduler', 'worker']);
  await serving.says('"msg":"sync ended"');
  await idle(here.databaseUrl);
  const before = await transactions(here.databaseUrl);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  // The rest is that of the server's own upkeep, and of a minute that may begin; who polled busily would need hundreds.
  expect((await transactions(here.databaseUrl)) - before).toBeLessThan(150);
});

async function transactions(url: string): Promise<number> {
  const [row] = await query<{ count: number }>(
    url,
    'select (xact_commit + xact_rollback)::integer as count from pg_stat_database where datname = current_database()',
  );
  return row?.count ?? 0;
}
