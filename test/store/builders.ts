import type { QueryResultRow } from 'pg';
import { onTestFinished } from 'vitest';
import {
  type BuildFacts,
  type BuildRecord,
  type CatalogRecord,
  type ColumnFacts,
  type DefinitionFacts,
  type DefinitionRecord,
  type FreshnessRecord,
  type HistoryRecord,
  RESOURCE_TYPES,
  type Reject,
  type ResourceType,
  type ResultRecord,
  type RunRecord,
  type StoreRecord,
} from '../../src/domain/records.ts';
import type { IntegrationScope, PassReport, PassResult, PassStart, Store } from '../../src/domain/store.ts';
import { createStore } from '../../src/store/pass.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { rebuildState } from '../../src/store/publish/state.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { createTestDatabase } from './database.ts';

/** An instant so many minutes after the first manifest of every test. */
export const minute = (minutes: number): string => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString();

export const typeOf = (uniqueId: string): ResourceType =>
  RESOURCE_TYPES.find((type) => uniqueId.startsWith(`${type}.`)) ?? 'model';

const factsOf = (uniqueId: string): DefinitionFacts => {
  const [, packageName = 'shop', ...rest] = uniqueId.split('.');
  const name = rest.join('.');
  return {
    name,
    packageName,
    description: `About ${name}`,
    tags: [],
    meta: {},
    databaseName: 'db',
    schemaName: 'main',
    identifier: name,
    materialization: 'table',
    access: 'protected',
    groupName: null,
    ownerName: null,
    ownerEmail: null,
    filePath: `models/${name}.sql`,
    contractEnforced: false,
    rawCode: `select '${name}'`,
  };
};

/** A definition that states all of the common core. Facts that are undefined become absent. */
export function definition(
  uniqueId: string,
  facts: { readonly [Fact in keyof DefinitionFacts]?: DefinitionFacts[Fact] | undefined } = {},
  rest: Partial<Omit<DefinitionRecord, 'facts' | 'uniqueId' | 'kind'>> = {},
): DefinitionRecord {
  const stated = Object.entries({ ...factsOf(uniqueId), ...facts }).filter(([, value]) => value !== undefined);
  return {
    kind: 'definition',
    uniqueId,
    resourceType: typeOf(uniqueId),
    state: 'defined',
    at: minute(0),
    runId: null,
    parents: [],
    ...rest,
    facts: Object.fromEntries(stated),
  };
}

export const build = (uniqueId: string, facts: BuildFacts, at: string | null = null): BuildRecord => ({
  kind: 'build',
  uniqueId,
  at,
  facts,
});

export const column = (name: string, rest: Partial<ColumnFacts> = {}): ColumnFacts => ({
  name,
  position: 1,
  dataType: 'integer',
  comment: null,
  description: null,
  tags: [],
  meta: null,
  ...rest,
});

export const catalog = (
  uniqueId: string,
  columns: readonly ColumnFacts[],
  at: string | null = minute(0),
): CatalogRecord => ({ kind: 'catalog', uniqueId, at, rowCount: 10, bytes: 100, columns });

export const result = (uniqueId: string, rest: Partial<ResultRecord> = {}): ResultRecord => ({
  kind: 'result',
  uniqueId,
  runId: '1',
  step: 0,
  jobId: 7,
  status: 'success',
  message: null,
  failures: null,
  executedAt: minute(0),
  startedAt: null,
  completedAt: null,
  executionTimeS: null,
  ...rest,
});

/** A run that has ended well and whose results are all there. */
export const run = (runId: string, rest: Partial<RunRecord> = {}): RunRecord => ({
  kind: 'run',
  runId,
  jobId: 7,
  environmentId: 3,
  status: 'success',
  cause: 'scheduled',
  reason: null,
  gitSha: 'abc',
  gitBranch: 'main',
  dbtVersion: '1.9',
  createdAt: minute(0),
  startedAt: minute(1),
  finishedAt: minute(5),
  retryOfRunId: null,
  url: null,
  errorMessage: null,
  setsState: true,
  resultsComplete: true,
  resultsMissingReason: null,
  ...rest,
});

export const freshness = (uniqueId: string, rest: Partial<FreshnessRecord> = {}): FreshnessRecord => ({
  kind: 'freshness',
  uniqueId,
  snapshottedAt: minute(0),
  status: 'pass',
  maxLoadedAt: minute(-10),
  ageS: 600,
  warnAfterS: 3600,
  errorAfterS: null,
  runId: '1',
  jobId: 7,
  ...rest,
});

