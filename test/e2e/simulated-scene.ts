import { onTestFinished } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import type { PlatformIntegration } from '../../src/config/types.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createLogger } from '../../src/log.ts';
import type { BackfillOptions, BackfillResult } from '../../src/sync/backfill.ts';
import { createTestDatabase } from '../store/database.ts';
import type { Micros } from './simulated-project.ts';
import { ACCOUNT, BEGIN, ENVIRONMENT, PROJECT, type SimRun } from './simulated-runs.ts';
import { type Service, serveRuns } from './simulated-service.ts';

/** From before the first run until after the last one. */
export const WHOLE = { from: new Date(BEGIN / 1_000 - 1), to: new Date('2026-06-01T00:00:00Z') };

export const windowOf = (from: Micros, to: Micros) => ({ from: new Date(from / 1_000), to: new Date(to / 1_000) });

export const integrationAt = (url: string): PlatformIntegration => ({
  name: 'shop',
  accessUrl: url,
  accountId: ACCOUNT,
  projectId: PROJECT,
  environmentId: ENVIRONMENT,
  token: new Secret('simulated-token'),
  source: 'artifacts',
  timeZone: 'UTC',
  maxRemovalRatio: 0.5,
  discoveryLagS: 1_800,
  runHistory: true,
});

/** A service with runs, and a store of its own that is filled from it. */
export interface RunScene {
  readonly service: Service;
  readonly databaseUrl: string;
  readonly app: App;
  backfill(options?: Partial<BackfillOptions> & { readonly jobId?: number }): Promise<BackfillResult>;
}

/** A store that is empty, and the way from a service to it, until the test ends. */
export async function storeBeside(service: Service): Promise<RunScene> {
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const limits = { requestsPerMinute: 600_000, maxArtifactMb: 100 };
  const logger = createLogger({ level: 'error', format: 'json', write: () => undefined });
  const app = await openApp({ database: { kind: 'url', url: new Secret(database.url) }, limits, logger });
  onTestFinished(app.close);
  const integration = integrationAt(service.url);
  const usual = { window: WHOLE, concurrency: 4, dryRun: false, retryMissing: false, reason: 'test', jobId: undefined };
  return {
    service,
    databaseUrl: database.url,
    app,
    backfill: (options) => app.backfillOne(integration, { ...usual, signal: new AbortController().signal, ...options }),
  };
}

/** The service too is gone when the test ends. */
export async function sceneOf(runs: readonly SimRun[]): Promise<RunScene> {
  const service = await serveRuns(runs);
  onTestFinished(service.close);
  return storeBeside(service);
}
