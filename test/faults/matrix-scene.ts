import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Platform, startPlatform } from '../../demo/platform/platform.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createFetch } from '../../src/http/http.ts';
import { createDiscoveryClient } from '../../src/sources/discovery/client.ts';
import { createDiscoverySource } from '../../src/sources/discovery/source.ts';
import { createStore } from '../../src/store/pass.ts';
import { createPool } from '../../src/store/pool.ts';
import { type SyncResult, sync } from '../../src/sync/sync.ts';
import { PRODUCTION, writeHistory } from '../e2e/mini-history.ts';
import { wholeRun } from '../e2e/mini-project.ts';
import { createTestDatabase } from '../store/database.ts';
import { copyDatabase, dropDatabase, type Facts, factsOf } from './stores.ts';

export const TOKEN = 'token-that-nobody-may-see';
/** The run whose state every store holds at first. */
export const FIRST_RUN = 1;
/** More than a pass can meet while the state keeps moving. */
const RUNS = 16;

/** A platform and a store that holds the state of an earlier run. */
export interface Scene {
  readonly platform: Platform;
  readonly databaseUrl: string;
  /** Tries that take longer than `timeoutMs` have failed. */
  sync(options?: { timeoutMs?: number }): Promise<SyncResult>;
  close(): Promise<void>;
}

/** What all cells of the matrix start from. */
export interface Matrix {
  /** The store as it was before the fault. */
  readonly before: Facts;
  /** How often a pass without faults probes. */
  readonly probes: number;
  /** The store after a pass without faults over the state of that run. */
  after(run: number): Promise<Facts>;
  open(run: number): Promise<Scene>;
  close(): Promise<void>;
}

async function syncOnce(platform: Platform, databaseUrl: string, timeoutMs: number): Promise<SyncResult> {
  const fetch = createFetch({
    userAgent: 'dbt-observer/test',
    timeoutMs,
    budgetMs: 20_000,
    retryDelayMs: () => 2,
    pauseMs: 20,
  });
  const url = `${platform.url}/graphql`;
  const client = createDiscoveryClient({ url, token: new Secret(TOKEN), environmentId: PRODUCTION, fetch });
  const source = createDiscoverySource({ client, environmentId: PRODUCTION, jobId: null });
  const pool = createPool(databaseUrl);
  const { signal } = new AbortController();
  const scope = {
    name: 'mini',
    accountId: null,
    projectId: null,
    environmentId: PRODUCTION,
    jobId: null,
    accessUrl: 'https://ab123.us1.dbt.com',
    schedule: null,
    timeZone: 'UTC',
    staleAfter: null,
    maxRemovalRatio: 0.5,
    configHash: 'matrix',
  };
  try {
    return await sync({
      store: createStore(pool),
      source,
      scope,
      reason: 'manual',
      full: false,
      dryRun: false,
      signal,
    });
  } finally {
    await pool.end();
  }
}

/** Every platform has a port of its own, and thereby limits and pauses of its own. */
async function openScene(folder: string, databaseUrl: string, run: number): Promise<Scene> {
  const platform = await startPlatform({ histories: [folder], token: TOKEN, runs: run });
  return {
    platform,
    databaseUrl,
    sync: ({ timeoutMs = 10_000 } = {}) => syncOnce(platform, databaseUrl, timeoutMs),
    close: async () => {
      await platform.close();
      await dropDatabase(databaseUrl);
    },
  };
}

/** Makes the history and a store of its first run, of which every scene gets a copy. */
export async function openMatrix(): Promise<Matrix> {
  const folder = mkdtempSync(join(tmpdir(), 'fault-matrix-'));
  writeHistory(
    folder,
    Array.from({ length: RUNS }, (_, index) => wholeRun(index + 1)),
  );
  const base = await createTestDatabase();
  const first = await openScene(folder, base.url, FIRST_RUN);
  await first.sync();
  const probes = first.platform.requests().Probe ?? 0;
  await first.platform.close();
  const before = await factsOf(base.url);
  let copies = 0;
  const open = async (run: number) =>
    openScene(folder, await copyDatabase(base.url, `${nameOf(base.url)}_${++copies}`), run);
  const known = new Map<number, Promise<Facts>>();
  const after = async (run: number) => {
    const scene = await open(run);
    try {
      await scene.sync();
      return await factsOf(scene.databaseUrl);
    } finally {
      await scene.close();
    }
  };
  return {
    before,
    probes,
    open,
    after: (run) => {
      const found = known.get(run) ?? after(run);
      known.set(run, found);
      return found;
    },
    close: async () => {
      await first.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);
