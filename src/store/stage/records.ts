import type {
  BuildRecord,
  CatalogRecord,
  DefinitionRecord,
  FreshnessRecord,
  ResultRecord,
  StoreRecord,
} from '../../domain/records.ts';
import { coreHash, digest } from '../../normalize/hash.ts';
import type { Cell } from '../copy-text.ts';
import { BUILD_FIELDS, DEFINITION_FIELDS, type Field } from '../fields.ts';
import type { KnownNodes } from './known.ts';
import { addLine, type Lines } from './lines.ts';
import { KNOWN_BUILD, KNOWN_DEFINITION } from './tables.ts';

function factCells<Facts extends object>(fields: readonly Field<Facts>[], facts: Facts): Cell[] {
  return fields.map(({ fact, type }) => {
    const value = facts[fact] as Cell;
    return type === 'jsonb' ? { json: value } : value;
  });
}

function absent<Facts extends object>(fields: readonly Field<Facts>[], facts: Facts): string[] {
  return fields.filter(({ fact }) => facts[fact] === undefined).map(({ column }) => column);
}

function addDefinition(lines: Lines, record: DefinitionRecord, known: KnownNodes): void {
  const { uniqueId, resourceType, state, at, runId, facts, parents } = record;
  const content = digest([resourceType, state, facts, [...parents].sort()]);
  const head = [uniqueId, resourceType, state, at, runId, content];
  if (known.get(uniqueId)?.definition === content) return addLine(lines, KNOWN_DEFINITION, head);
  const cells = factCells(DEFINITION_FIELDS, facts);
  const properties = { json: facts.properties ?? {} };
  addLine(lines, 'stage_definition', [
    ...head,
    coreHash(record),
    absent(DEFINITION_FIELDS, facts),
    ...cells,
    properties,
  ]);
  for (const parent of parents) addLine(lines, 'stage_edge', [uniqueId, parent]);
}

function addBuild(lines: Lines, { uniqueId, at, facts }: BuildRecord, known: KnownNodes): void {
  const head = [uniqueId, at, digest(facts)];
  if (known.get(uniqueId)?.build === head[2]) return addLine(lines, KNOWN_BUILD, head);
  addLine(lines, 'stage_build', [...head, absent(BUILD_FIELDS, facts), ...factCells(BUILD_FIELDS, facts)]);
}

function addCatalog(lines: Lines, record: CatalogRecord, known: KnownNodes): void {
  const { uniqueId, at, rowCount, bytes, columns } = record;
  const content = digest([rowCount, bytes, columns]);
  addLine(lines, 'stage_catalog', [uniqueId, at, content, rowCount, bytes]);
  if (known.get(uniqueId)?.catalog === content) return;
  for (const { name, position, dataType, comment, description, tags, meta } of columns) {
    const cells = [uniqueId, name, position, dataType, comment, description, tags, { json: meta }];
    addLine(lines, 'stage_column', cells);
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

/**
 * Adds what is staged of a record. A statement that says what is stored already is only told to be there, by its time
 * and digest: nothing else of it is ever looked at.
 */
export function addRecord(lines: Lines, record: StoreRecord, known: KnownNodes): void {
  if (record.kind === 'definition') addDefinition(lines, record, known);
  else if (record.kind === 'build') addBuild(lines, record, known);
  else if (record.kind === 'catalog') addCatalog(lines, record, known);
  else if (record.kind === 'result') addLine(lines, 'stage_result', resultCells(record));
  else if (record.kind === 'freshness') addLine(lines, 'stage_freshness', freshnessCells(record));
  else addLine(lines, 'stage_seen', [record.uniqueId]);
}
