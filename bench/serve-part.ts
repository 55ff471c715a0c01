import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { nextMessage } from './children.ts';
import { createDatabase, dropDatabase, type Server, settle } from './database.ts';
import type { QueueTask } from './queue-child.ts';
import type { ServeCost, ServeTask } from './serve-child.ts';

/** Syncs of many integrations that were due together. */
export interface Round {
  readonly perSecond: number;
  /** From the tick to the end of the sync, in seconds. */
  readonly p50S: number;
  readonly p99S: number;
}

export interface ServePart {
  readonly integrations: number;
  readonly workers: number;
  /** Jobs a second that do nothing: of the queue's library alone, and of our worker with a queue for each. */
  readonly empty: number;
  readonly ours: number;
  readonly first: Round;
  readonly unchanged: Round;
  /** A process that has nothing to do, with every role and all integrations. */
  readonly idle: ServeCost & { readonly seconds: number; readonly transactions: number };
}

export interface ServePartOptions {
  readonly integrations: number;
  readonly workers: number;
  readonly server: Server;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

const HOSTS = 20;
const EMPTY_JOBS = 5_000;
const IDLE_S = 30;
const DAY_MS = 86_400_000;

function start(name: string, argument: string, signal: AbortSignal): ChildProcess {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const child = fork(file, [argument], { signal, execArgv: process.execArgv });
  child.on('error', () => undefined);
  return child;
}

async function rows<Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Lets every integration be due at once by setting the clock ahead, and waits until all are synced. */
async function round(child: ChildProcess, { databaseUrl, integrations }: ServeTask, days: number): Promise<Round> {
  const [before] = await rows<{ at: Date }>(databaseUrl, 'select clock_timestamp() as at');
  child.send({ aheadMs: days * DAY_MS });
  const ended = `select extract(epoch from finished_at - $1)::double precision as lag_s from dbt_store.sync_run
    where started_at > $1 and outcome in ('done', 'unchanged') order by 1`;
  let lags: number[] = [];
  while (lags.length < integrations) {
    await delay(500);
    lags = (await rows<{ lag_s: number }>(databaseUrl, ended, [before?.at])).map((row) => row.lag_s);
  }
  const share = (part: number) => lags[Math.min(lags.length - 1, Math.floor(part * lags.length))] ?? 0;
  return { perSecond: integrations / share(1), p50S: share(0.5), p99S: share(0.99) };
}

async function idleCost(task: ServeTask, signal: AbortSignal): Promise<ServePart['idle']> {
  const child = start('./serve-child.ts', JSON.stringify({ ...task, roles: ['scheduler', 'worker'] }), signal);
  await nextMessage(child, 'serve', signal);
  const count = async () => {
    const text =
      'select (xact_commit + xact_rollback)::integer as n from pg_stat_database where datname = current_database()';
    return (await rows<{ n: number }>(task.databaseUrl, text))[0]?.n ?? 0;
  };
  const cost = async () => {
    child.send('cost');
    return nextMessage<ServeCost>(child, 'serve', signal);
  };
  await delay(10_000);
  const [transactions, before] = [await count(), await cost()];
  await delay(IDLE_S * 1_000);
  const [now, after] = [await count(), await cost()];
  child.disconnect();
  const { rssMb, cpuMs } = after;
  return { rssMb, cpuMs: cpuMs - before.cpuMs, seconds: IDLE_S, transactions: now - transactions };
}

async function emptyRate(task: QueueTask, signal: AbortSignal): Promise<number> {
  await settle(task.databaseUrl);
  return nextMessage<number>(start('./queue-child.ts', JSON.stringify(task), signal), 'The queue', signal);
}

/** Measures many integrations that are due in the same minute, beside what the queue alone can do. */
export async function runServePart({ integrations, workers, server, signal, onProgress }: ServePartOptions) {
  const names = ['empty', 'ours', 'serve'].map((name) => `observer_bench_${name}_${process.pid}`);
  const [emptyUrl = '', oursUrl = '', databaseUrl = ''] = await Promise.all(
    names.map((name) => createDatabase(server, name)),
  );
  const hosts = start('./serve-hosts.ts', String(HOSTS), signal);
  const urls = await nextMessage<string[]>(hosts, 'The hosts', signal);
  const queue = { jobs: EMPTY_JOBS, concurrency: workers };
  try {
    const empty = await emptyRate({ ...queue, databaseUrl: emptyUrl, isOurs: false }, signal);
    const ours = await emptyRate({ ...queue, jobs: integrations, databaseUrl: oursUrl, isOurs: true }, signal);
    onProgress(`serve: ${Math.round(empty)} empty jobs a second, ${Math.round(ours)} of ours`);
    const task: ServeTask = { databaseUrl, urls, integrations, roles: ['scheduler', 'worker'], concurrency: workers };
    await settle(databaseUrl);
    const child = start('./serve-child.ts', JSON.stringify(task), signal);
    await nextMessage(child, 'serve', signal);
    const first = await round(child, task, 0);
    onProgress(`serve: first syncs ${first.perSecond.toFixed(1)} a second`);
    await settle(databaseUrl);
    const unchanged = await round(child, task, 2);
    onProgress(`serve: unchanged ${unchanged.perSecond.toFixed(1)} a second, p99 ${unchanged.p99S.toFixed(1)} s`);
    child.disconnect();
    const part: ServePart = {
      integrations,
      workers,
      empty,
      ours,
      first,
      unchanged,
      idle: await idleCost(task, signal),
    };
    return part;
  } finally {
    hosts.disconnect();
    for (const name of names) await dropDatabase(server, name);
  }
}
