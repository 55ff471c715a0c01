import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReceivedEvent } from '../../src/domain/webhook.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { storedChecks, writeRunNews } from '../../src/store/run-news.ts';
import {
  integrationsWithWaitingEvents,
  markHandled,
  storeEvent,
  waitingEvents,
} from '../../src/store/webhook-events.ts';
import { createTestDatabase, query, type TestDatabase } from './database.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url);
});

beforeEach(async () => void (await query(database.url, 'delete from dbt_store.integration')));

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const event = (id: string, body: unknown = { eventId: id }): ReceivedEvent => ({
  id,
  type: 'job.run.completed',
  sentAt: '2026-10-05T19:16:11.818389474Z',
  body,
});

const rows = <Row extends Record<string, unknown>>(statement: string) => query<Row>(database.url, statement);

async function idOf(name: string): Promise<number> {
  await rows(`insert into dbt_store.integration (name) values ('${name}') on conflict do nothing`);
  const [row] = await rows<{ id: number }>(
    `select integration_id as id from dbt_store.integration where name = '${name}'`,
  );
  return row?.id ?? 0;
}

describe('an event', () => {
  it('is kept once, however many bring it at the same time', async () => {
    const told = await Promise.all(Array.from({ length: 20 }, () => storeEvent(pool, 'shop', event('wev_1'))));
    expect(told.filter((one) => one === 'stored')).toHaveLength(1);
    expect(told.filter((one) => one === 'duplicate')).toHaveLength(19);
    expect(await rows('select event_id from dbt_store.webhook_event')).toEqual([{ event_id: 'wev_1' }]);
  });

  it('of an integration that was never synced makes its row, as a first sync would', async () => {
    expect(await storeEvent(pool, 'new-one', event('wev_1'))).toBe('stored');
    expect(await rows('select name, environment_id, complete_token from dbt_store.integration')).toEqual([
      { name: 'new-one', environment_id: null, complete_token: null },
    ]);
  });

  it('does not wait for somebody who is making that row', async () => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query("select pg_advisory_xact_lock(x'6462746e'::integer, hashtext('shop'))");
      await client.query("insert into dbt_store.integration (name) values ('shop')");
      await expect(storeEvent(pool, 'shop', event('wev_1'))).rejects.toThrow(/send the event again/);
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect(await storeEvent(pool, 'shop', event('wev_1'))).toBe('stored');
  });

  it('with characters that Postgres refuses is kept all the same', async () => {
    const body = { note: 'a\0b\uD800', 'k\0': 1 };
    expect(await storeEvent(pool, 'shop', event('wev\0', body))).toBe('stored');
    expect(await storeEvent(pool, 'shop', event('wev\0', body))).toBe('duplicate');
    const [waiting] = await waitingEvents(pool, 'shop', 10);
    expect(waiting?.body).toEqual({ note: 'a\uFFFDb\uFFFD', 'k\uFFFD': 1 });
  });

  it('of one integration is none of another', async () => {
    await storeEvent(pool, 'shop', event('wev_1'));
    expect(await storeEvent(pool, 'stock', event('wev_1'))).toBe('stored');
  });
});