export const scope = (rest: Partial<IntegrationScope> = {}): IntegrationScope => ({
  name: 'shop',
  accountId: 1,
  projectId: 2,
  environmentId: 3,
  jobId: null,
  accessUrl: null,
  schedule: null,
  timeZone: 'UTC',
  staleAfter: null,
  maxRemovalRatio: 0.5,
  configHash: 'c',
  ...rest,
});

export const start = (rest: Partial<PassStart> = {}): PassStart => ({
  source: 'discovery',
  reason: 'manual',
  normalizerVersion: 1,
  dryRun: false,
  ...rest,
});

export const report = (rest: Partial<PassReport> = {}): PassReport => ({
  complete: true,
  whole: true,
  token: null,
  runs: null,
  environment: { adapterType: null, projectName: null, gitSha: null, updatedAt: null },
  project: { accountId: null, projectId: null, dbtVersion: null },
  states: RESOURCE_TYPES,
  partialReasons: [],
  counts: {},
  requests: 0,
  bytes: 0,
  ...rest,
});

export type PassOptions = Partial<PassReport> &
  Partial<PassStart> & {
    readonly scope?: Partial<IntegrationScope>;
    readonly rejects?: readonly Reject[];
    readonly history?: readonly HistoryRecord[];
  };

/** A store on a database of its own, which goes with the test. */
export interface TestStore {
  readonly url: string;
  readonly pool: Pool;
  readonly store: Store;
  /**
   * One whole pass: begin, stage, publish, release; what goes wrong is recorded as the sync does it.
   * It is complete when it defines anything, unless the options say otherwise.
   */
  sync(records: readonly StoreRecord[], options?: PassOptions): Promise<PassResult>;
  rows<Row extends QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>;
  /** The one row of a statement. */
  row<Row extends QueryResultRow>(statement: string, values?: unknown[]): Promise<Row>;
}

export async function sync(
  store: Store,
  records: readonly StoreRecord[],
  options: PassOptions = {},
): Promise<PassResult> {
  const pass = await store.begin(scope(options.scope), start(options));
  try {
    await pass.stage({
      resourceType: 'model',
      received: records.length,
      total: records.length,
      records,
      rejects: options.rejects ?? [],
      incomplete: [],
      history: options.history ?? [],
    });
    const { source: _source, reason: _reason, normalizerVersion: _version, dryRun: _dry, ...rest } = options;
    const complete = records.some(({ kind }) => kind === 'definition');
    return await pass.publish(report({ complete, ...rest }));
  } catch (error) {
    await pass.fail('failed', String(error), { requests: 0, bytes: 0 });
    throw error;
  } finally {
    await pass.release();
  }
}

export async function openStore(): Promise<TestStore> {
  const { url, drop } = await createTestDatabase();
  const pool = createPool(url);
  onTestFinished(async () => {
    // A test that failed may have left a session of the pool in use: it ends with the database.
    void pool.end();
    await drop();
  });
  const rows = async <Row extends QueryResultRow>(statement: string, values: unknown[] = []) =>
    (await pool.query<Row>(statement, values)).rows;
  const store = createStore(pool);
  return {
    url,
    pool,
    store,
    rows,
    sync: (records, options) => sync(store, records, options),
    async row<Row extends QueryResultRow>(statement: string, values: unknown[] = []) {
      const [first, second] = await rows<Row>(statement, values);
      if (first === undefined || second !== undefined) throw new Error(`not one row: ${statement}`);
      return first;
    },
  };
}

/** What dbt.changes says, oldest first, in a shape that is easy to compare. */
export async function changesOf({ rows }: TestStore): Promise<unknown[]> {
  const columns = 'unique_id, aspect, item, before, after, changed_at';
  return rows(`select ${columns} from dbt.changes order by changed_at, unique_id, aspect, item`);
}

/** Stores a result of a run's own step, as run history does it, and does nothing else. */
export async function addStepResult(
  { pool, rows }: TestStore,
  { uniqueId, runId, step, status, executedAt, executionTimeS }: ResultRecord,
  setsState = true,
): Promise<void> {
  await rows(
    `insert into dbt_store.run (integration_id, run_id, sets_state)
    select integration_id, $1, $2 from dbt_store.integration
    on conflict (integration_id, run_id) do update set sets_state = excluded.sets_state`,
    [runId, setsState],
  );
  await rows(
    `insert into dbt_store.run_result (integration_id, run_id, step, node_id, status, executed_at, execution_time_s)
    select integration_id, $1, $2, node_id, $3, $4, $5 from dbt_store.node where unique_id = $6`,
    [runId, step, status, executedAt, executionTimeS, uniqueId],
  );
  await inTransaction(pool, rebuildState);
}
