import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, query, type TestDatabase } from '../store/database.ts';
import { CONTRACT, type Family, TYPES } from './reader-contract.ts';

/** A source, a model on it, a test and an exposure of the model, and one failing result of the test. */
const SMALL_PROJECT = `
  insert into dbt_store.integration (name, environment_id) values ('shop', 1);
  insert into dbt_store.run (integration_id, run_id) select integration_id, '7' from dbt_store.integration;
  insert into dbt_store.node (integration_id, unique_id, resource_type, state, name, file_path, tested_unique_id)
  select integration_id, v.* from dbt_store.integration, (values
    ('source.shop.raw.orders', 'source', 'defined', 'orders', 'models/raw.yml', null),
    ('model.shop.stg_orders', 'model', 'defined', 'stg_orders', 'models/stg_orders.sql', null),
    ('test.shop.unique_orders.1', 'test', 'defined', 'unique_orders', 'models/raw.yml', 'model.shop.stg_orders'),
    ('exposure.shop.sales', 'exposure', 'defined', 'sales', 'models/sales.yml', null)) v;
  insert into dbt_store.edge select p.integration_id, p.node_id, c.node_id from dbt_store.node p
  join dbt_store.node c on (p.resource_type, c.resource_type) in (('source', 'model'), ('model', 'test'), ('model', 'exposure'));
  insert into dbt_store.node_column (integration_id, node_id, name)
  select integration_id, node_id, 'id' from dbt_store.node where resource_type = 'model';
  insert into dbt_store.run_result (integration_id, run_id, step, node_id, status, executed_at)
  select integration_id, '7', 1, node_id, 'fail', now() from dbt_store.node where resource_type = 'test';
  insert into dbt_store.node_status (integration_id, node_id, status, last_run_id, last_run_at, executed_status,
    executed_class, last_executed_at, since_is_exact, consecutive_failures)
  select integration_id, node_id, 'fail', '7', now(), 'fail', 'fail', now(), true, 1 from dbt_store.node
  where resource_type = 'test'`;

let database: TestDatabase;
let reader: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await query(database.url, SMALL_PROJECT);
  reader = new pg.Client({ connectionString: database.url });
  await reader.connect();
  await reader.query('set role dbt_reader');
});

afterAll(async () => {
  await reader.end();
  await database.drop();
});

interface Column {
  readonly view: string;
  readonly name: string;
  readonly type: string;
}

function columns(): Promise<Column[]> {
  return query<Column & pg.QueryResultRow>(
    database.url,
    `select table_name as view, column_name as name, data_type as type from information_schema.columns
    where table_schema = 'dbt' order by table_name, ordinal_position`,
  );
}

async function names(statement: string): Promise<string[]> {
  const rows = await query<{ name: string }>(database.url, statement);
  return rows.map(({ name }) => name);
}

const relationsOf = (schema: string) =>
  names(`select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname = '${schema}' and relkind in ('r', 'p', 'v', 'm') order by 1`);

test.each(Object.keys(CONTRACT))('%s has the columns and types that readers rely on', async (view) => {
  const found = new Map((await columns()).filter((one) => one.view === view).map(({ name, type }) => [name, type]));
  const differing = Object.entries(CONTRACT[view] ?? {}).flatMap(([family, list]) =>
    list
      .split(' ')
      .filter((name) => !TYPES[family as Family].includes(found.get(name) ?? ''))
      .map((name) => `${name} should be ${family} and is ${found.get(name) ?? 'missing'}`),
  );
  expect(differing).toEqual([]);
});

test('a name tells the type: _at is an instant, _s a duration in seconds, _id and _name a text but for ids of dbt', async () => {
  const all = await columns();
  const typesOf = (ending: RegExp) => new Set(all.filter(({ name }) => ending.test(name)).map(({ type }) => type));
  expect(typesOf(/_at$/)).toEqual(new Set(['timestamp with time zone']));
  expect(typesOf(/_s$/)).toEqual(new Set(['double precision']));
  expect(typesOf(/(unique|[^c]_run|^run|invocation)_id$|_name$/)).toEqual(new Set(['text']));
  expect(typesOf(/(account|project|environment|job)_id$/)).toEqual(new Set(['bigint']));
});

test('every view names the integration of a row', async () => {
  const all = await columns();
  const named = new Set(
    all.filter(({ name, type }) => name === 'integration' && type === 'text').map(({ view }) => view),
  );
  expect([...new Set(all.map(({ view }) => view))].filter((view) => !named.has(view))).toEqual([]);
});

test('dbt_reader reads every view of schema dbt', async () => {
  const views = await relationsOf('dbt');
  expect(views.length).toBeGreaterThanOrEqual(Object.keys(CONTRACT).length);
  for (const view of views) await expect(reader.query(`select * from ${view}`), view).resolves.toBeDefined();
});

test('dbt_reader sees the rows behind the views', async () => {
  const { rows } = await reader.query('select name, layer, tests_failed, test_status, columns from dbt.models');
  expect(rows).toEqual([{ name: 'stg_orders', layer: 'staging', tests_failed: 1, test_status: 'fail', columns: 1 }]);
  const { rows: health } = await reader.query('select upstream_sources, failing_tests, health from dbt.exposures');
  expect(health).toEqual([{ upstream_sources: 1, failing_tests: 1, health: 'fail' }]);
});

test('dbt_reader walks the lineage in both directions', async () => {
  const up = await reader.query(
    `select unique_id, distance from dbt.upstream('shop', 'exposure.shop.sales') order by distance`,
  );
  expect(up.rows).toEqual([
    { unique_id: 'model.shop.stg_orders', distance: 1 },
    { unique_id: 'source.shop.raw.orders', distance: 2 },
  ]);
  const down = await reader.query(
    `select name, resource_type, distance from dbt.downstream('shop', 'source.shop.raw.orders', max_depth => 1)`,
  );
  expect(down.rows).toEqual([{ name: 'stg_orders', resource_type: 'model', distance: 1 }]);
});

test('dbt_reader reads nothing of the storage', async () => {
  const storage = [...(await relationsOf('dbt_store')), ...(await relationsOf('dbt_store_migration'))];
  expect(storage.length).toBeGreaterThan(0);
  for (const relation of storage) {
    await expect(reader.query(`select from ${relation}`), relation).rejects.toMatchObject({ code: '42501' });
  }
  await expect(reader.query(`select dbt_store.layer('stg_a', null)`)).rejects.toMatchObject({ code: '42501' });
});

test('dbt_reader writes nowhere', async () => {
  const writable = await names(`select format('%I.%I', nspname, relname) as name
    from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname in ('dbt', 'dbt_store', 'dbt_store_migration') and relkind in ('r', 'p', 'v', 'm')
      and has_table_privilege('dbt_reader', c.oid, 'insert, update, delete, truncate')`);
  expect(writable).toEqual([]);
});
