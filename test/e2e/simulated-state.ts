import type { ResultRecord, StoreRecord } from '../../src/domain/records.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Page, Source } from '../../src/domain/source.ts';
import type { IntegrationScope } from '../../src/domain/store.ts';
import { createFetch } from '../../src/http/http.ts';
import { type AdminApi, createAdminApi } from '../../src/sources/admin/api.ts';
import { createHistorySource } from '../../src/sources/artifacts/run-source.ts';
import { createStore } from '../../src/store/pass.ts';
import { type SyncResult, sync } from '../../src/sync/sync.ts';
import { namedOf } from './simulated-manifest.ts';
import { iso, type Micros, NODES, type NodeType, type SimNode } from './simulated-project.ts';
import { ACCOUNT, ENVIRONMENT, PROJECT, type SimRun } from './simulated-runs.ts';
import type { RunScene } from './simulated-scene.ts';
import { latestOf, type Seen, seenIn } from './simulated-status.ts';
import { ended, isMissing, setsState } from './simulated-truth.ts';

const TYPES = ['source', 'seed', 'model', 'snapshot', 'test'] as const satisfies readonly NodeType[];

/** The Discovery API tells milliseconds. */
const ms = (at: Micros) => new Date(Math.floor(at / 1_000)).toISOString();

function told({ row, runId, executedAt }: Seen, step: 0 | -1, status: string): ResultRecord {
  const times = { executedAt: ms(executedAt), startedAt: null, completedAt: null, executionTimeS: row.seconds };
  const base = { kind: 'result', uniqueId: row.node.id, runId: String(runId), step, jobId: null } as const;
  return { ...base, status, message: null, failures: row.failures, ...times };
}

/** The last attempt of each node, and its last success when that is another one. */
function resultsAt(seen: readonly Seen[], isThere: ReadonlySet<string>): ResultRecord[] {
  const own = seen.filter(({ row }) => isThere.has(row.node.id));
  const attempts = latestOf(own);
  const successes = latestOf(own.filter((one) => one.class === 'ok'));
  const attempted = [...attempts.values()].map((one) => told(one, 0, one.row.status));
  const succeeded = [...successes].filter(([id, one]) => {
    const attempt = attempts.get(id);
    return attempt?.runId !== one.runId || attempt.executedAt !== one.executedAt;
  });
  return [...attempted, ...succeeded.map(([, one]) => told(one, -1, 'success'))];
}

/** What the Discovery API states of a node's identity, of tests that have been executed too. */
function definitionOf(node: SimNode, at: string): StoreRecord[] {
  const { id, type, parents } = node;
  const { name, testName, ...rest } = namedOf(node);
  const facts = { name, packageName: 'shop', ...rest };
  const base = { uniqueId: id, runId: null, at } as const;
  return [
    { ...base, kind: 'definition', resourceType: type, state: 'defined', facts, parents },
    ...(type === 'test' ? [{ ...base, kind: 'build', facts: { testName, testNamespace: null } } as const] : []),
  ];
}

/** The state of the environment as it was known at a time, in the way in which the Discovery API tells it. */
export function stateSource(runs: readonly SimRun[], now: () => Micros): Source {
  const past = () => ended(runs, undefined, now()).filter((run) => setsState(run) && !isMissing(run));
  const token = () => `state of ${past().map(({ id }) => id)}`;
  async function* pages(): AsyncGenerator<Page> {
    const [isLate, at] = [past().length > runs.length / 2, ms(now())];
    const there = NODES.filter(({ isOld }) => !(isOld && isLate));
    const results = resultsAt(past().flatMap(seenIn), new Set(there.map(({ id }) => id)));
    for (const resourceType of TYPES) {
      const nodes = there.filter(({ type }) => type === resourceType);
      const ids = new Set(nodes.map(({ id }) => id));
      const records = [
        ...nodes.flatMap((node) => definitionOf(node, at)),
        ...results.filter(({ uniqueId }) => ids.has(uniqueId)),
      ];
      yield { resourceType, received: nodes.length, total: nodes.length, records, rejects: [], incomplete: [] };
    }
  }
  const environment = () => ({ adapterType: 'postgres', projectName: 'shop', gitSha: null, updatedAt: iso(now()) });
  return {
    name: 'discovery',
    states: TYPES,
    limits: [],
    probe: async () => ({ token: token(), environment: environment() }),
    pages,
    traffic: () => ({ requests: 0, bytes: 0 }),
  };
}

const SCOPE: IntegrationScope = {
  name: 'shop',
  accountId: ACCOUNT,
  projectId: PROJECT,
  environmentId: ENVIRONMENT,
  jobId: null,
  accessUrl: null,
  schedule: null,
  timeZone: 'UTC',
  staleAfter: null,
  maxRemovalRatio: 0.5,
  configHash: 'simulated',
};

/** A client that is in no hurry to be polite: it asks at once, and once more where that may help. */
function impatient(url: string): AdminApi {
  const budget = { api: 'admin', perMinute: 600_000 };
  const fetch = createFetch({ userAgent: 'dbt-observer/test', retries: 1, retryDelayMs: () => 0, budget });
  return createAdminApi({ url, token: new Secret('simulated-token'), fetch, fetchArtifact: fetch });
}

/** One sync at a time of the simulation, of the state and the runs beside it. */
export async function syncAt({ app, service }: RunScene, runs: readonly SimRun[], now: Micros): Promise<SyncResult> {
  service.setClock(now);
  const ids = { accountId: ACCOUNT, projectId: PROJECT, environmentId: ENVIRONMENT, jobId: null };
  const history = createHistorySource({ api: impatient(service.url), ...ids, everyRun: true, maxArtifactMb: 100 });
  return sync({
    store: createStore(app.pool),
    source: stateSource(runs, () => now),
    history: { source: history, refusalOf: () => null },
    scope: SCOPE,
    reason: 'test',
    full: false,
    dryRun: false,
    signal: new AbortController().signal,
  });
}
