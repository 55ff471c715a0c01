import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, query, type TestDatabase } from './database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => database.drop());

/** Objects by name with their comments, of which there must be some. */
async function uncommented(statement: string): Promise<string[]> {
  const rows = await query<{ name: string; comment: string | null }>(database.url, statement);
  expect(rows.length).toBeGreaterThan(0);
  return rows.filter(({ comment }) => comment === null || comment.trim() === '').map(({ name }) => name);
}

test('every view of schema dbt says what it is', async () => {
  const views = `select relname as name, obj_description(oid, 'pg_class') as comment from pg_class
    where relnamespace = 'dbt'::regnamespace and relkind in ('v', 'm', 'r')`;
  expect(await uncommented(views)).toEqual([]);
});

test('every column of a view or type of schema dbt says what it is', async () => {
  const columns = `select c.relname || '.' || a.attname as name, col_description(c.oid, a.attnum) as comment
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'dbt'::regnamespace and c.relkind in ('v', 'm', 'r', 'c') order by 1`;
  expect(await uncommented(columns)).toEqual([]);
});

test('every function of schema dbt says what it does', async () => {
  const functions = `select oid::regprocedure::text as name, obj_description(oid, 'pg_proc') as comment from pg_proc
    where pronamespace = 'dbt'::regnamespace`;
  expect(await uncommented(functions)).toEqual([]);
});

test('every type of schema dbt says what it is', async () => {
  const types = `select t.typname as name, obj_description(t.oid, 'pg_type') as comment
    from pg_type t left join pg_class c on c.oid = t.typrelid
    where t.typnamespace = 'dbt'::regnamespace and t.typelem = 0 and (c.relkind is null or c.relkind = 'c')`;
  expect(await uncommented(types)).toEqual([]);
});

test('both schemas say what they are for', async () => {
  const schemas = `select nspname as name, obj_description(oid, 'pg_namespace') as comment from pg_namespace
    where nspname in ('dbt', 'dbt_store')`;
  expect(await uncommented(schemas)).toEqual([]);
});

test('every table of the storage says what a row is', async () => {
  const tables = `select relname as name, obj_description(oid, 'pg_class') as comment from pg_class
    where relnamespace = 'dbt_store'::regnamespace and relkind in ('r', 'p')`;
  expect(await uncommented(tables)).toEqual([]);
});

test('a repeated comment fills only columns that have none of their own', async () => {
  const rows = await query<{ column_name: string; comment: string | null }>(
    database.url,
    `select column_name, col_description(format('dbt.%I', table_name)::regclass, ordinal_position) as comment
    from information_schema.columns
    where table_schema = 'dbt' and (table_name, column_name) in (('columns', 'name'), ('nodes', 'name'), ('models', 'name'))
    order by table_name`,
  );
  const [ofColumns, ofModels, ofNodes] = rows.map(({ comment }) => comment);
  expect(ofModels).toBe(ofNodes);
  expect(ofColumns).not.toBe(ofNodes);
});
