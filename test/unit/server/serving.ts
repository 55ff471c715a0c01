import { createHmac } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import type { Delivery, ReceivedEvent } from '../../../src/domain/webhook.ts';
import { createLogger } from '../../../src/log.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../../src/server/server.ts';
import type { DeliveryOutcome, WebhookReceiver } from '../../../src/server/webhooks.ts';

export const SECRET = 'wsk_of-the-tests';

/** What reached the other side of a server. */
export interface Reached {
  readonly stored: (ReceivedEvent & { readonly integration: string })[];
  readonly requested: string[];
  readonly outcomes: DeliveryOutcome[];
  /** Lines of the log. */
  readonly lines: string[];
}

export interface Serving extends Reached {
  readonly server: RunningServer;
  /** Where the integration `shop` takes webhooks. */
  readonly hook: string;
}

/** A server on a free port until the end of the test, that takes webhooks of `shop` and keeps them in memory. */
export async function serving(
  receiver: Partial<WebhookReceiver> = {},
  options: Partial<ServerOptions> = {},
): Promise<Serving> {
  const reached: Reached = { stored: [], requested: [], outcomes: [], lines: [] };
  const seen = new Set<string>();
  const webhooks: WebhookReceiver = {
    secrets: new Map([['shop', [new Secret(SECRET)]]]),
    async store(integration, event): Promise<Delivery> {
      if (seen.has(event.id)) return 'duplicate';
      seen.add(event.id);
      reached.stored.push({ integration, ...event });
      return 'stored';
    },
    requestEvents: async (integration) => void reached.requested.push(integration),
    maxAgeS: 30 * 86_400,
    onDelivery: (outcome) => void reached.outcomes.push(outcome),
    ...receiver,
  };
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    logger: createLogger({ level: 'debug', format: 'json', write: (line) => void reached.lines.push(line) }),
    webhooks,
    health: { ready: async () => [{ name: 'database', problem: null }] },
    metrics: async () => ({ contentType: 'text/plain', text: 'up 1\n' }),
    ...options,
  });
  onTestFinished(() => server.close());
  return { ...reached, server, hook: `${server.url}/webhooks/dbt/shop` };
}

export const signature = (body: string | Uint8Array, secret = SECRET): string =>
  createHmac('sha256', secret).update(body).digest('hex');

export interface Posted {
  readonly status: number;
  readonly body: string;
}

/** Posts a body as dbt does: signed with the secret over its bytes. */
export async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  { secret = SECRET, headers = {} }: { secret?: string; headers?: Record<string, string> } = {},
): Promise<Posted> {
  const usual = { authorization: signature(body, secret), 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers: { ...usual, ...headers }, body });
  return { status: response.status, body: await response.text() };
}

/** An event as dbt sends it, with ids as text. */
export function eventText({ data, ...more }: { readonly [key: string]: unknown } = {}): string {
  const usual = {
    accountId: 11,
    webhookId: 'wsu_1',
    eventId: 'wev_1',
    timestamp: new Date().toISOString(),
    eventType: 'job.run.completed',
    webhookName: 'dbt-observer shop',
  };
  const run = {
    jobId: '401',
    runId: '7001',
    environmentId: '33',
    projectId: '22',
    runStatus: 'Success',
    runStatusCode: 10,
  };
  return JSON.stringify({ ...usual, ...more, data: { ...run, ...(data as object | undefined) } });
}
