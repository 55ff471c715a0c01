import {
  type EnvironmentFacts,
  NOTHING_STORED,
  type Page,
  type Probe,
  type Source,
  type SourceName,
  type Stored,
} from '../../../src/domain/source.ts';
import type {
  Fallback,
  IntegrationScope,
  LastComplete,
  Pass,
  PassReport,
  PassStart,
  Store,
} from '../../../src/domain/store.ts';
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
  readonly name?: SourceName;
  /** The token of each probe in turn; the last one stays. */
  readonly tokens?: readonly (string | null)[];
  /** The pages of each reading in turn; those of the last one come again. */
  readonly readings?: readonly (readonly Page[])[];
  readonly limits?: readonly string[];
  readonly warnings?: readonly string[];
  /** What the probe says of the environment, beside what it says when nothing is given. */
  readonly environment?: Partial<EnvironmentFacts>;
  /** What each probe fails with. */
  readonly refuses?: unknown;
  /** Runs before each page. */
  readonly onPage?: () => void;
}

export function fakeSource(told: FakeSource = {}) {
  const { name = 'discovery', tokens = ['token-1'], readings = [[]], limits = [], onPage } = told;
  let [probes, reads] = [0, 0];
  const asked: Stored[] = [];
  const source: Source = {
    name,
    states: ['model', 'test'],
    limits,
    ...(told.warnings && { warnings: told.warnings }),
    async probe(): Promise<Probe> {
      const token = tokens[Math.min(probes++, tokens.length - 1)] ?? null;
      if (told.refuses !== undefined) throw told.refuses;
      const environment = { adapterType: 'postgres', projectName: 'shop', gitSha: null, updatedAt: null };
      return { token, environment: { ...environment, ...told.environment } };
    },
    async *pages(_signal, stored) {
      if (stored !== undefined) asked.push(stored);
      for (const page of readings[Math.min(reads++, readings.length - 1)] ?? []) {
        onPage?.();
        yield page;
      }
    },
    traffic: () => ({ requests: probes + reads, bytes: 1_000 }),
  };
  return { source, asked, probes: () => probes, readings: () => reads };
}

type Call = keyof Pass | 'begin';

/** A store that remembers what it was told; `broken` names calls that fail. */
export function fakeStore(
  options: {
    last?: LastComplete | null;
    lastHistory?: string | null;
    stored?: Stored;
    broken?: { readonly [call in Call]?: Error };
  } = {},
) {
  const { last = null, lastHistory = null, stored = NOTHING_STORED, broken = {} } = options;
  const calls: Call[] = [];
  const seen: { start?: PassStart; report?: PassReport; failed?: unknown[]; staged: Page[]; instead: Fallback[] } = {
    staged: [],
    instead: [],
  };
  const called = async (call: Call) => {
    calls.push(call);
    const error = broken[call];
    if (error !== undefined) throw error;
  };
  const pass: Pass = {
    syncRunId: 7,
    lastComplete: last,
    lastHistory,
    async stage(page) {
      await called('stage');
      seen.staged.push(page);
    },
    stored: async () => stored,
    prepare() {},
    async restart(instead) {
      if (instead !== undefined) seen.instead.push(instead);
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
