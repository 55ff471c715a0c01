import { openApp } from '../src/app.ts';
import type { PlatformIntegration } from '../src/config/types.ts';
import { Secret } from '../src/domain/secret.ts';
import { createLogger } from '../src/log.ts';
import { startServer } from '../src/server/server.ts';

/** A process that takes webhooks into a database and handles them meanwhile, as one that serves would. */
const { databaseUrl, secret } = JSON.parse(process.argv[2] ?? '') as { databaseUrl: string; secret: string };

const integration: PlatformIntegration = {
  name: 'bench',
  accountId: 1,
  environmentId: 7,
  token: new Secret('bench'),
  source: 'discovery',
  timeZone: 'UTC',
  maxRemovalRatio: 0.5,
  discoveryLagS: 1_800,
  runHistory: false,
};
const logger = createLogger({ level: 'info', format: 'json', write: () => undefined });
const limits = { requestsPerMinute: 1_000, maxArtifactMb: 400 };
const app = await openApp({ database: { kind: 'url', url: new Secret(databaseUrl) }, limits, logger });
const { signal } = new AbortController();
const server = await startServer({
  host: '127.0.0.1',
  port: 0,
  logger,
  webhooks: {
    secrets: new Map([[integration.name, [new Secret(secret)]]]),
    store: app.webhooks.store,
    requestEvents: () => app.webhooks.handle(integration, { signal }),
    maxAgeS: 30 * 86_400,
  },
  health: { ready: async () => [] },
  metrics: async () => ({ contentType: 'text/plain', text: '' }),
});
process.send?.({ url: `${server.url}/webhooks/dbt/${integration.name}` });
// An end by a signal leaves no profile.
for (const end of ['disconnect', 'SIGTERM']) process.once(end, () => process.exit());
