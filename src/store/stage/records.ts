import type {
  BuildRecord,
  CatalogRecord,
  ColumnFacts,
  DefinitionRecord,
  FreshnessRecord,
  ResultRecord,
  StoreRecord,
} from '../../domain/records.ts';
import { coreHash, digest, factsDigest, hashPart, textDigest } from '../../normalize/hash.ts';
import { type Cell, storable } from '../copy-text.ts';
import { BUILD_FIELDS, DEFINITION_FIELDS, type Field } from '../fields.ts';
import { type Code, codeOf, isStored } from './code.ts';
import type { KnownNode, KnownNodes } from './known.ts';
import { addLine, type Lines } from './lines.ts';
import { KNOWN_BUILD, KNOWN_DEFINITION } from './tables.ts';
import type { Tally } from './tally.ts';

/** Where staged rows go. */
export interface Staging {
  readonly lines: Lines;
  readonly tally: Tally;
}

/** What identifies and orders a statement, with the digest of what it says. */
export interface Head {
  readonly cells: readonly Cell[];
  readonly digest: string;
}

/** The head of a catalog, with the digest of what is said of its columns beside it. */
export interface CatalogHead extends Head {
  readonly described: string | null | undefined;
}

/** Adds the facts as cells. There are very many, so that nothing is put together only to be taken apart again. */
export function addFacts<Facts extends object>(cells: Cell[], fields: readonly Field<Facts>[], facts: Facts): void {
  for (const { fact, type } of fields) {
    const value = facts[fact] as Cell;
    cells.push(type === 'jsonb' && value != null ? { json: value } : value);
  }
}

/** The columns that the facts do not state. */
export function absent<Facts extends object>(fields: readonly Field<Facts>[], facts: Facts): string[] {
  const columns: string[] = [];
  for (const { fact, column } of fields) if (facts[fact] === undefined) columns.push(column);
  return columns;
}

export function definitionHead({ uniqueId, resourceType, state, at, runId, facts, parents }: DefinitionRecord): Head {
  const said = factsDigest(facts, { others: [resourceType, state, [...parents].sort()] });
  return { cells: [uniqueId, resourceType, state, at, runId, said], digest: said };
}

export function buildHead({ uniqueId, at, facts }: BuildRecord, code: Code | undefined): Head {
  const said = factsDigest(facts, { except: 'compiledCode' });
  return { cells: [uniqueId, at, said, code?.digest], digest: said };
}

/** What the project says of columns is no part of it: the definition of artifacts says that. */
export function catalogHead(record: CatalogRecord): CatalogHead {
  const { uniqueId, at, rowCount, bytes, columns } = record;
  let shown = `${rowCount} ${bytes}`;
  for (const { name, position, dataType, comment } of columns) {
    shown += `\n${hashPart(name)} ${position} ${hashPart(dataType)} ${hashPart(comment)}`;
  }
  const said = textDigest(shown);
  const described = columnsDigest(record);
  return { cells: [uniqueId, at, said, described, rowCount, bytes], digest: said, described };
}

/** An empty description is said, too: the column is declared, and readers see so. */
const isSaid = ({ description, tags, meta }: ColumnFacts) =>
  description != null || (tags?.length ?? 0) > 0 || meta != null;

/** Digest of what is said of columns beside the catalog: null when nothing is, undefined when this record cannot say it. */
export function columnsDigest(record: DefinitionRecord | CatalogRecord): string | null | undefined {
  if (record.kind === 'definition') {
    const { columns } = record;
    if (columns === undefined) return undefined;
    return columns.length === 0 ? null : digest(columns);
  }
  if (record.columns.every(({ description }) => description === undefined)) return undefined;
  let said = '';
  for (const column of record.columns) if (isSaid(column)) said += `\n${columnText(column)}`;
  return said === '' ? null : textDigest(said);
}

function columnText({ name, description, tags = [], meta }: ColumnFacts): string {
  const more = tags.length === 0 && meta == null ? '' : JSON.stringify([tags, meta]);
  return `${hashPart(name)} ${hashPart(description)} ${more}`;
}

/** A record as one of the tellings of its node, and what is stored of it. */
interface Told<Of extends StoreRecord> {
  readonly record: Of;
  readonly telling: number;
  readonly known: KnownNode | undefined;
}

