import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { databaseGauges } from '../../src/app/gauges.ts';
import { createMetrics } from '../../src/app/metrics.ts';
import { readiness } from '../../src/app/readiness.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { integrationGauges } from '../../src/store/read/gauges.ts';
import { createEmptyDatabase, createTestDatabase, query, type TestDatabase } from './database.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url);
  await query(
    database.url,
    `insert into dbt_store.integration (name, dbt_updated_at, known_since)
    values ('new', null, now() - interval '20 minutes'), ('shop', now() - interval '1 hour', now() - interval '2 days');
    insert into dbt_store.sync_run (integration_id, reason, source, outcome, started_at, finished_at)
    select integration_id, 'x', 'discovery', v.outcome, now() - v.ago, now() - v.ago from dbt_store.integration,
      (values ('done', interval '30 minutes'), ('unchanged', interval '10 minutes'), ('failed', interval '1 minute')) v (outcome, ago)
    where name = 'shop';
    insert into dbt_store.webhook_event (integration_id, event_id, body, handled_at)
    select integration_id, v.id, '{}', v.handled from dbt_store.integration,
      (values ('1', null), ('2', now()), ('3', null)) v (id, handled) where name = 'shop'`,
  );
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Something that takes connections and says nothing. */
async function silentServer(): Promise<string> {
  const server: Server = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return `postgresql://x:y@127.0.0.1:${(server.address() as { port: number }).port}/x`;
}

it('lag is the time since the last pass without loss, or since the first sight of one that had none, and age that since dbt last moved', async () => {
  const [fresh, shop] = await integrationGauges(pool);
  expect(fresh).toMatchObject({ integration: 'new', dataAgeS: null, waitingEvents: 0 });
  expect(fresh?.lagS).toBeCloseTo(1_200, -1);
  expect(shop).toMatchObject({ integration: 'shop', waitingEvents: 2 });
  expect(shop?.lagS).toBeCloseTo(600, -1);
  expect(shop?.dataAgeS).toBeCloseTo(3_600, -1);
});

it('are told with the depth of the queue', async () => {
  const metrics = createMetrics();
  metrics.look(databaseGauges(pool, async () => ({ waiting: 4, failed: 0 })));
  const text = await metrics.text();
  expect(text).toContain('dbt_observer_webhook_events_waiting{integration="shop"} 2');
  expect(text).toMatch(/dbt_observer_sync_lag_seconds\{integration="shop"\} 6\d\d/);
  expect(text).toMatch(/dbt_observer_sync_lag_seconds\{integration="new"\} 12\d\d/);
  expect(text).toContain('dbt_observer_queue_jobs{state="waiting"} 4');
  expect(text).toContain('dbt_observer_database_up 1');
});

it('a database that does not answer holds up nobody, and is said to be away', async () => {
  const away = createPool(await silentServer());
  onTestFinished(() => void away.end());
  const metrics = createMetrics();
  metrics.look(databaseGauges(away));
  const text = await metrics.text();
  expect(text).toContain('dbt_observer_database_up 0');
  expect(text).toContain('dbt_observer_build_info');
});

it('a process is ready on a database of its version, when its queue is', async () => {
  expect(await readiness(pool)).toEqual([
    { name: 'database', problem: null },
    { name: 'migrations', problem: null },
  ]);
  const [, , queue] = await readiness(pool, async () => 'The queue is of an older version.');
  expect(queue).toEqual({ name: 'queue', problem: 'The queue is of an older version.' });
});

it('a process is not ready on a database that holds nothing', async () => {
  const empty = await createEmptyDatabase();
  const other = createPool(empty.url);
  onTestFinished(async () => {
    await other.end();
    await empty.drop();
  });
  expect(await readiness(other)).toMatchObject([
    { problem: null },
    { problem: expect.stringContaining('run migrate') },
  ]);
});

it('a process is not ready while the database does not answer, and says no password', async () => {
  const away = createPool('postgresql://me:s3cret@127.0.0.1:2/none');
  onTestFinished(() => away.end());
  const checks = await readiness(away);
  expect(checks).toMatchObject([{ name: 'database', problem: expect.stringContaining('No PostgreSQL answers') }]);
  expect(JSON.stringify(checks)).not.toContain('s3cret');
});
