import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createRequests } from '../src/queue/requests.ts';
import { createPool } from '../src/store/pool.ts';
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
  /** Processors that the serving process kept busy. */
  readonly cores: number;
}

export interface ServePart {
  readonly integrations: number;
  readonly workers: number;
  /** Jobs a second that do nothing: of the queue's library alone, and of our worker with a queue for each. */
  readonly empty: number;
  readonly ours: number;
  readonly first: Round;
  readonly unchanged: Round;
  /** The same, all asked for at once instead of spread over half a minute. */
  readonly atOnce: Round;
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

/** Lets a process do a sync of every integration, and waits until all are done. */
async function round(
  child: ChildProcess,
  { databaseUrl, integrations }: ServeTask,
  { signal, ask }: { readonly signal: AbortSignal; readonly ask: () => unknown },
): Promise<Round> {
  await settle(databaseUrl);
  const [before] = await rows<{ at: Date }>(databaseUrl, 'select clock_timestamp() as at');
  const cost = await costOf(child, signal);
  await ask();
  const ended = `select extract(epoch from finished_at - $1)::double precision as lag_s from dbt_store.sync_run
    where started_at > $1 and outcome in ('done', 'unchanged') order by 1`;
  let lags: number[] = [];
  while (lags.length < integrations) {
    await delay(500);
    lags = (await rows<{ lag_s: number }>(databaseUrl, ended, [before?.at])).map((row) => row.lag_s);
  }
  const share = (part: number) => lags[Math.min(lags.length - 1, Math.floor(part * lags.length))] ?? 0;
  const cpuS = ((await costOf(child, signal)).cpuMs - cost.cpuMs) / 1_000;
  return { perSecond: integrations / share(1), p50S: share(0.5), p99S: share(0.99), cores: cpuS / share(1) };
}

/** Sets the clock of a process ahead, so that every integration is due. */
async function setAhead(child: ChildProcess, days: number, signal: AbortSignal): Promise<void> {
  child.send({ aheadMs: days * DAY_MS });
  await nextMessage(child, 'serve', signal);
}

async function costOf(child: ChildProcess, signal: AbortSignal): Promise<ServeCost> {
  child.send('cost');
  return nextMessage<ServeCost>(child, 'serve', signal);
}

async function askAll({ databaseUrl, integrations }: ServeTask): Promise<void> {
  const pool = createPool(databaseUrl);
  const now = new Date();
  const ticks = Array.from({ length: integrations }, (_, index) => {
    return { integration: `integration-${index}`, tick: new Date(now.getTime() + 3 * DAY_MS), delayS: 0 };
  });
  await createRequests(pool).requestDue(ticks, new Date(now.getTime() + 4 * DAY_MS));
  await pool.end();
}

async function idleCost(task: ServeTask, signal: AbortSignal): Promise<ServePart['idle']> {
  const child = start('./serve-child.ts', JSON.stringify({ ...task, roles: ['scheduler', 'worker'] }), signal);
  await nextMessage(child, 'serve', signal);
  const count = async () => {
    const text =
      'select (xact_commit + xact_rollback)::integer as n from pg_stat_database where datname = current_database()';
    return (await rows<{ n: number }>(task.databaseUrl, text))[0]?.n ?? 0;
  };
  await delay(10_000);
  const [transactions, before] = [await count(), await costOf(child, signal)];
  await delay(IDLE_S * 1_000);
  const [now, after] = [await count(), await costOf(child, signal)];
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
    const child = start('./serve-child.ts', JSON.stringify(task), signal);
    await nextMessage(child, 'serve', signal);
    // The scheduler looked at its start, with no clock set ahead.
    const first = await round(child, task, { signal, ask: () => undefined });
    onProgress(`serve: first syncs ${first.perSecond.toFixed(1)} a second`);
    const unchanged = await round(child, task, { signal, ask: () => setAhead(child, 2, signal) });
    onProgress(`serve: unchanged ${unchanged.perSecond.toFixed(1)} a second, p99 ${unchanged.p99S.toFixed(1)} s`);
    const atOnce = await round(child, task, { signal, ask: () => askAll(task) });
    onProgress(`serve: all at once ${atOnce.perSecond.toFixed(1)} a second`);
    child.disconnect();
    const part: ServePart = {
      integrations,
      workers,
      empty,
      ours,
      first,
      unchanged,
      atOnce,
      idle: await idleCost(task, signal),
    };
    return part;
  } finally {
    hosts.disconnect();
    for (const name of names) await dropDatabase(server, name);
  }
}