/** Whether what a record says of columns is not what is stored; a new node has nothing. */
function isNew(described: string | null | undefined, known: KnownNode | undefined): boolean {
  return described !== undefined && described !== (known?.columns ?? null);
}

function addDescribed(
  { lines, tally }: Staging,
  { record, telling, known }: Told<DefinitionRecord | CatalogRecord>,
  digest: string | null,
): void {
  const { uniqueId, kind } = record;
  tally.addUnknown('columns');
  tally.addNode('stage_described', uniqueId, known);
  addLine(lines, 'stage_described', [telling, uniqueId, kind === 'definition', digest]);
}

/** Stages the declared columns of a definition, unless they are stored. */
function addDeclared(staging: Staging, told: Told<DefinitionRecord>): void {
  const { record, telling, known } = told;
  const described = columnsDigest(record);
  if (described === undefined || !isNew(described, known)) return;
  addDescribed(staging, told, described);
  for (const { name, declaredType, description, tags, meta } of record.columns ?? []) {
    staging.tally.addKey('stage_declared', `${record.uniqueId} ${name}`);
    const cells = [telling, record.uniqueId, name, declaredType, description, tags, { json: meta }];
    addLine(staging.lines, 'stage_declared', cells);
  }
}

/** Stages the head of a definition that is stored already, or written ahead. */
export function addKnownDefinition(lines: Lines, { cells }: Head, telling: number): void {
  addLine(lines, KNOWN_DEFINITION, [telling, ...cells]);
}

/** The same of a build. */
export function addKnownBuild(lines: Lines, { cells }: Head): void {
  addLine(lines, KNOWN_BUILD, cells);
}

/** The same of a catalog. */
export function addKnownCatalog(lines: Lines, { cells }: Head, telling: number): void {
  addLine(lines, 'stage_catalog', [telling, ...cells]);
}

function addDefinition(staging: Staging, record: DefinitionRecord, known: KnownNode | undefined): void {
  const { lines, tally } = staging;
  const { uniqueId, facts, parents } = record;
  const head = definitionHead(record);
  const telling = tally.addNode('stage_definition', uniqueId, known);
  addDeclared(staging, { record, telling, known });
  if (known?.definition === head.digest) {
    addKnownDefinition(lines, head, telling);
    return;
  }
  tally.addUnknown('definitions');
  const cells = [telling, ...head.cells, coreHash(record), absent(DEFINITION_FIELDS, facts)];
  addFacts(cells, DEFINITION_FIELDS, facts);
  cells.push({ json: facts.properties ?? {} });
  addLine(lines, 'stage_definition', cells);
  for (const parent of parents) addLine(lines, 'stage_edge', [telling, uniqueId, parent]);
}

/** Stages compiled code unless it is stored. */
export function addCode({ lines, tally }: Staging, code: Code | undefined, known: KnownNode | undefined): void {
  if (code === undefined || isStored(code, known?.code)) return;
  tally.addUnknown('codes');
  tally.addNode('stage_code', code.uniqueId, known);
  addLine(lines, 'stage_code', [code.uniqueId, code.isBuilt, code.at, code.digest, code.text]);
}

function addBuild(staging: Staging, record: BuildRecord, known: KnownNode | undefined): void {
  const code = codeOf(record);
  addCode(staging, code, known);
  const { lines, tally } = staging;
  const head = buildHead(record, code);
  tally.addNode('stage_build', record.uniqueId, known);
  if (known?.build === head.digest) {
    addKnownBuild(lines, head);
    return;
  }
  tally.addUnknown('builds');
  const { facts } = record;
  const cells = [...head.cells, absent(BUILD_FIELDS, facts)];
  addFacts(cells, BUILD_FIELDS, facts);
  addLine(lines, 'stage_build', cells);
}

function addCatalog(staging: Staging, record: CatalogRecord, known: KnownNode | undefined): void {
  const { lines, tally } = staging;
  const head = catalogHead(record);
  const telling = tally.addNode('stage_catalog', record.uniqueId, known);
  addKnownCatalog(lines, head, telling);
  if (known?.catalog === head.digest && !isNew(head.described, known)) return;
  addShown(staging, { record, telling, known }, head);
}

