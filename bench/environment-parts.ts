import { below, pick, type Random, sentence, words } from './random.ts';

export type NodeJson = { readonly [field: string]: unknown };

/** How large the environment is. What has no flag follows from the number of models. */
export interface Size {
  readonly models: number;
  readonly tests: number;
  readonly sources: number;
  readonly columnsPerModel: number;
}

/** One connection as the pages are made from it. `path` is its place under `environment`. */
export interface Connection {
  readonly operation: string;
  readonly path: string;
  readonly total: number;
  readonly node: (index: number) => NodeJson;
}

export const PROJECT = 'analytics';
export const MODEL_WAREHOUSE = { database: 'analytics', schema: 'marts' };

const TYPES = ['TEXT', 'NUMBER(38,0)', 'TIMESTAMP_NTZ(9)', 'BOOLEAN', 'FLOAT', 'DATE'] as const;

/** When a revision's manifest was generated. */
export const generatedAt = (revision: number) => new Date(Date.UTC(2025, 5, 1, 4 + revision, 12, 9, 123)).toISOString();
/** Revisions from here on tell of a new run of everything; those before, of the first model's alone. */
export const RUN_AGAIN = 100;
/** The revision in which a node was run last. */
export const runIn = (revision: number): number => (revision < RUN_AGAIN ? 0 : revision);
const runIdOf = (revision: number) => 70403104000201 + revision;

export function common(resourceType: string, uniqueId: string, name: string): NodeJson {
  return { uniqueId, name, resourceType, accountId: 70403103, projectId: 70403104 };
}

export function meta(random: Random): NodeJson {
  const [team = 'team', domain = 'domain'] = words(random, 2);
  return { owner: `${team}@example.com`, domain, sla_hours: below(random, 48), contains_pii: random() < 0.1 };
}

export function described(random: Random, filePath: string, revision: number) {
  return {
    runId: runIdOf(revision),
    runGeneratedAt: generatedAt(revision),
    description: sentence(random, 18),
    tags: ['nightly', pick(random, ['finance', 'sales', 'logistics'])],
    meta: meta(random),
    filePath,
  };
}

export function parent(resourceType: string, uniqueId: string, name: string): NodeJson {
  const word = `${resourceType.charAt(0).toUpperCase()}${resourceType.slice(1)}`;
  return { __typename: `${word}DefinitionNode`, uniqueId, resourceType, name };
}

/** A resolved config, with the keys that dbt writes whether they are set or not. */
export function config(random: Random, materialized: string): NodeJson {
  return {
    enabled: true,
    alias: null,
    schema: 'marts',
    database: null,
    tags: ['nightly'],
    meta: meta(random),
    group: null,
    materialized,
    severity: 'ERROR',
    store_failures: null,
    where: null,
    limit: null,
    fail_calc: 'count(*)',
    warn_if: '!= 0',
    error_if: '!= 0',
    incremental_strategy: null,
    batch_size: null,
    lookback: 1,
    begin: null,
    persist_docs: { relation: true, columns: true },
    'post-hook': [],
    'pre-hook': [],
    quoting: {},
    column_types: {},
    full_refresh: null,
    unique_key: `${words(random, 1)[0]}_id`,
    on_schema_change: 'ignore',
    on_configuration_change: 'apply',
    grants: { select: ['reporter'] },
    packages: [],
    docs: { show: true, node_color: null },
    contract: { enforced: false, alias_types: true },
    event_time: null,
    concurrent_batches: null,
    access: 'protected',
    snowflake_warehouse: pick(random, ['transforming', 'transforming_large']),
  };
}

export interface Execution {
  /** The word for a result that is no failure. */
  readonly status: string;
  readonly isFailure: boolean;
  readonly revision: number;
}

/** `executionInfo`: after a failure the last success is another run, a day earlier. */
export function executionInfo(random: Random, { status, isFailure, revision }: Execution): NodeJson {
  const second = below(random, 3_000);
  const success = Date.UTC(2025, 5, isFailure ? 0 : 1, 3 + revision, 12, 9) + second * 1_000;
  const at = (time: number) => new Date(time).toISOString();
  const runId = runIdOf(revision) + below(random, 8) * 10;
  return {
    lastRunId: runId,
    lastRunStatus: isFailure ? 'error' : status,
    lastRunError: isFailure ? `Database Error in ${sentence(random, 24)}` : null,
    lastRunGeneratedAt: isFailure ? generatedAt(revision) : at(success + 60_000),
    lastJobDefinitionId: 70403103900001,
    runGeneratedAt: at(success + 60_000),
    executeStartedAt: at(success),
    executeCompletedAt: at(success + 2_481),
    executionTime: 2.4812 + random(),
    lastSuccessRunId: isFailure ? runId - 100 : runId,
    lastSuccessJobDefinitionId: 70403103900001,
  };
}

export function catalog(random: Random, columns: number): NodeJson {
  return {
    runGeneratedAt: '2025-06-01T04:20:31.077Z',
    bytesStat: below(random, 9_000_000_000),
    rowCountStat: below(random, 40_000_000),
    columns: Array.from({ length: columns }, (_, index) => ({
      name: `${words(random, 2).join('_').toUpperCase()}_${index}`,
      index: index + 1,
      type: pick(random, TYPES),
      comment: null,
      description: index % 2 === 0 ? sentence(random, 10) : '',
      tags: [],
      meta: {},
    })),
  };
}
