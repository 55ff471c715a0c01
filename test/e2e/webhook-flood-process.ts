import { setTimeout as pause } from 'node:timers/promises';
import { openApp } from '../../src/app.ts';
import { SyncError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createLogger } from '../../src/log.ts';
import { startServer } from '../../src/server/server.ts';
import { integrationOf } from './webhook-scene-integration.ts';

/** A process that takes webhooks and handles them until it is killed. It says where it listens. */
const [databaseUrl = '', platformUrl = '', secret = '', port = '0'] = process.argv.slice(2);
const logger = createLogger({ level: 'error', format: 'json', write: (line) => void process.stderr.write(line) });
const limits = { requestsPerMinute: 600_000, maxArtifactMb: 100 };
const app = await openApp({ database: { kind: 'url', url: new Secret(databaseUrl) }, limits, logger });
const integration = integrationOf(platformUrl);
const { signal } = new AbortController();

/** As a queue would: one at a time, and again while the pass of a process that was killed is still being cleared away. */
let going: Promise<void> = Promise.resolve();
const request = () => {
  going = going.then(handled);
  return going;
};

async function handled(): Promise<void> {
  for (;;) {
    try {
      return await app.webhooks.handle(integration, { signal });
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      await pause(100);
    }
  }
}

const server = await startServer({
  host: '127.0.0.1',
  port: Number(port),
  logger,
  webhooks: {
    secrets: new Map([['shop', [new Secret(secret)]]]),
    store: app.webhooks.store,
    requestEvents: request,
    maxAgeS: 30 * 86_400,
  },
  health: { ready: async () => [] },
  metrics: async () => ({ contentType: 'text/plain', text: '' }),
});
// What an earlier process left.
if ((await app.webhooks.forgotten(0)).length > 0) void request();
process.stdout.write(`${server.url}\n`);
