import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type {
  BuildRecord,
  CatalogRecord,
  DefinitionRecord,
  FreshnessRecord,
  ResultRecord,
  StoreRecord,
} from '../domain/records.ts';
import { coreHash, digest } from '../normalize/hash.ts';
import { type Cell, copyLine } from './copy-text.ts';
import { BUILD_FIELDS, DEFINITION_FIELDS, type Field } from './fields.ts';
import type { Client } from './pool.ts';

/** The staging tables of a pass: temporary, so they go with the session whatever happens. */
const TABLES: { readonly [table: string]: readonly string[] } = {
  stage_definition: [
    'unique_id text',
    'resource_type text',
    'state text',
    'at timestamptz',
    'run_id text',
    'digest text',
    'hash text',
    'absent text[]',
    ...DEFINITION_FIELDS.map(({ column, type }) => `${column} ${type}`),
    'properties jsonb',
  ],
  stage_edge: ['child text', 'parent text'],
  stage_build: [
    'unique_id text',
    'at timestamptz',
    'digest text',
    'absent text[]',
    ...BUILD_FIELDS.map(({ column, type }) => `${column} ${type}`),
  ],
  stage_catalog: ['unique_id text', 'at timestamptz', 'digest text', 'row_count bigint', 'bytes bigint'],
  stage_column: [
    'unique_id text',
    'name text',
    'position integer',
    'data_type text',
    'comment text',
    'description text',
    'tags text[]',
    'meta jsonb',
  ],
  stage_result: [
    'unique_id text',
    'run_id text',
    'step integer',
    'job_id bigint',
    'status text',
    'message text',
    'failures bigint',
    'executed_at timestamptz',
    'started_at timestamptz',
    'completed_at timestamptz',
    'execution_time_s double precision',
  ],
  stage_freshness: [
    'unique_id text',
    'snapshotted_at timestamptz',
    'status text',
    'max_loaded_at timestamptz',
    'age_s double precision',
    'warn_after_s double precision',
    'error_after_s double precision',
    'run_id text',
    'job_id bigint',
  ],
  stage_seen: ['unique_id text'],
};

type Lines = Map<string, string[]>;

function add(lines: Lines, table: string, cells: readonly Cell[]): void {
  const list = lines.get(table);
  if (list === undefined) lines.set(table, [copyLine(cells)]);
  else list.push(copyLine(cells));
}

function factCells<Facts extends object>(fields: readonly Field<Facts>[], facts: Facts): Cell[] {
  return fields.map(({ fact, type }) => {
    const value = facts[fact] as Cell;
    return type === 'jsonb' ? { json: value } : value;
  });
}

function absent<Facts extends object>(fields: readonly Field<Facts>[], facts: Facts): string[] {
  return fields.filter(({ fact }) => facts[fact] === undefined).map(({ column }) => column);
}

function addDefinition(lines: Lines, record: DefinitionRecord): void {
  const { uniqueId, resourceType, state, at, runId, facts, parents } = record;
  const content = digest([resourceType, state, facts, [...parents].sort()]);
  const head = [uniqueId, resourceType, state, at, runId, content, coreHash(record), absent(DEFINITION_FIELDS, facts)];
  add(lines, 'stage_definition', [...head, ...factCells(DEFINITION_FIELDS, facts), { json: facts.properties ?? {} }]);
  for (const parent of parents) add(lines, 'stage_edge', [uniqueId, parent]);
}

function addBuild(lines: Lines, { uniqueId, at, facts }: BuildRecord): void {
  const head = [uniqueId, at, digest(facts), absent(BUILD_FIELDS, facts)];
  add(lines, 'stage_build', [...head, ...factCells(BUILD_FIELDS, facts)]);
}

function addCatalog(lines: Lines, { uniqueId, at, rowCount, bytes, columns }: CatalogRecord): void {
  add(lines, 'stage_catalog', [uniqueId, at, digest([rowCount, bytes, columns]), rowCount, bytes]);
  for (const { name, position, dataType, comment, description, tags, meta } of columns) {
    add(lines, 'stage_column', [uniqueId, name, position, dataType, comment, description, tags, { json: meta }]);
  }
}

