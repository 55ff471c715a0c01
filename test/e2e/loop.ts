import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { DEFAULT_TOKEN, startPlatform } from '../../demo/platform/platform.ts';
import { secondTickAfter } from '../../src/config/ticks.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createFetch } from '../../src/http/http.ts';
import { createDiscoveryClient } from '../../src/sources/discovery/client.ts';
import { createDiscoverySource } from '../../src/sources/discovery/source.ts';
import { createStore } from '../../src/store/pass.ts';
import { createPool } from '../../src/store/pool.ts';
import { type SyncResult, sync } from '../../src/sync/sync.ts';
import { createTestDatabase } from '../store/database.ts';

/** The whole loop on this machine: a platform serving one history, a database of its own, and syncs between them. */
export interface Loop {
  readonly databaseUrl: string;
  advance(runs: number): Promise<void>;
  sync(options?: { full?: boolean }): Promise<SyncResult>;
  close(): Promise<void>;
}

interface HistoryFile {
  readonly environments: readonly { id: number; deployment_type: string }[];
}

/** Opens the loop with no run visible. `name` is the integration's. */
export async function openLoop(folder: string, name: string, { schedule = null as string | null } = {}): Promise<Loop> {
  const { environments } = JSON.parse(readFileSync(`${folder}/history.json`, 'utf8')) as HistoryFile;
  const environmentId = environments.find(({ deployment_type: type }) => type === 'production')?.id ?? 0;
  const platform = await startPlatform({ histories: [folder], runs: 0 });
  const database = await createTestDatabase();
  const pool = createPool(database.url);
  const scope = {
    name,
    accountId: null,
    projectId: null,
    environmentId,
    jobId: null,
    accessUrl: 'https://ab123.us1.dbt.com',
    schedule,
    timeZone: 'UTC',
    staleAfter: schedule === null ? null : (end: Date) => secondTickAfter(schedule, 'UTC', end),
    maxRemovalRatio: 0.5,
    configHash: 'loop',
  };
  return {
    databaseUrl: database.url,
    advance: async (runs) => void (await platform.advance(basename(folder), runs)),
    sync: async ({ full = false } = {}) => {
      const url = `${platform.url}/graphql`;
      const fetch = createFetch({ userAgent: 'dbt-observer/test' });
      const client = createDiscoveryClient({ url, token: new Secret(DEFAULT_TOKEN), environmentId, fetch });
      const source = createDiscoverySource({ client, environmentId, jobId: null });
      const { signal } = new AbortController();
      return sync({ store: createStore(pool), source, scope, reason: 'manual', full, dryRun: false, signal });
    },
    close: async () => {
      await pool.end();
      await platform.close();
      await database.drop();
    },
  };
}