/** Stages what a catalog shows, beside its head. */
export function addShown(staging: Staging, told: Told<CatalogRecord>, { digest, described }: CatalogHead): void {
  const { lines, tally } = staging;
  const { record, telling, known } = told;
  const { uniqueId, columns } = record;
  if (known?.catalog !== digest) tally.addUnknown('catalogs');
  if (described !== undefined) addDescribed(staging, told, described);
  if (new Set(columns.map(({ name }) => storable(name))).size < columns.length) tally.markRepeated('stage_column');
  for (const { name, position, dataType, comment, description, tags, meta } of columns) {
    const column = [telling, uniqueId, name, position, dataType, comment, description, tags, { json: meta }];
    addLine(lines, 'stage_column', column);
  }
}

/** What only an invocation knows of its results. */
export const STEP_CELLS =
  'rows_affected, adapter_response, thread_id, invocation_id, batches_successful, batches_failed';

/** A result as {@link STEP_CELLS}. */
export function stepCells({ rowsAffected, adapterResponse, threadId, invocationId, batches }: ResultRecord): Cell[] {
  return [rowsAffected, { json: adapterResponse }, threadId, invocationId, batches?.successful, batches?.failed];
}

/** What a result says, whoever tells it. */
export const RESULT_CELLS =
  'run_id, step, status, message, failures, executed_at, started_at, completed_at, execution_time_s';

/** A result as {@link RESULT_CELLS}. */
export function resultCells({ runId, step, status, message, failures, ...times }: ResultRecord): Cell[] {
  const { executedAt, startedAt, completedAt, executionTimeS } = times;
  return [runId, step, status, message, failures, executedAt, startedAt, completedAt, executionTimeS];
}

/** What identifies a result of a step. */
export const stepKey = ({ step, runId, uniqueId }: ResultRecord) => `${step} ${runId} ${uniqueId}`;

function addResult({ lines, tally }: Staging, record: ResultRecord): void {
  const { uniqueId, step, jobId } = record;
  const cells = [uniqueId, jobId, ...resultCells(record)];
  const table = step > 0 ? 'stage_step_result' : 'stage_result';
  tally.addUnknown('results');
  if (step > 0) tally.addUnknown('runs');
  // The Discovery API tells one result of either kind of a node.
  if (step > 0) tally.addKey(table, stepKey(record));
  else tally.addKey(table, uniqueId, step);
  addLine(lines, table, step > 0 ? [...cells, ...stepCells(record)] : cells);
}

function addFreshness({ lines, tally }: Staging, record: FreshnessRecord): void {
  const { uniqueId, snapshottedAt, status, maxLoadedAt, ageS, warnAfterS, errorAfterS, runId, jobId } = record;
  // One instant may be spelled in several ways.
  tally.addKey('stage_freshness', `${Date.parse(snapshottedAt)} ${uniqueId}`);
  const cells = [uniqueId, snapshottedAt, status, maxLoadedAt, ageS, warnAfterS, errorAfterS, runId, jobId];
  addLine(lines, 'stage_freshness', cells);
}

/** Adds what is staged of a result or a freshness check; no other record is told of runs. */
export function addRun(staging: Staging, record: StoreRecord): void {
  if (record.kind === 'result') addResult(staging, record);
  else if (record.kind === 'freshness') addFreshness(staging, record);
}

/**
 * Adds what is staged of a record. A statement that says what is stored already is only told to be there, by its time
 * and digest: nothing else of it is ever looked at.
 */
export function addRecord(staging: Staging, record: StoreRecord, nodes: KnownNodes): void {
  if (record.kind === 'seen') {
    addLine(staging.lines, 'stage_seen', [record.uniqueId]);
    return;
  }
  if (record.kind === 'compiled') {
    addCode(staging, codeOf(record), nodes.get(record.uniqueId));
    return;
  }
  const known = 'uniqueId' in record ? nodes.get(record.uniqueId) : undefined;
  if (record.kind === 'definition') addDefinition(staging, record, known);
  else if (record.kind === 'build') addBuild(staging, record, known);
  else {
    if (known === undefined) staging.tally.addUnknown('names');
    if (record.kind === 'catalog') addCatalog(staging, record, known);
    else addRun(staging, record);
  }
}
