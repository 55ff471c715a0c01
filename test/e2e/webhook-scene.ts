import { onTestFinished } from 'vitest';
import type { Platform } from '../../demo/platform/platform.ts';
import { createMetrics, type Metrics } from '../../src/app/metrics.ts';
import type { Patience } from '../../src/app/webhooks/settle.ts';
import { type App, openApp } from '../../src/app.ts';
import type { PlatformIntegration } from '../../src/config/types.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createLogger } from '../../src/log.ts';
import { startServer } from '../../src/server/server.ts';
import { createTestDatabase, query } from '../store/database.ts';
import { ACCOUNT, type MiniRun } from './mini-history.ts';
import { call, given } from './mini-platform.ts';
import { integrationOf } from './webhook-scene-integration.ts';

/** A run that is not there yet is looked for twice. */
export const IMPATIENT: Patience = { successMs: 40, otherMs: 20, firstMs: 20, longestMs: 20 };

/** A store with an app over it, and an integration that it takes events of. */
export interface EventScene {
  readonly app: App;
  readonly metrics: Metrics;
  readonly databaseUrl: string;
  readonly integration: PlatformIntegration;
  /** Keeps events as a server would, without one. */
  keep(...events: { readonly [key: string]: unknown }[]): Promise<void>;
  /** Handles what waits. */
  handle(patience?: Patience): Promise<void>;
  rows<Row extends Record<string, unknown>>(statement: string): Promise<Row[]>;
  /** What was done about each event, in the order of their ids. */
  outcomes(): Promise<{ id: string; outcome: string | null; reason: string | null }[]>;
}

/** An app on a database of its own until the test ends. */
export async function eventScene(integration: PlatformIntegration): Promise<EventScene> {
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const metrics = createMetrics();
  const limits = { requestsPerMinute: 600_000, maxArtifactMb: 100 };
  const logger = createLogger({ level: 'error', format: 'json', write: () => undefined });
  const app = await openApp({ database: { kind: 'url', url: new Secret(database.url) }, limits, logger, metrics });
  onTestFinished(app.close);
  const rows: EventScene['rows'] = (statement) => query(database.url, statement);
  return {
    app,
    metrics,
    databaseUrl: database.url,
    integration,
    rows,
    async keep(...events) {
      for (const event of events) {
        const told = { id: String(event.eventId), type: String(event.eventType), sentAt: null, body: event };
        await app.webhooks.store(integration.name, told);
      }
    },
    handle: (patience = IMPATIENT) =>
      app.webhooks.handle(integration, { signal: new AbortController().signal, patience }),
    outcomes: () =>
      rows('select event_id as id, outcome, reason from dbt_store.webhook_event order by event_id collate "C"'),
  };
}

export interface HookScene extends EventScene {
  readonly platform: Platform;
  /** Where the server of this side takes webhooks. */
  readonly hook: string;
}

/** A platform with these runs that tells a server of ours of them, and the store behind it. */
export async function hookScene(runs: readonly MiniRun[], more: Partial<PlatformIntegration> = {}): Promise<HookScene> {
  const platform = await given(...runs);
  const scene = await eventScene(integrationOf(platform.url, more));
  const secrets: Secret[] = [];
  const { app, integration } = scene;
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    logger: createLogger({ level: 'error', format: 'json', write: () => undefined }),
    webhooks: {
      secrets: new Map([['shop', secrets]]),
      store: app.webhooks.store,
      requestEvents: () => app.webhooks.handle(integration, { signal: new AbortController().signal }),
      maxAgeS: 30 * 86_400,
    },
    health: { ready: async () => [] },
    metrics: async () => ({ contentType: scene.metrics.contentType, text: await scene.metrics.text() }),
  });
  onTestFinished(server.close);
  const hook = `${server.url}/webhooks/dbt/shop`;
  const wish = {
    name: 'of the test',
    client_url: hook,
    event_types: ['job.run.started', 'job.run.completed', 'job.run.errored'],
  };
  const { body } = await call(`/api/v3/accounts/${ACCOUNT}/webhooks/subscriptions`, {
    method: 'POST',
    body: JSON.stringify({ ...wish, active: true, job_ids: [] }),
  });
  secrets.push(new Secret(body.data.hmac_secret));
  return { ...scene, platform, hook };
}
