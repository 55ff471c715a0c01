import { Secret } from '../src/domain/secret.ts';
import type { Source } from '../src/domain/source.ts';
import type { Pass, Store } from '../src/domain/store.ts';
import { createFetch, type Fetch } from '../src/http/http.ts';
import type { Normalizer } from '../src/normalize/normalized.ts';
import { createFolderSource } from '../src/sources/artifacts/folder.ts';
import { MAX_ARTIFACT_MB } from '../src/sources/artifacts/read.ts';
import { createDiscoveryClient } from '../src/sources/discovery/client.ts';
import { RESOURCES } from '../src/sources/discovery/resources.ts';
import { createDiscoverySource } from '../src/sources/discovery/source.ts';
import { createStore } from '../src/store/pass.ts';
import { createPool } from '../src/store/pool.ts';
import { sync } from '../src/sync/sync.ts';
import type { Measured } from './children.ts';
import { ActivityClock, type Shares } from './clock.ts';
import { scopeOf } from './scope.ts';

/** One sync, alone in its process, so that the largest memory is its own. */
export interface SyncTask {
  readonly databaseUrl: string;
  /** Where to read: a Discovery API, or a folder of artifacts. */
  readonly discoveryUrl?: string;
  readonly artifactsDir?: string;
  readonly full: boolean;
}

export interface SyncMeasured extends Measured {
  readonly outcome: string;
  readonly rowsWritten: number;
  readonly requests: number;
  readonly bytes: number;
  readonly shares: Shares;
}

const ENVIRONMENT_ID = 70403104;

function timeParsing(clock: ActivityClock): void {
  const parse = JSON.parse;
  JSON.parse = (...args: Parameters<typeof parse>) => clock.run('parse', () => parse(...args));
}

function timeNormalizers(clock: ActivityClock): void {
  const timed =
    (normalize: Normalizer): Normalizer =>
    (raw) =>
      clock.run('normalize', () => normalize(raw));
  for (const resource of Object.values(RESOURCES)) {
    const { definition } = resource;
    Object.assign(definition, { normalize: timed(definition.normalize) });
    if ('applied' in resource) Object.assign(resource.applied, { normalize: timed(resource.applied.normalize) });
  }
}

/** From the request until the whole body was read, which the client does as text. */
function timedFetch(clock: ActivityClock, fetch: Fetch): Fetch {
  const { text } = Response.prototype;
  Object.assign(Response.prototype, {
    text(this: Response) {
      return clock.runAsync('fetch', () => text.call(this));
    },
  });
  const timed: Fetch = Object.assign(
    (input: string | URL | Request, init?: RequestInit) => clock.runAsync('fetch', () => fetch(input, init)),
    { traffic: fetch.traffic },
  );
  return timed;
}

function timedStore(clock: ActivityClock, store: Store): Store {
  return {
    async begin(scope, start) {
      const pass = await store.begin(scope, start);
      const stage: Pass['stage'] = (page) => clock.runAsync('stage', () => pass.stage(page));
      const publish: Pass['publish'] = (report) => clock.runAsync('publish', () => pass.publish(report));
      return {
        syncRunId: pass.syncRunId,
        lastComplete: pass.lastComplete,
        lastHistory: pass.lastHistory,
        stage,
        publish,
        stored: () => pass.stored(),
        prepare: () => pass.prepare(),
        restart: (instead) => pass.restart(instead),
        unchanged: (traffic) => pass.unchanged(traffic),
        fail: (...args) => pass.fail(...args),
        release: () => pass.release(),
      };
    },
  };
}

function createSource(clock: ActivityClock, url: string): Source {
  const fetch = timedFetch(clock, createFetch({ userAgent: 'dbt-observer-bench' }));
  const client = createDiscoveryClient({ url, token: new Secret('bench'), environmentId: ENVIRONMENT_ID, fetch });
  return createDiscoverySource({ client, environmentId: ENVIRONMENT_ID, jobId: null });
}

async function measure({ databaseUrl, discoveryUrl, artifactsDir, full }: SyncTask): Promise<SyncMeasured> {
  const pool = createPool(databaseUrl);
  const { signal } = new AbortController();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const clock = new ActivityClock();
  timeParsing(clock);
  timeNormalizers(clock);
  const store = timedStore(clock, createStore(pool));
  const source =
    artifactsDir === undefined
      ? createSource(clock, discoveryUrl ?? '')
      : createFolderSource({ dir: artifactsDir, maxArtifactMb: MAX_ARTIFACT_MB });
  const result = await sync({
    store,
    source,
    scope: scopeOf({ accountId: null, projectId: null, environmentId: ENVIRONMENT_ID }),
    reason: 'manual',
    full,
    dryRun: false,
    signal,
  });
  const ms = performance.now() - started;
  const shares = clock.shares();
  await pool.end();
  const { user, system } = process.cpuUsage(cpu);
  const { outcome, rowsWritten, requests, bytes } = result;
  const rssMb = process.resourceUsage().maxRSS / 1024;
  return { ms, cpuMs: (user + system) / 1000, rssMb, outcome, rowsWritten, requests, bytes, shares };
}

process.once('message', (task: SyncTask) => {
  measure(task).then(
    (measured) => process.send?.({ measured }, () => process.disconnect()),
    (error: unknown) => process.send?.({ error: String((error as Error).stack ?? error) }, () => process.disconnect()),
  );
});
