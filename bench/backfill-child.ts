import { Secret } from '../src/domain/secret.ts';
import { createFetch } from '../src/http/http.ts';
import { createAdminApi } from '../src/sources/admin/api.ts';
import { createRunHistory } from '../src/sources/artifacts/run-history.ts';
import { createStore } from '../src/store/pass.ts';
import { createPool } from '../src/store/pool.ts';
import { backfill } from '../src/sync/backfill.ts';
import type { Measured } from './children.ts';
import { scopeOf } from './scope.ts';

/** One backfill, alone in its process. */
export interface BackfillTask {
  readonly databaseUrl: string;
  readonly url: string;
  /** Runs that ended within these times are taken. */
  readonly from: string;
  readonly to: string;
}

export interface BackfillMeasured extends Measured {
  readonly outcome: string;
  readonly runs: number;
  readonly results: number;
  readonly requests: number;
}

async function measure({ databaseUrl, url, from, to }: BackfillTask): Promise<BackfillMeasured> {
  const pool = createPool(databaseUrl);
  const { signal } = new AbortController();
  const cpu = process.cpuUsage();
  const started = performance.now();
  // The rate that a service allows is no part of what is measured.
  const fetch = createFetch({ userAgent: 'dbt-observer-bench', budget: { api: 'admin', perMinute: 10_000_000 } });
  const api = createAdminApi({ url, token: new Secret('bench'), fetch, fetchArtifact: fetch });
  const ids = { accountId: 1, projectId: 3, environmentId: 7, jobId: null };
  const source = createRunHistory({ api, ...ids, everyRun: true, maxArtifactMb: 400 });
  const window = { from: new Date(from), to: new Date(to) };
  const options = { jobId: null, concurrency: 4, dryRun: false, retryMissing: false, reason: 'manual', signal };
  const result = await backfill({ store: createStore(pool), source, scope: scopeOf(ids), window, ...options });
  const ms = performance.now() - started;
  await pool.end();
  const { user, system } = process.cpuUsage(cpu);
  const { outcome, taken: runs, results, requests } = result;
  const rssMb = process.resourceUsage().maxRSS / 1024;
  return { ms, cpuMs: (user + system) / 1000, rssMb, outcome, runs, results, requests };
}

process.once('message', (task: BackfillTask) => {
  measure(task).then(
    (measured) => process.send?.({ measured }, () => process.disconnect()),
    (error: unknown) => process.send?.({ error: String((error as Error).stack ?? error) }, () => process.disconnect()),
  );
});