function resultCells(record: ResultRecord): Cell[] {
  const { uniqueId, runId, step, jobId, status, message, failures, executedAt, startedAt, completedAt } = record;
  const { executionTimeS } = record;
  return [uniqueId, runId, step, jobId, status, message, failures, executedAt, startedAt, completedAt, executionTimeS];
}

function freshnessCells(record: FreshnessRecord): Cell[] {
  const { uniqueId, snapshottedAt, status, maxLoadedAt, ageS, warnAfterS, errorAfterS, runId, jobId } = record;
  return [uniqueId, snapshottedAt, status, maxLoadedAt, ageS, warnAfterS, errorAfterS, runId, jobId];
}

function addRecord(lines: Lines, record: StoreRecord): void {
  if (record.kind === 'definition') addDefinition(lines, record);
  else if (record.kind === 'build') addBuild(lines, record);
  else if (record.kind === 'catalog') addCatalog(lines, record);
  else if (record.kind === 'result') add(lines, 'stage_result', resultCells(record));
  else if (record.kind === 'freshness') add(lines, 'stage_freshness', freshnessCells(record));
  else add(lines, 'stage_seen', [record.uniqueId]);
}

/** Makes the staging tables of this session. */
export async function createStage(client: Client): Promise<void> {
  const statements = Object.entries(TABLES).map(
    ([table, columns]) => `create temporary table ${table} (${columns.join(', ')});`,
  );
  await client.query(statements.join('\n'));
}

/** Empties them, for a pass that is taken again. */
export async function clearStage(client: Client): Promise<void> {
  await client.query(`truncate ${Object.keys(TABLES).join(', ')}`);
}

/** Drops them, so that the session can go back to the pool. */
export async function dropStage(client: Client): Promise<void> {
  await client.query(`drop table if exists ${Object.keys(TABLES).join(', ')}`);
}

/** What one statement is, and which of several is taken. Edges are a set and may repeat. */
const REPEATS: { readonly [table: string]: { readonly key: string; readonly first: string } } = {
  stage_definition: { key: 'unique_id', first: "(state = 'defined') desc, at desc nulls last" },
  stage_build: { key: 'unique_id', first: 'at desc nulls last' },
  stage_catalog: { key: 'unique_id', first: 'at desc nulls last' },
  stage_column: { key: 'unique_id, name', first: 'position' },
  stage_result: { key: 'unique_id, run_id, step', first: 'executed_at desc' },
  stage_freshness: { key: 'unique_id, snapshotted_at', first: 'max_loaded_at desc nulls last' },
};

/** Leaves one row of what was told more than once: an external model comes with each of its children. */
export async function dropRepeats(client: Client): Promise<void> {
  for (const [table, { key, first }] of Object.entries(REPEATS)) {
    const { rowCount } = await client.query(`select from ${table} group by ${key} having count(*) > 1 limit 1`);
    if (rowCount === 0) continue;
    await client.query(
      `delete from ${table} where ctid = any (array(
        select row_id from (select ctid as row_id, row_number() over (partition by ${key} order by ${first}, ctid desc) as rank
          from ${table}) ranked
        where rank > 1))`,
    );
  }
}

/** What joins and conditions look at; the rest (code, configuration) is long, and no plan depends on it. */
const ANALYZED = [
  'stage_definition (unique_id, resource_type, state, at, digest)',
  'stage_build (unique_id, at, digest)',
  'stage_catalog (unique_id, at, digest)',
  'stage_column (unique_id, name)',
  'stage_result (unique_id, run_id, step, executed_at)',
  'stage_edge',
  'stage_freshness',
  'stage_seen',
];

/** Tells the planner what was staged: it knows nothing of temporary tables by itself. */
export async function analyzeStage(client: Client): Promise<void> {
  await client.query(`analyze ${ANALYZED.join(', ')}`);
}

/** Copies the records of a page into the staging tables: one COPY per kind, no statement per row. */
export async function stageRecords(client: Client, records: readonly StoreRecord[]): Promise<void> {
  const lines: Lines = new Map();
  for (const record of records) addRecord(lines, record);
  for (const [table, rows] of lines) {
    await pipeline(Readable.from([rows.join('')]), client.query(copyFrom(`copy ${table} from stdin`)));
  }
}
