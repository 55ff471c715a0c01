import { describe, expect, it, vi } from 'vitest';
import { FatalError } from '../../../src/domain/errors.ts';
import { createLogger } from '../../../src/log.ts';
import { migrateQueue } from '../../../src/queue/migrate-queue.ts';
import { createPool } from '../../../src/store/pool.ts';
import { query } from '../../store/database.ts';
import { latch, queueScene } from './queue-scene.ts';

const NOW = new Date('2026-05-05T12:00:00Z');
const LATER = new Date('2026-05-05T12:05:00Z');
const due = (integration: string, tick = NOW, delayS = 0) => ({ integration, tick, delayS });

describe('requests of syncs', () => {
  it('that wait are one, and the last reason counts', async () => {
    const { requests, jobs, work } = await queueScene();
    for (let count = 0; count < 9; count++) await requests.requestSync('shop', 'schedule');
    await requests.requestSync('shop', 'webhook');
    expect(await jobs()).toEqual([expect.objectContaining({ key: 'sync:shop', queue_name: 'sync:shop' })]);
    const sync = vi.fn(async () => {});
    work({ sync });
    await vi.waitFor(async () => expect(await jobs()).toEqual([]), { timeout: 10_000 });
    expect(sync.mock.calls).toEqual([[{ integration: 'shop', reason: 'webhook' }, expect.anything()]]);
  });

  it('that come while one goes on are one more, begun after its end', async () => {
    const { requests, jobs, work } = await queueScene();
    const [began, end] = [latch(), latch()];
    const said: string[] = [];
    work({
      sync: async ({ reason }) => {
        said.push(`begin ${reason}`);
        began.open();
        await end.opened;
        said.push(`end ${reason}`);
      },
    });
    await requests.requestSync('shop', 'schedule');
    await began.opened;
    for (let count = 0; count < 5; count++) await requests.requestSync('shop', 'webhook');
    expect(await jobs()).toHaveLength(2);
    end.open();
    await vi.waitFor(async () => expect(await jobs()).toEqual([]), { timeout: 10_000 });
    expect(said).toEqual(['begin schedule', 'end schedule', 'begin webhook', 'end webhook']);
  });

  it('that are to wait do so, unless somebody asks for one now', async () => {
    const { requests, jobs } = await queueScene();
    await requests.requestDue([due('shop', NOW, 600)], LATER);
    expect((await jobs())[0]?.in_s).toBeGreaterThan(500);
    await requests.requestSync('shop', 'webhook');
    expect(await jobs()).toEqual([expect.objectContaining({ in_s: expect.closeTo(0, -2) })]);
    await requests.requestDue([due('shop', LATER, 600)], LATER);
    expect(await jobs()).toEqual([expect.objectContaining({ in_s: expect.closeTo(0, -2) })]);
  });
});

describe('requests for ticks', () => {
  const names = Array.from({ length: 100 }, (_, index) => `integration-${index}`);

  it('are taken from one of many who ask at once', async () => {
    const { requests, jobs } = await queueScene();
    const ticks = names.map((name) => due(name));
    const asked = await Promise.all([1, 2, 3, 4].map(() => requests.requestDue(ticks, LATER)));
    expect(asked.flat().sort()).toEqual([...names].sort());
    expect(await jobs()).toHaveLength(names.length);
  });

  it('are not taken again once the tick is claimed, but for a later one', async () => {
    const { requests } = await queueScene();
    expect(await requests.requestDue([due('shop')], LATER)).toEqual(['shop']);
    expect(await requests.requestDue([due('shop')], LATER)).toEqual([]);
    expect(await requests.requestDue([due('shop', LATER)], LATER)).toEqual(['shop']);
    expect(await requests.requestDue([due('shop')], LATER)).toEqual([]);
  });

  it('are taken when what is claimed lies in the future', async () => {
    const { requests } = await queueScene();
    await requests.requestDue([due('shop', new Date('2027-01-01T00:00:00Z'))], LATER);
    expect(await requests.requestDue([due('shop')], LATER)).toEqual(['shop']);
  });

  it('are claimed only together with their jobs', async () => {
    const { requests, url } = await queueScene();
    await query(url, 'drop function dbt_queue.add_jobs');
    await expect(requests.requestDue([due('shop')], LATER)).rejects.toThrow(/add_jobs/);
    expect(await query(url, 'select from dbt_store.claimed_tick')).toEqual([]);
  });
});

it('a backfill is asked for in windows, the newest first', async () => {
  const { requests, jobs, work } = await queueScene();
  const taken: unknown[] = [];
  const window = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-18T00:00:00Z') };
  expect(await requests.requestBackfill('shop', window)).toBe(3);
  work({ backfill: async ({ from, to }) => void taken.push([from.slice(0, 10), to.slice(0, 10)]) });
  await vi.waitFor(async () => expect(await jobs()).toEqual([]), { timeout: 20_000 });
  expect(taken).toEqual([
    ['2026-01-11', '2026-01-18'],
    ['2026-01-04', '2026-01-11'],
    ['2026-01-01', '2026-01-04'],
  ]);
});

it('a backfill of everything is not more jobs than one of all that dbt keeps', async () => {
  const { requests, jobs } = await queueScene();
  expect(await requests.requestBackfill('shop', { from: new Date(0), to: NOW })).toBe(54);
  expect((await jobs()).map(({ key }) => key)).toContain('backfill:shop:1970-01-01T00:00:00.000Z');
});

it('a queue that a newer version has changed is refused in one sentence', async () => {
  const { url } = await queueScene();
  await query(url, 'insert into dbt_queue.migrations (id, breaking) values (9999, true)');
  const pool = createPool(url);
  const logger = createLogger({ level: 'error', format: 'json', write: () => {} });
  const refused = migrateQueue(pool, logger).finally(() => pool.end());
  await expect(refused).rejects.toThrow(FatalError);
  await expect(refused).rejects.toThrow(/^The queue in this database was migrated by a newer dbt-observer: [^.]+\.$/);
});

it('several processes may make the queue at once', async () => {
  const { url } = await queueScene();
  await query(url, 'drop schema dbt_queue cascade');
  const logger = createLogger({ level: 'error', format: 'json', write: () => {} });
  const pools = [1, 2, 3].map(() => createPool(url));
  await Promise.all(pools.map((pool) => migrateQueue(pool, logger).finally(() => pool.end())));
  expect(await query(url, 'select from dbt_queue.jobs')).toEqual([]);
});
