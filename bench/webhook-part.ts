import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Children } from './children.ts';
import { createDatabase, dropDatabase, type Server } from './database.ts';

/** How long deliveries waited for their answers, in milliseconds. */
export interface WebhookPart {
  readonly perSecond: number;
  readonly deliveries: number;
  /** Answers that were no success. */
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface WebhookPartOptions {
  readonly perSecond: number;
  readonly seconds: number;
  readonly server: Server;
  readonly children: Children;
  readonly onProgress: (line: string) => void;
}

const SECRET = 'wsk_of-the-bench';
/** Before anything counts, for connections and code that are new. */
const WARM_UP = 200;
/** Every so manieth delivery is sent again. */
const REPEATED = 10;

function bodyOf(number: number): string {
  const run = {
    jobId: '5',
    runId: String(1_000 + (number % 500)),
    environmentId: '7',
    projectId: '3',
    runStatusCode: 3,
  };
  return JSON.stringify({
    accountId: 1,
    webhookId: 'wsu_bench',
    eventId: `wev_${number - (number % REPEATED === 0 ? 1 : 0)}`,
    timestamp: new Date().toISOString(),
    eventType: 'job.run.started',
    webhookName: 'bench',
    data: {
      ...run,
      jobName: 'Daily',
      runStatus: 'Running',
      runReason: 'scheduled',
      runStartedAt: '2026-01-01T00:00:00Z',
    },
  });
}

async function deliver(url: string, number: number): Promise<{ ms: number; isGood: boolean }> {
  const body = bodyOf(number);
  const authorization = createHmac('sha256', SECRET).update(body).digest('hex');
  const start = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body,
  });
  await response.arrayBuffer();
  return { ms: performance.now() - start, isGood: response.status === 200 };
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

/** Sends deliveries at a fixed rate, whether or not the ones before were answered, while their events are handled. */
export async function runWebhookPart(options: WebhookPartOptions): Promise<WebhookPart> {
  const { perSecond, seconds, server, children, onProgress } = options;
  const name = `observer_bench_webhooks_${process.pid}`;
  const databaseUrl = await createDatabase(server, name);
  try {
    const { url } = await children.receiver({ databaseUrl, secret: SECRET });
    for (let number = 1; number <= WARM_UP; number++) await deliver(url, number);
    const deliveries = perSecond * seconds;
    const answers: Promise<{ ms: number; isGood: boolean }>[] = [];
    const begin = performance.now();
    for (let sent = 0; sent < deliveries; sent++) {
      const wait = begin + (sent * 1_000) / perSecond - performance.now();
      if (wait > 1) await pause(wait);
      answers.push(deliver(url, WARM_UP + 1 + sent));
    }
    const told = await Promise.all(answers);
    const times = told.map(({ ms }) => ms).toSorted((a, b) => a - b);
    const [p50Ms, p99Ms, maxMs] = [0.5, 0.99, 1].map((share) => quantile(times, share)) as [number, number, number];
    onProgress(`webhooks: p99 ${p99Ms.toFixed(1)} ms`);
    const failures = told.filter(({ isGood }) => !isGood).length;
    return { perSecond, deliveries, failures, p50Ms, p99Ms, maxMs };
  } finally {
    await dropDatabase(server, name);
  }
}
