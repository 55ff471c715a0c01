import type {
  BuildRecord,
  CatalogRecord,
  DefinitionRecord,
  FreshnessRecord,
  ResultRecord,
  StoreRecord,
} from '../../domain/records.ts';
import { coreHash, digest, factsDigest } from '../../normalize/hash.ts';
import type { Cell } from '../copy-text.ts';
import { BUILD_FIELDS, DEFINITION_FIELDS, type Field } from '../fields.ts';
import type { KnownNode, KnownNodes } from './known.ts';
import { addLine, type Lines } from './lines.ts';
import { KNOWN_BUILD, KNOWN_DEFINITION } from './tables.ts';

/** What identifies and orders a statement, with the digest of what it says. */
interface Head {
  readonly cells: readonly Cell[];
  readonly digest: string;
}

export function factCells<Facts extends object>(fields: readonly Field<Facts>[], facts: Facts): Cell[] {
  return fields.map(({ fact, type }) => {
    const value = facts[fact] as Cell;
    return type === 'jsonb' ? { json: value } : value;
  });
}

/** The columns that the facts do not state. */
export function absent<Facts extends object>(fields: readonly Field<Facts>[], facts: Facts): string[] {
  return fields.filter(({ fact }) => facts[fact] === undefined).map(({ column }) => column);
}

export function definitionHead({ uniqueId, resourceType, state, at, runId, facts, parents }: DefinitionRecord): Head {
  const said = factsDigest(facts, [resourceType, state, [...parents].sort()]);
  return { cells: [uniqueId, resourceType, state, at, runId, said], digest: said };
}

export function buildHead({ uniqueId, at, facts }: BuildRecord): Head {
  const said = factsDigest(facts);
  return { cells: [uniqueId, at, said], digest: said };
}

export function catalogHead({ uniqueId, at, rowCount, bytes, columns }: CatalogRecord): Head {
  const said = digest([rowCount, bytes, columns]);
  return { cells: [uniqueId, at, said, rowCount, bytes], digest: said };
}

export function addEdges(lines: Lines, { uniqueId, parents }: DefinitionRecord): void {
  for (const parent of parents) addLine(lines, 'stage_edge', [uniqueId, parent]);
}

function addDefinition(lines: Lines, record: DefinitionRecord, known: KnownNode | undefined): void {
  const { cells, digest: said } = definitionHead(record);
  if (known?.definition === said) {
    addLine(lines, KNOWN_DEFINITION, cells);
    return;
  }
  const { facts } = record;
  const rest = [coreHash(record), absent(DEFINITION_FIELDS, facts), ...factCells(DEFINITION_FIELDS, facts)];
  addLine(lines, 'stage_definition', [...cells, ...rest, { json: facts.properties ?? {} }]);
  addEdges(lines, record);
}

function addBuild(lines: Lines, record: BuildRecord, known: KnownNode | undefined): void {
  const { cells, digest: said } = buildHead(record);
  if (known?.build === said) {
    addLine(lines, KNOWN_BUILD, cells);
    return;
  }
  const { facts } = record;
  addLine(lines, 'stage_build', [...cells, absent(BUILD_FIELDS, facts), ...factCells(BUILD_FIELDS, facts)]);
}

function addCatalog(lines: Lines, record: CatalogRecord, known: KnownNode | undefined): void {
  const { cells, digest: said } = catalogHead(record);
  addLine(lines, 'stage_catalog', cells);
  if (known?.catalog === said) return;
  for (const { name, position, dataType, comment, description, tags, meta } of record.columns) {
    const column = [record.uniqueId, name, position, dataType, comment, description, tags, { json: meta }];
    addLine(lines, 'stage_column', column);
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
  if (record.kind === 'definition') addDefinition(lines, record, known.get(record.uniqueId));
  else if (record.kind === 'build') addBuild(lines, record, known.get(record.uniqueId));
  else if (record.kind === 'catalog') addCatalog(lines, record, known.get(record.uniqueId));
  else if (record.kind === 'result') addLine(lines, 'stage_result', resultCells(record));
  else if (record.kind === 'freshness') addLine(lines, 'stage_freshness', freshnessCells(record));
  else addLine(lines, 'stage_seen', [record.uniqueId]);
}
