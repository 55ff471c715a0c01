import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Platform, startPlatform } from '../../demo/platform/platform.ts';
import { differences, factsOf } from '../faults/stores.ts';
import { createTestDatabase, query } from '../store/database.ts';
import { cli } from './cli.ts';
import { type Configured, configured, idle, outcomes, type Roles, roles, stopped } from './serve-scene.ts';

const HISTORIES = ['duckdb', 'postgres', 'troubles'].map((name) =>
  fileURLToPath(new URL(`../../demo/histories/${name}`, import.meta.url)),
);
const HOUR = 3_600_000;

const COFFEE: Configured = { name: 'coffee', environmentId: 70403103966027, schedule: '*/20 * * * *' };
const SHOP: Configured = { name: 'shop', environmentId: 70403103966037, schedule: '30 * * * *' };
const WASHING: Configured = {
  name: 'washing',
  environmentId: 70403103966127,
  schedule: '15 4 * * *',
  timeZone: 'Europe/Berlin',
};
const ALL = [COFFEE, SHOP, WASHING];

async function platform(): Promise<Platform> {
  const started = await startPlatform({ histories: HISTORIES, runs: 1 });
  onTestFinished(() => started.close());
  return started;
}

async function database(): Promise<string> {
  const made = await createTestDatabase();
  onTestFinished(made.drop);
  return made.url;
}

/** How far the clock must be ahead to show a time of day, so many days from today. */
function aheadTo(days: number, time: string): number {
  const today = new Date().toISOString().slice(0, 10);
  return new Date(`${today}T${time}Z`).getTime() + days * 24 * HOUR - Date.now();
}

describe('two schedulers and four workers', () => {
  it('do each sync that is due exactly once, and the store is that of syncs by hand', { timeout: 90_000 }, async () => {
    const dbt = await platform();
    const [shared, byHand] = [await database(), await database()];
    const config = configured(ALL, { databaseUrl: shared, platformUrl: dbt.url });
    const other = configured(ALL, { databaseUrl: byHand, platformUrl: dbt.url });
    const first = aheadTo(2, '10:35:00');
    const started = await Promise.all([
      ...[1, 2].map(() => roles(config, ['scheduler'], { aheadMs: first })),
      ...[1, 2, 3, 4].map(() => roles(config, ['worker'])),
    ]);
    const schedulers = started.slice(0, 2);
    const step = async (aheadMs: number, runs: number) => {
      for (const folder of HISTORIES) dbt.advance(basename(folder), runs);
      await Promise.all(schedulers.map((scheduler) => scheduler.setAhead(aheadMs)));
      await idle(shared);
    };

    // All three are new: the newest tick of each is made up for.
    await step(first, 1);
    expect(counts(await outcomes(shared))).toEqual({ coffee: 1, shop: 1, washing: 1 });
    await syncByHand(other);
    // 10:40 is due for one.
    await step(aheadTo(2, '10:40:01'), 2);
    expect(counts(await outcomes(shared))).toEqual({ coffee: 2, shop: 1, washing: 1 });
    await syncByHand(other, 'coffee');
    // Eleven hours were missed by two, and the day of the third has not come.
    await step(aheadTo(2, '21:59:00'), 3);
    expect(counts(await outcomes(shared))).toEqual({ coffee: 3, shop: 2, washing: 1 });
    await syncByHand(other, 'coffee', 'shop');
    // A night was missed by all; then nothing is due.
    await step(aheadTo(3, '04:00:00'), 3);
    await step(aheadTo(3, '04:10:00'), 3);
    expect(counts(await outcomes(shared))).toEqual({ coffee: 4, shop: 3, washing: 2 });
    await syncByHand(other);

    expect(
      Object.values(await outcomes(shared))
        .flat()
        .every((outcome) => /^(done|unchanged)$/.test(outcome)),
    ).toBe(true);
    expect(differences(await factsOf(shared), await factsOf(byHand))).toEqual([]);
    expect(workersOf(started.slice(2))).toBeGreaterThan(1);
    await Promise.all(started.map(stopped));
    expect(started.map(({ child }) => child.exitCode)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('a worker that is killed while it publishes', () => {
  it('loses nothing: another one does the sync, once', { timeout: 60_000 }, async () => {
    const dbt = await platform();
    const [shared, byHand] = [await database(), await database()];
    const config = configured([COFFEE], { databaseUrl: shared, platformUrl: dbt.url });
    await syncByHand(configured([COFFEE], { databaseUrl: byHand, platformUrl: dbt.url }));
    // The last table that publishing writes of a node.
    const holder = await holding(shared, 'dbt_store.node_status');
    const victim = await roles(config, ['scheduler', 'worker']);
    await victim.says('"phase":"publish"');
    await vi.waitUntil(async () => (await waiters(shared)) > 0, { timeout: 20_000 });
    victim.child.kill('SIGKILL');
    const heir = await roles(config, ['worker'], { lookMs: 500 });
    await heir.says('jobs of dead workers are free again');
    await holder.end();
    await idle(shared);
    expect(await outcomes(shared)).toEqual({ coffee: ['interrupted', 'done'] });
    expect(differences(await factsOf(shared), await factsOf(byHand))).toEqual([]);
  });
});

function counts(found: Record<string, string[]>): Record<string, number> {
  return Object.fromEntries(Object.entries(found).map(([name, list]) => [name, list.length]));
}

/** How many of them did a sync. */
function workersOf(workers: readonly Roles[]): number {
  return workers.filter((worker) => worker.log().includes('"msg":"sync ended"')).length;
}

async function syncByHand(config: string, ...names: string[]): Promise<void> {
  const { code, err } = await cli(['sync', ...names, '--config', config]);
  expect(code, err).toBe(0);
}

async function holding(url: string, table: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`begin; lock table ${table}`);
  return client;
}

async function waiters(url: string): Promise<number> {
  const waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  return (await query(url, waiting)).length;
}
