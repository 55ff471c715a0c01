import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import pg from 'pg';
import { DEFAULT_TOKEN, type Platform, startPlatform } from '../../demo/platform/platform.ts';
import { type App, openApp } from '../../src/app.ts';
import type { PlatformIntegration, PlatformSource } from '../../src/config/types.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createLogger } from '../../src/log.ts';
import type { BackfillResult } from '../../src/sync/backfill.ts';
import type { SyncResult } from '../../src/sync/sync.ts';
import { createTestDatabase } from '../store/database.ts';

type Row = Readonly<Record<string, unknown>>;

/** A store of its own, filled in one way from a platform of its own. */
export interface Reader {
  readonly platform: Platform;
  sync(options?: { full?: boolean }): Promise<SyncResult>;
  /** Takes all runs that ended. */
  backfill(): Promise<BackfillResult>;
  rows(statement: string): Promise<Row[]>;
}

/** One history, and any number of stores filled from it. */
export interface TwoStores {
  /** Lets so many runs of the history have finished, on all platforms. */
  advance(runs: number): void;
  reader(source: PlatformSource, options?: { readonly runHistory?: boolean }): Promise<Reader>;
  close(): Promise<void>;
}

interface HistoryFile {
  readonly account: { readonly id: number };
  readonly project: { readonly id: number };
  readonly environments: readonly { readonly id: number; readonly deployment_type: string }[];
}

/** All stores know it by this name, so that their rows can be compared. */
const NAME = 'shop';
const LIMITS = { requestsPerMinute: 60_000, maxArtifactMb: 400 };
/** What links into dbt are made of is the same for all. */
const ACCESS_URL = 'https://ab123.us1.dbt.com';
/** The histories are of the past: any run is longer ago than this. */
const LAG_S = 1_800;

interface Asked {
  readonly url: string;
  readonly source: PlatformSource;
  readonly runHistory: boolean;
}

function integrationOf(history: HistoryFile, { url, source, runHistory }: Asked): PlatformIntegration {
  const environment = history.environments.find(({ deployment_type: type }) => type === 'production');
  if (environment === undefined) throw new Error('The history has no production environment.');
  return {
    name: NAME,
    accessUrl: ACCESS_URL,
    adminUrl: url,
    discoveryUrl: `${url}/graphql`,
    accountId: history.account.id,
    projectId: history.project.id,
    environmentId: environment.id,
    token: new Secret(DEFAULT_TOKEN),
    source,
    timeZone: 'UTC',
    maxRemovalRatio: 0.5,
    discoveryLagS: LAG_S,
    runHistory,
  };
}

interface Parts {
  readonly platform: Platform;
  readonly app: App;
  readonly client: pg.Client;
  readonly integration: PlatformIntegration;
}

function readerOf({ platform, app, client, integration }: Parts): Reader {
  return {
    platform,
    sync: ({ full = false } = {}) =>
      app.syncOne(integration, { reason: 'manual', full, dryRun: false, signal: new AbortController().signal }),
    backfill: () => {
      const window = { from: new Date(0), to: new Date() };
      const plain = { dryRun: false, retryMissing: false, reason: 'test', jobId: undefined };
      return app.backfillOne(integration, { ...plain, window, concurrency: 4, signal: new AbortController().signal });
    },
    rows: async (statement) => (await client.query<Row>(statement)).rows,
  };
}

/** Opens the history with no run visible. */
export function openTwoStores(folder: string): TwoStores {
  const history = JSON.parse(readFileSync(`${folder}/history.json`, 'utf8')) as HistoryFile;
  const logger = createLogger({ level: 'error', format: 'json', write: () => undefined });
  const platforms: Platform[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  return {
    advance: (runs) => {
      for (const platform of platforms) platform.advance(basename(folder), runs);
    },
    reader: async (source, { runHistory = false } = {}) => {
      const platform = await startPlatform({ histories: [folder], runs: 0 });
      platforms.push(platform);
      ends.unshift(platform.close);
      const database = await createTestDatabase();
      ends.unshift(database.drop);
      const app = await openApp({ database: { kind: 'url', url: new Secret(database.url) }, limits: LIMITS, logger });
      const client = new pg.Client(database.url);
      ends.unshift(() => client.end(), app.close);
      await client.connect();
      return readerOf({
        platform,
        app,
        client,
        integration: integrationOf(history, { url: platform.url, source, runHistory }),
      });
    },
    close: async () => {
      for (const end of ends) await end();
    },
  };
}
