import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { DEFAULT_TOKEN, startPlatform } from '../../demo/platform/platform.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Page, Probe, Source } from '../../src/domain/source.ts';
import type { Store } from '../../src/domain/store.ts';
import { createFetch } from '../../src/http/http.ts';
import { createDiscoveryClient } from '../../src/sources/discovery/client.ts';
import { createDiscoverySource } from '../../src/sources/discovery/source.ts';
import { type SyncResult, sync } from '../../src/sync/sync.ts';
import { scope } from '../store/builders.ts';

/** What a platform says after so many runs: read once over HTTP, and told again as often as a pass asks. */
export interface State {
  readonly probe: Probe;
  readonly pages: readonly Page[];
  readonly source: Pick<Source, 'name' | 'states' | 'limits'>;
}

/** Reads the state after each run of a history; the first in the list is that after the first run. */
export async function recordStates(folder: string): Promise<State[]> {
  const { environments, runs, name } = JSON.parse(readFileSync(`${folder}/history.json`, 'utf8'));
  const platform = await startPlatform({ histories: [folder], runs: 0 });
  const states: State[] = [];
  try {
    for (let run = 1; run <= runs.length; run++) {
      await platform.advance(name ?? basename(folder), run);
      states.push(await recordState(`${platform.url}/graphql`, environments[0].id));
    }
  } finally {
    await platform.close();
  }
  return states;
}

async function recordState(url: string, environmentId: number): Promise<State> {
  const fetch = createFetch({ userAgent: 'dbt-observer/test' });
  const client = createDiscoveryClient({ url, token: new Secret(DEFAULT_TOKEN), environmentId, fetch });
  const source = createDiscoverySource({ client, environmentId, jobId: null });
  const { signal } = new AbortController();
  const probe = await source.probe(signal);
  const pages: Page[] = [];
  for await (const page of source.pages(signal)) pages.push(page);
  const { name, states, limits } = source;
  return { probe, pages, source: { name, states, limits } };
}

/** One pass that is told a recorded state, for an integration of that name. */
export function syncState(store: Store, integration: string, { probe, pages, source }: State): Promise<SyncResult> {
  const told: Source = {
    ...source,
    probe: async () => probe,
    async *pages() {
      yield* pages;
    },
    traffic: () => ({ requests: 0, bytes: 0 }),
  };
  const where = scope({ name: integration, accountId: null, projectId: null, accessUrl: 'https://ab123.us1.dbt.com' });
  const { signal } = new AbortController();
  return sync({
    store,
    source: told,
    scope: { ...where, maxRemovalRatio: 1 },
    reason: 'manual',
    full: true,
    dryRun: false,
    signal,
  });
}
