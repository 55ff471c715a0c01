import { NOTHING_STORED, type Page, type Probe, type Source } from '../../../src/domain/source.ts';
import type { IntegrationScope, LastComplete, Pass, PassReport, PassStart, Store } from '../../../src/domain/store.ts';
import { NORMALIZER_VERSION } from '../../../src/normalize/version.ts';
import type { SyncOptions } from '../../../src/sync/sync.ts';

export const SCOPE: IntegrationScope = {
  name: 'analytics-prod',
  accountId: 11,
  projectId: 22,
  environmentId: 33,
  jobId: null,
  accessUrl: 'https://ab123.us1.dbt.com',
  schedule: null,
  timeZone: 'UTC',
  staleAfter: null,
  maxRemovalRatio: 0.5,
  configHash: 'hash-1',
};

export const lastComplete = (fields: Partial<LastComplete> = {}): LastComplete => ({
  token: 'token-1',
  configHash: 'hash-1',
  normalizerVersion: NORMALIZER_VERSION,
  ...fields,
});

export const pageOf = (fields: Partial<Page> = {}): Page => ({
  resourceType: 'model',
  received: 0,
  total: 0,
  records: [],
  rejects: [],
  incomplete: [],
  ...fields,
});

export const definition = (uniqueId: string, state: 'defined' | 'external' = 'defined') => ({
  kind: 'definition' as const,
  uniqueId,
  resourceType: 'model' as const,
  state,
  at: null,
  runId: null,
  facts: {},
  parents: [],
});

export interface FakeSource {
  /** The token of each probe in turn; the last one stays. */
  readonly tokens?: readonly (string | null)[];
  /** The pages of each reading in turn; those of the last one come again. */
  readonly readings?: readonly (readonly Page[])[];
  readonly limits?: readonly string[];
  /** Runs before each page. */
  readonly onPage?: () => void;
}

export function fakeSource({ tokens = ['token-1'], readings = [[]], limits = [], onPage }: FakeSource = {}) {
  let [probes, reads] = [0, 0];
  const source: Source = {
    name: 'discovery',
    states: ['model', 'test'],
    limits,
    async probe(): Promise<Probe> {
      const token = tokens[Math.min(probes++, tokens.length - 1)] ?? null;
      return { token, environment: { adapterType: 'postgres', projectName: 'shop', gitSha: null, updatedAt: null } };
    },
    async *pages() {
      for (const page of readings[Math.min(reads++, readings.length - 1)] ?? []) {
        onPage?.();
        yield page;
      }
    },
    traffic: () => ({ requests: probes + reads, bytes: 1_000 }),
  };
  return { source, readings: () => reads };
}

type Call = keyof Pass | 'begin';

/** A store that remembers what it was told; `broken` names calls that fail. */
export function fakeStore(options: { last?: LastComplete | null; broken?: { readonly [call in Call]?: Error } } = {}) {
  const { last = null, broken = {} } = options;
  const calls: Call[] = [];
  const seen: { start?: PassStart; report?: PassReport; failed?: unknown[]; staged: Page[] } = { staged: [] };
  const called = async (call: Call) => {
    calls.push(call);
    const error = broken[call];
    if (error !== undefined) throw error;
  };
  const pass: Pass = {
    syncRunId: 7,
    lastComplete: last,
    async stage(page) {
      await called('stage');
      seen.staged.push(page);
    },
    async stored() {
      return NOTHING_STORED;
    },
    async restart() {
      await called('restart');
      seen.staged.length = 0;
    },
    async publish(report) {
      await called('publish');
      seen.report = report;
      const outcome = report.partialReasons.length === 0 ? 'done' : 'partial';
      return {
        outcome,
        partialReasons: report.partialReasons,
        rowsWritten: 5,
        changes: { code: 1 },
        results: 2,
        rejects: 0,
      };
    },
    unchanged: () => called('unchanged'),
    async fail(...said) {
      seen.failed = said;
      await called('fail');
    },
    release: () => called('release'),
  };
  const store: Store = {
    async begin(_scope, start) {
      seen.start = start;
      await called('begin');
      return pass;
    },
  };
  return { store, calls, seen };
}

export const optionsOf = (store: Store, source: Source, fields: Partial<SyncOptions> = {}): SyncOptions => ({
  store,
  source,
  scope: SCOPE,
  reason: 'manual',
  full: false,
  dryRun: false,
  signal: new AbortController().signal,
  ...fields,
});
