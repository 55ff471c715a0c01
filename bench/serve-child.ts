import { openApp } from '../src/app.ts';
import type { Role } from '../src/cli/roles.ts';
import { startServing } from '../src/cli/serve-roles.ts';
import type { PlatformIntegration } from '../src/config/types.ts';
import { Secret } from '../src/domain/secret.ts';
import { createLogger } from '../src/log.ts';

/** Integrations of one tiny environment each, spread over hosts, and who serves them. */
export interface ServeTask {
  readonly databaseUrl: string;
  readonly urls: readonly string[];
  readonly integrations: number;
  readonly roles: readonly Role[];
  readonly concurrency: number;
}

/** From now on the clock is ahead by so much; the scheduler looks at it. */
export interface Ahead {
  readonly aheadMs: number;
}

/** What a process costs. */
export interface ServeCost {
  readonly rssMb: number;
  readonly cpuMs: number;
}

const { databaseUrl, urls, integrations: count, roles, concurrency } = JSON.parse(process.argv[2] ?? '') as ServeTask;
const integrations = Array.from({ length: count }, (_, index): PlatformIntegration => {
  return {
    name: `integration-${index}`,
    discoveryUrl: urls[index % urls.length] ?? '',
    environmentId: 70403104,
    token: new Secret('bench'),
    source: 'discovery',
    discoveryLagS: 1_800,
    runHistory: false,
    schedule: '0 0 * * *',
    timeZone: 'UTC',
    maxRemovalRatio: 0.5,
  };
});

let aheadMs = 0;
const logger = createLogger({ level: 'error', format: 'json', write: (line) => void process.stderr.write(line) });
const app = await openApp({
  database: { kind: 'url', url: new Secret(databaseUrl) },
  limits: { requestsPerMinute: 1_000, maxArtifactMb: 400 },
  logger,
  now: () => new Date(Date.now() + aheadMs),
  connections: concurrency + 6,
});
const { signal } = new AbortController();
const serving = await startServing({ app, integrations, roles, concurrency, logger, signal });

process.on('message', async (message: Ahead | 'cost') => {
  if (message === 'cost') {
    const { user, system } = process.cpuUsage();
    const cost: ServeCost = { rssMb: process.memoryUsage.rss() / 2 ** 20, cpuMs: (user + system) / 1_000 };
    process.send?.(cost);
    return;
  }
  aheadMs = message.aheadMs;
  await serving.scheduler?.wake();
  process.send?.('woken');
});
process.on('disconnect', () => process.exit());
process.send?.('there');