describe('events that wait', () => {
  it('come in the order in which they were received, and until they are handled', async () => {
    for (const id of ['wev_3', 'wev_1', 'wev_2']) await storeEvent(pool, 'shop', event(id));
    const waiting = await waitingEvents(pool, 'shop', 2);
    expect(waiting.map(({ id }) => id)).toEqual(['wev_3', 'wev_1']);
    const { integrationId = 0 } = waiting[0] ?? {};
    const done = { integrationId, ids: ['wev_3', 'wev_2'], outcome: 'noted', reason: null } as const;
    expect(await markHandled(pool, done)).toBe(2);
    expect((await waitingEvents(pool, 'shop', 10)).map(({ id }) => id)).toEqual(['wev_1']);
  });

  it('are done with once', async () => {
    await storeEvent(pool, 'shop', event('wev_1'));
    const done = { integrationId: await idOf('shop'), ids: ['wev_1'], reason: null };
    expect(await markHandled(pool, { ...done, outcome: 'synced', syncRunId: 5 })).toBe(1);
    expect(await markHandled(pool, { ...done, outcome: 'failed' })).toBe(0);
    expect(await rows('select outcome, sync_run_id::integer from dbt_store.webhook_event')).toEqual([
      { outcome: 'synced', sync_run_id: 5 },
    ]);
  });

  it('are found when they have waited for some time', async () => {
    await storeEvent(pool, 'shop', event('wev_1'));
    await storeEvent(pool, 'stock', event('wev_1'));
    await rows(
      "update dbt_store.webhook_event set received_at = now() - interval '2 minutes' where integration_id = (select integration_id from dbt_store.integration where name = 'stock')",
    );
    expect(await integrationsWithWaitingEvents(pool, 60)).toEqual(['stock']);
    expect(await integrationsWithWaitingEvents(pool, 0)).toEqual(['shop', 'stock']);
  });
});

describe('what webhooks tell of a run', () => {
  const news = (status: string | null, finishedAt: string | null) => ({
    runId: '7001',
    jobId: 401,
    environmentId: 33,
    status,
    reason: 'scheduled',
    dbtVersion: '1.10.0',
    startedAt: '2026-10-05T19:15:56Z',
    finishedAt,
    url: null,
    errorMessage: null,
  });
  const started = news('running', null);
  const errored = { ...news('error', '2026-10-05T19:16:05Z'), errorMessage: 'dbt command failed' };
  const stored = () =>
    rows<{ status: string; ended: boolean }>('select status, finished_at is not null as ended from dbt_store.run');

  it('is its row', async () => {
    const id = await idOf('shop');
    expect(await writeRunNews(pool, id, [started])).toBe(1);
    expect(
      await rows(
        'select run_id, job_id, status, sets_state, results_complete from dbt.runs r join dbt_store.run using (run_id, job_id, status, sets_state)',
      ),
    ).toEqual([{ run_id: '7001', job_id: '401', status: 'running', sets_state: true, results_complete: false }]);
  });

  it('moves it on, and never back', async () => {
    const id = await idOf('shop');
    await writeRunNews(pool, id, [started]);
    await writeRunNews(pool, id, [errored]);
    expect(await writeRunNews(pool, id, [started])).toBe(0);
    expect(await stored()).toEqual([{ status: 'error', ended: true }]);
  });

  it('does not go back behind an end without a time either', async () => {
    const id = await idOf('shop');
    await writeRunNews(pool, id, [news('error', null)]);
    expect(await writeRunNews(pool, id, [started])).toBe(0);
    expect(await writeRunNews(pool, id, [errored])).toBe(1);
    expect(await stored()).toEqual([{ status: 'error', ended: true }]);
  });

  it('writes nothing that is there already', async () => {
    const id = await idOf('shop');
    await writeRunNews(pool, id, [started]);
    expect(await writeRunNews(pool, id, [started])).toBe(0);
  });

  it('leaves what the Admin API told as it is', async () => {
    const id = await idOf('shop');
    await rows(
      `insert into dbt_store.run (integration_id, run_id, status, reason, dbt_version) values (${id}, '7001', 'queued', 'of the API', 'versionless')`,
    );
    await writeRunNews(pool, id, [started]);
    expect(await rows('select status, reason, dbt_version, job_id::integer from dbt_store.run')).toEqual([
      { status: 'running', reason: 'of the API', dbt_version: 'versionless', job_id: 401 },
    ]);
  });
});

it('jobs that check proposals are known once they are stored', async () => {
  const id = await idOf('shop');
  await rows(
    `insert into dbt_store.job (integration_id, job_id, job_type) values (${id}, 1, 'ci'), (${id}, 2, 'scheduled')`,
  );
  expect(await storedChecks(pool, id, [1, 2, 3])).toEqual(new Set([1]));
});
