import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FaultInput } from '../../demo/platform/faults.ts';
import { DEFAULT_TOKEN, type Platform, startPlatform } from '../../demo/platform/platform.ts';
import { FatalError, SyncError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createFetch } from '../../src/http/http.ts';
import { createDiscoveryClient } from '../../src/sources/discovery/client.ts';
import { createDiscoverySource } from '../../src/sources/discovery/source.ts';
import { createStore } from '../../src/store/pass.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { type SyncResult, sync } from '../../src/sync/sync.ts';
import {
  dataTest,
  executed,
  type MiniRun,
  manifest,
  miniHistory,
  model,
  PRODUCTION,
  runResults,
  source,
} from '../e2e/mini-history.ts';
import { scope } from '../store/builders.ts';
import { createTestDatabase, type TestDatabase } from '../store/database.ts';
import { faultSchedule } from './fault-schedule.ts';
import { numRuns } from './runs.ts';
import { type Dump, dumpOf } from './views.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const told = (name: string, day: number) => ({
  description: `${name} on day ${day}`,
  tags: [],
  meta: {},
  raw_code: `select '${name}'`,
  depends_on: { nodes: ['source.shop.raw.s'] },
});

/** A build of a project in which a model comes, one goes, and every text and status is another each day. */
function run(day: number, more: string): MiniRun {
  const models = [...names, more].map((name) => model(name, told(name, day)));
  const test = dataTest('t', { ...told('t', day), depends_on: { nodes: ['model.shop.a'] } });
  const raw = source('s', { description: `s on day ${day}`, tags: [], meta: {} });
  const status = day === 1 ? 'success' : 'error';
  const results = Object.fromEntries(models.map(({ unique_id: id }) => [String(id), executed(day, status)]));
  const tested = { 'test.shop.t': executed(day, day === 1 ? 'pass' : 'fail', { failures: day }) };
  const step = {
    manifest: manifest(day, [...models, test, raw]),
    run_results: runResults(day, 'build', { ...results, ...tested }),
  };
  return { day, steps: [step] };
}

let database: TestDatabase;
let pool: Pool;
let client: pg.Client;
let integrations = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url);
  client = new pg.Client(database.url);
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await pool?.end();
  await database?.drop();
});

/** One pass with the patience of a test: it waits for nothing, and gives up soon. */
function pass({ url }: Platform, integration: string): Promise<SyncResult> {
  const quick = { timeoutMs: 2_000, budgetMs: 10_000, pauseMs: 1, retryDelayMs: () => 0 };
  const fetch = createFetch({ userAgent: 'dbt-observer/test', ...quick });
  const token = new Secret(DEFAULT_TOKEN);
  const discovery = createDiscoveryClient({ url: `${url}/graphql`, token, environmentId: PRODUCTION, fetch });
  const from = createDiscoverySource({ client: discovery, environmentId: PRODUCTION, jobId: null });
  const where = scope({
    name: integration,
    accountId: null,
    projectId: null,
    environmentId: PRODUCTION,
    accessUrl: 'https://a.us1.dbt.com',
  });
  const { signal } = new AbortController();
  return sync({
    store: createStore(pool),
    source: from,
    scope: where,
    reason: 'manual',
    full: true,
    dryRun: false,
    signal,
  });
}

/** The result, or null for a pass that failed as a pass may. */
async function tried(platform: Platform, integration: string): Promise<SyncResult | null> {
  try {
    return await pass(platform, integration);
  } catch (error) {
    if (error instanceof FatalError || error instanceof SyncError) return null;
    throw error;
  }
}

/** Rejects alone leave a pass complete: what they stand for was seen. */
function isIncomplete({ partialReasons }: SyncResult): boolean {
  return partialReasons.some((reason) => !/^\d+ records? (was|were) rejected/.test(reason));
}

const keysOf = (dump: Dump, view: string): string[] => [...(dump[view]?.keys() ?? [])];

/**
 * What a pass may leave that did not get everything: nothing is lost, and nothing is there that neither state has. One
 * that was incomplete closes nothing; one that only rejected nodes closes what is gone, for every connection came whole.
 */
function expectBetween(now: Dump, { before, after }: { before: Dump; after: Dump }, incomplete: boolean): void {
  const gone = keysOf(now, 'removed_nodes');
  if (incomplete) expect(gone).toEqual(keysOf(before, 'removed_nodes'));
  else expect(keysOf(after, 'removed_nodes')).toEqual(expect.arrayContaining(gone));
  expect([...keysOf(now, 'nodes'), ...gone]).toEqual(expect.arrayContaining(keysOf(before, 'nodes')));
  for (const view of ['nodes', 'lineage', 'run_results', 'changes']) {
    const known = new Set(
      [before, after].flatMap((state) => [...keysOf(state, view), ...keysOf(state, 'removed_nodes')]),
    );
    expect(keysOf(now, view).filter((key) => !known.has(key))).toEqual([]);
  }
  for (const [id, node] of now.nodes ?? []) {
    const texts = [before, after].map(({ nodes }) => nodes?.get(id)?.description ?? null);
    expect(texts).toContain(node.description);
  }
}

it('any faults leave the state before or the one after, or close nothing; and the next pass mends it', {
  timeout: 900_000,
}, async () => {
  // Each case has a platform of its own: one host for all would come to the limit of requests a minute.
  const histories = [miniHistory([run(1, 'old'), run(2, 'new')])];
  const on = async <Result>(work: (platform: Platform) => Promise<Result>): Promise<Result> => {
    const platform = await startPlatform({ histories, runs: 1 });
    return work(platform).finally(() => platform.close());
  };
  const states = await on(faultFree);
  const caseOf = (faults: readonly FaultInput[]) => async (platform: Platform) => {
    const integration = `i${++integrations}`;
    await platform.advance('mini', 1);
    await pass(platform, integration);
    await platform.advance('mini', 2);
    const result = await withFaults(platform, faults, () => tried(platform, integration));
    const now = await dumpOf(client, integration);
    if (result === null) expect(now).toEqual(states.before);
    else if (result.outcome === 'done' && result.rejects === 0) expect(now).toEqual(states.after);
    else expectBetween(now, states, isIncomplete(result));
    expect(await pass(platform, integration)).toMatchObject({ outcome: 'done', rejects: 0 });
    expect(await dumpOf(client, integration)).toEqual(states.after);
  };
  const holds = fc.asyncProperty(faultSchedule, (faults) => on(caseOf(faults)));
  await fc.assert(holds, numRuns(25));
});

async function withFaults<T>(platform: Platform, faults: readonly FaultInput[], work: () => Promise<T>): Promise<T> {
  for (const fault of faults) platform.fail(fault);
  try {
    return await work();
  } finally {
    platform.heal();
  }
}

async function faultFree(platform: Platform): Promise<{ before: Dump; after: Dump }> {
  await pass(platform, 'fault-free');
  const before = await dumpOf(client, 'fault-free');
  await platform.advance('mini', 2);
  await pass(platform, 'fault-free');
  return { before, after: await dumpOf(client, 'fault-free') };
}
