import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { createPool } from '../src/store/pool.ts';
import { rebuildState } from '../src/store/publish/state.ts';
import { inTransaction } from '../src/store/transaction.ts';
import { createDatabase, dropDatabase, type Server, settle } from './database.ts';
import { othersStatement, type PastSize, pastStatements } from './readers-rows.ts';

/** How long one view or question takes, warm, in milliseconds. */
export interface Reading {
  readonly name: string;
  readonly rows: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface ReadersPart {
  readonly size: PastSize;
  readonly results: number;
  readonly fillS: number;
  readonly readings: readonly Reading[];
}

export interface ReadersPartOptions {
  readonly size: PastSize;
  readonly server: Server;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

const DOCUMENT = new URL('../docs/queries.md', import.meta.url);
const QUESTION = /## (\d+)\. (.+)\n[\s\S]*?```sql\n([\s\S]*?);\n```/g;
/** What a BI tool filters and sorts a view by. */
const TIMES: { readonly [view: string]: string } = {
  run_results: 'executed_at',
  test_results: 'executed_at',
  freshness_results: 'snapshotted_at',
  runs: 'created_at',
  run_critical_path: 'completed_at',
  changes: 'changed_at',
  status_changes: 'changed_at',
  test_incidents: 'opened_at',
  test_health_daily: 'day',
  model_timing_daily: 'day',
  coverage_daily: 'day',
};
const SORTED: { readonly [view: string]: string } = { slowest_models: 'p50_s', flaky_tests: 'flip_rate' };
/** Integrations beside the one that is read. */
const OTHERS = 4;
const WARM_UP = 2;
const TIMES_READ = 20;

interface Query {
  readonly name: string;
  readonly text: string;
}

async function queries(client: pg.Client): Promise<Query[]> {
  const { rows } = await client.query<{ view: string }>(
    `select table_name as view from information_schema.views where table_schema = 'dbt' order by 1`,
  );
  const views = rows.flatMap(({ view }) => {
    const time = TIMES[view];
    const recent = time === undefined ? '' : ` and ${time} > now() - interval '30 days'`;
    const text = `select * from dbt.${view} where integration = 'shop'${recent}`;
    const sort = time ?? SORTED[view];
    const sorted = { name: `${view} by ${sort}`, text: `${text} order by ${sort} desc limit 1000` };
    return [{ name: view, text: `${text} limit 1000` }, ...(sort === undefined ? [] : [sorted])];
  });
  const asked = [...(await readFile(DOCUMENT, 'utf8')).matchAll(QUESTION)];
  return [
    ...views,
    ...asked.map(([, number, title, text]) => ({ name: `${number}. ${title}`, text: `${text}\nlimit 1000` })),
  ];
}

const atShare = (sorted: readonly number[], share: number) =>
  sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;

async function read(client: pg.Client, { name, text }: Query, signal: AbortSignal): Promise<Reading> {
  const taken: number[] = [];
  let rows = 0;
  for (let time = 0; time < WARM_UP + TIMES_READ; time++) {
    signal.throwIfAborted();
    const start = performance.now();
    rows = (await client.query({ text, rowMode: 'array' })).rows.length;
    if (time >= WARM_UP) taken.push(performance.now() - start);
  }
  const sorted = taken.toSorted((a, b) => a - b);
  return { name, rows, p50Ms: atShare(sorted, 0.5), p95Ms: atShare(sorted, 0.95) };
}

/** Makes the past, and everything that publishing would have kept of it. Gives the seconds that the latter took. */
async function fill(url: string, { size, signal, onProgress }: ReadersPartOptions): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(`set work_mem = '256MB'`);
    for (const [index, statement] of pastStatements(size).entries()) {
      signal.throwIfAborted();
      onProgress(`readers: rows, step ${index + 1}`);
      await client.query(statement);
    }
    await client.query('analyze');
  } finally {
    await client.end();
  }
  const pool = createPool(url);
  try {
    onProgress('readers: statuses and rollups');
    const start = performance.now();
    await inTransaction(pool, async (inside) => {
      await inside.query(`set local work_mem = '256MB'`);
      await rebuildState(inside);
    });
    const seconds = (performance.now() - start) / 1_000;
    onProgress('readers: other integrations');
    await pool.query(othersStatement(OTHERS));
    await pool.query('vacuum analyze');
    return seconds;
  } finally {
    await pool.end();
  }
}

/** How fast readers get what they ask: every view as a BI tool reads it, and every question of docs/queries.md. */
export async function runReadersPart(options: ReadersPartOptions): Promise<ReadersPart> {
  const { size, server, signal, onProgress } = options;
  const name = `bench_readers_${process.pid}`;
  try {
    const url = await createDatabase(server, name);
    const fillS = await fill(url, options);
    await settle(url);
    const client = new pg.Client(url);
    await client.connect();
    try {
      const { rows } = await client.query<{ results: string }>('select count(*) as results from dbt_store.run_result');
      const readings: Reading[] = [];
      for (const query of await queries(client)) {
        onProgress(`readers: ${query.name}`);
        readings.push(await read(client, query, signal));
      }
      return { size, results: Number(rows[0]?.results), fillS, readings };
    } finally {
      await client.end();
    }
  } finally {
    await dropDatabase(server, name);
  }
}
