import { expect, it, onTestFinished } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { noteIntegrations } from '../../src/store/integration.ts';
import { createPool } from '../../src/store/pool.ts';
import { gateBefore, type Scene, scene } from './cli.ts';
import { build } from './mini-history.ts';
import { atTerminal, HAS_TERMINAL } from './terminal.ts';

/** Two integrations, both synced. */
async function two(): Promise<Scene> {
  const shop = await scene(build(1, ['a']), build(2, ['a', 'b']));
  expect((await shop.sync()).code).toBe(0);
  expect((await shop.sync('--name', 'other')).code).toBe(0);
  return shop;
}

/** The rows of each integration, by table; those of no integration among them. */
async function rowsOf({ rows }: Scene): Promise<Record<string, Record<string, number>>> {
  const tables = await rows<{ name: string }>(
    `select table_name as name from information_schema.columns
    where table_schema = 'dbt_store' and column_name = 'integration_id' and table_name <> 'integration' order by 1`,
  );
  const found: Record<string, Record<string, number>> = {};
  for (const { name: table } of tables) {
    const counted = await rows<{ name: string | null; rows: number }>(
      `select i.name, count(*)::integer as rows from dbt_store.${table} t
      left join dbt_store.integration i using (integration_id) group by 1`,
    );
    for (const { name, rows: count } of counted) found[name ?? ''] = { ...found[name ?? ''], [table]: count };
  }
  return found;
}

it('removes everything of one integration and nothing of another one, so that it can be taken anew', async () => {
  const shop = await two();
  const before = await rowsOf(shop);
  expect(Object.keys(before.shop ?? {})).toEqual(expect.arrayContaining(['node', 'run_result', 'sync_run']));
  const { code, out, err } = await shop.run('forget', 'shop', '--yes');
  expect([code, out]).toEqual([0, expect.stringMatching(/^"shop" is forgotten: \d+ rows were removed\.\n$/)]);
  expect(err).toMatch(/^Of "shop" is stored:\n[\s\S]*node +\d+\n/);
  expect(await rowsOf(shop)).toEqual({ other: before.other });
  expect(await shop.rows('select name from dbt_store.integration')).toEqual([{ name: 'other' }]);
  expect((await shop.sync()).out).toContain('done');
  expect((await rowsOf(shop)).shop).toEqual(before.shop);
});

it('removes nothing before somebody says so, and shows what there is', async () => {
  const shop = await two();
  const before = await rowsOf(shop);
  const { code, err } = await shop.run('forget', 'shop');
  expect([code, err]).toEqual([2, expect.stringMatching(/node +\d+\n[\s\S]*error: Nothing was removed: give --yes/)]);
  expect(await rowsOf(shop)).toEqual(before);
});

it.runIf(HAS_TERMINAL)('asks at a terminal, and takes anything but a yes for a no', async () => {
  const shop = await two();
  const env = { DATABASE_URL: shop.databaseUrl, TOKEN: DEFAULT_TOKEN };
  const asked = async (line: string) => {
    const { reply, ended } = atTerminal(['forget', 'shop'], { cwd: process.cwd(), env });
    await reply('Remove all of it?', line);
    return ended;
  };
  expect(await asked('')).toMatchObject({ code: 1, screen: expect.stringContaining('Nothing was removed.') });
  expect(await rowsOf(shop)).toHaveProperty('shop');
  expect(await asked('y')).toMatchObject({ code: 0, screen: expect.stringContaining('is forgotten') });
  expect(await rowsOf(shop)).not.toHaveProperty('shop');
});

it('removes what waits for it: ticks, jobs and events, also of one that was never synced', async () => {
  const { run, rows, databaseUrl } = await scene();
  await run('migrate');
  const pool = createPool(databaseUrl);
  onTestFinished(() => pool.end());
  await noteIntegrations(pool, ['shop', 'other']);
  for (const name of ['shop', 'other']) {
    await rows(
      `insert into dbt_store.claimed_tick (integration, tick) values ('${name}', now());
      insert into dbt_store.webhook_event (integration_id, event_id, body)
      select integration_id, 'wev_1', '{}' from dbt_store.integration where name = '${name}';
      select dbt_queue.add_job('events', '{}', queue_name => 'events:${name}')`,
    );
  }
  const { code, out } = await run('forget', 'shop', '--yes', '--json');
  expect([code, JSON.parse(out)]).toEqual([
    0,
    {
      integration: 'shop',
      removed: { queue_job: 1, webhook_event: 1, integration: 1, claimed_tick: 1 },
      still_configured: false,
    },
  ]);
  expect(await rows('select queue_name from dbt_queue.jobs')).toEqual([{ queue_name: 'events:other' }]);
  expect(await rows('select integration from dbt_store.claimed_tick')).toEqual([{ integration: 'other' }]);
});

it('removes nothing while it is synced', async () => {
  const shop = await two();
  const before = await rowsOf(shop);
  const gate = await gateBefore(shop.platform);
  const syncing = shop.startSync('--discovery-url', gate.url, '--full');
  await gate.reached;
  const { code, err } = await shop.run('forget', 'shop', '--yes');
  expect([code, err]).toEqual([1, expect.stringContaining('Another process has been syncing "shop"')]);
  gate.open();
  await syncing.ended;
  expect((await rowsOf(shop)).shop?.node).toBe(before.shop?.node);
});

it('says which names there are', async () => {
  const shop = await two();
  const { code, err } = await shop.run('forget', 'shopp', '--yes');
  expect([code, err]).toEqual([2, expect.stringContaining('did you mean shop?')]);
});
