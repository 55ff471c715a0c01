import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { FULL } from '../size.ts';
import { createTestDatabase, query } from '../store/database.ts';
import { eventText, post, SECRET } from '../unit/server/serving.ts';
import { build, DAILY, PRODUCTION, PROJECT, runId } from './mini-history.ts';
import { given } from './mini-platform.ts';

const PROCESS = fileURLToPath(new URL('./webhook-flood-process.ts', import.meta.url));
/** Events, of which every third is sent twice or more. */
const EVENTS = FULL ? 10_000 : 300;
const AT_ONCE = 16;
const TYPES = ['started', 'errored', 'completed'];

function startReceiver(args: readonly string[]): { child: ChildProcess; url: Promise<string> } {
  const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const url = once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line));
  return { child, url };
}

const typeOf = (n: number) => TYPES[n % TYPES.length] ?? '';
/** Some runs the service knows, and the others long no more. */
const isKnown = (n: number) => n % 50 === 0;
const unknownRun = (n: number) => 9_000 + (n % 301);

function bodyOf(n: number): string {
  const type = typeOf(n);
  const end = {
    completed: { runFinishedAt: '2026-01-01T06:30:00Z' },
    errored: { runErroredAt: '2026-01-01T06:29:00Z' },
  };
  const code = type === 'started' ? 3 : 20;
  return eventText({
    eventId: `wev_${n}`,
    eventType: `job.run.${type}`,
    accountId: undefined,
    data: {
      runId: String(isKnown(n) ? runId(1) : unknownRun(n)),
      jobId: String(DAILY),
      environmentId: String(PRODUCTION),
      projectId: String(PROJECT),
      runStatusCode: code,
      ...end[type as keyof typeof end],
    },
  });
}

/** The numbers with repetitions, in an order that has nothing to do with theirs. */
function order(): number[] {
  const all = Array.from({ length: EVENTS }, (_, n) => n).flatMap((n) => (n % 3 === 0 ? [n, n] : [n]));
  return all
    .map((n, index) => ({ n, key: (index * 7_919) % all.length }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ n }) => n);
}

/** dbt sends again what was not answered with success, for as long as that takes here. */
async function deliver(url: () => string, n: number): Promise<void> {
  const body = bodyOf(n);
  for (let times = 0; times < 1_000; times++) {
    const { status } = await post(`${url()}/webhooks/dbt/shop`, body).catch(() => ({ status: 0 }));
    if (status === 200) return;
    await pause(50);
  }
}

it('every event is handled once, although they come in any order, twice, and to a process that is killed', {
  timeout: FULL ? 300_000 : 60_000,
}, async () => {
  const { url: platformUrl } = await given(build(1, ['orders']));
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const first = startReceiver([database.url, platformUrl, SECRET]);
  let url = await first.url;
  const { port } = new URL(url);
  const queue = order();
  const killAt = Math.floor(queue.length / 2);
  let next = 0;
  let second: Promise<string> | undefined;
  const send = async () => {
    for (let at = next++; at < queue.length; at = next++) {
      if (at === killAt) {
        first.child.kill('SIGKILL');
        await once(first.child, 'exit');
        second = startReceiver([database.url, platformUrl, SECRET, port]).url;
        url = await second;
      }
      await deliver(() => url, queue[at] ?? 0);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  const counted = () =>
    query(
      database.url,
      `select count(*)::integer as events, count(handled_at)::integer as handled, count(distinct event_id)::integer as ids,
        coalesce(array_agg(distinct outcome order by outcome), '{}') as outcomes from dbt_store.webhook_event`,
    );
  const all = { events: EVENTS, handled: EVENTS, ids: EVENTS, outcomes: ['noted', 'synced'] };
  await expect.poll(counted, { timeout: 60_000, interval: 200 }).toEqual([all]);
  const unknown = Array.from({ length: EVENTS }, (_, n) => n).filter((n) => !isKnown(n));
  const [runs, ended] = [unknown, unknown.filter((n) => typeOf(n) !== 'started')].map(
    (of) => new Set(of.map(unknownRun)).size,
  );
  const stored = `select count(*)::integer as runs, count(finished_at)::integer as ended from dbt.runs where run_id like '9%'`;
  expect(await query(database.url, stored)).toEqual([{ runs, ended }]);
  const [{ unique_id: found } = {}] = await query<{ unique_id: string }>(
    database.url,
    'select unique_id from dbt.run_results',
  );
  expect(found).toBe('model.shop.orders');
  const syncs = await query<{ n: number }>(database.url, 'select count(*)::integer as n from dbt.sync_runs');
  expect(syncs[0]?.n).toBeLessThan(EVENTS / 10);
});
