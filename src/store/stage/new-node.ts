import type { BuildRecord, CatalogRecord, DefinitionRecord, Instant } from '../../domain/records.ts';
import type { Cell } from '../copy-text.ts';
import { BUILD_FIELDS, DEFINITION_FIELDS, LISTED_TYPES } from '../fields.ts';
import type { Code } from './code.ts';
import { COLUMN_CELLS, columnRows } from './columns.ts';
import { absent, addFacts, type CatalogHead, columnsDigest } from './records.ts';

/** All that the row of a node holds when it is written for the first time. */
export interface NewNode {
  readonly definition: DefinitionRecord;
  /** The definition's time. */
  readonly at: Instant;
  readonly definitionDigest: string;
  /** Which of its definitions it is, where a pass tells several. */
  readonly telling: number;
  readonly hash: string;
  readonly build: { readonly record: BuildRecord; readonly digest: string } | undefined;
  readonly code: Code | undefined;
  readonly catalog:
    | { readonly record: CatalogRecord; readonly head: CatalogHead; readonly telling: number }
    | undefined;
  readonly firstRunAt: Instant | undefined;
}

/** Who writes it, and the times that are left out of the row because most rows share them. */
export interface Writing {
  readonly integrationId: number;
  readonly source: string;
  readonly normalizerVersion: number;
  readonly definitionAt: Instant | null;
  readonly catalogAt: Instant | null;
}

const BUILD_COLUMNS = BUILD_FIELDS.map(({ column }) => column);

const NODE_COLUMNS = [
  ...['integration_id', 'node_id', 'unique_id', 'resource_type', 'state', 'unknown', 'first_seen_at', 'changed_at'],
  ...['definition_source', 'definition_normalizer', 'definition_at', 'definition_run_id', 'definition_digest'],
  ...['definition_hash', 'properties', ...DEFINITION_FIELDS.map(({ column }) => column)],
  ...['build_source', 'build_normalizer', 'build_at', 'build_digest', ...BUILD_COLUMNS],
  ...['catalog_source', 'catalog_normalizer', 'catalog_at', 'catalog_digest', 'row_count', 'bytes'],
  ...['columns_source', 'columns_digest', 'compiled_by_build', 'compiled_at', 'compiled_digest', 'compiled_code'],
];
export const NODE = `dbt_store.node (${NODE_COLUMNS.join(', ')})`;
export const COLUMN = `dbt_store.node_column (integration_id, node_id, ${COLUMN_CELLS})`;

/** When the node was first there, as far as it is told by then. */
export function firstSeen({ at, firstRunAt, definition }: NewNode): Instant {
  if (LISTED_TYPES.includes(definition.resourceType)) return at;
  return firstRunAt !== undefined && Date.parse(firstRunAt) < Date.parse(at) ? firstRunAt : at;
}

/** What was said of the node's columns beside the catalog, as {@link columnsOf} tells it. */
interface Described {
  readonly columns: string | null;
}

/** Whether the row holds no time of its own. */
export function sharesTimes({ at, catalog }: NewNode, { definitionAt, catalogAt }: Writing): boolean {
  return at === definitionAt && (catalog === undefined || catalog.record.at === catalogAt);
}

/** The row of `dbt_store.node`, as {@link NODE} takes it. */
export function nodeCells(id: string, node: NewNode, { columns, ...writing }: Writing & Described): Cell[] {
  const { definition, at, build, code, catalog } = node;
  const { uniqueId, resourceType, state, runId, facts } = definition;
  const { integrationId, source, normalizerVersion } = writing;
  const unknown = absent(DEFINITION_FIELDS, facts);
  unknown.push(...(build ? absent(BUILD_FIELDS, build.record.facts) : BUILD_COLUMNS));
  const definitionAt = at === writing.definitionAt ? null : at;
  const catalogAt = catalog?.record.at === writing.catalogAt ? null : catalog?.record.at;
  const cells: Cell[] = [integrationId, id, uniqueId, resourceType, state, unknown, firstSeen(node), at];
  cells.push(source, normalizerVersion, definitionAt, runId, node.definitionDigest, node.hash);
  cells.push({ json: facts.properties ?? {} });
  addFacts(cells, DEFINITION_FIELDS, facts.tags === undefined ? { ...facts, tags: [] } : facts);
  if (build) cells.push(source, normalizerVersion, build.record.at ?? at, build.digest);
  else cells.push(null, null, null, null);
  addFacts(cells, BUILD_FIELDS, build?.record.facts ?? {});
  if (catalog) cells.push(source, normalizerVersion, catalogAt, catalog.head.digest);
  else cells.push(null, null, null, null);
  cells.push(catalog?.record.rowCount, catalog?.record.bytes);
  cells.push(columns === null ? null : source, columns);
  if (code) cells.push(code.isBuilt, code.at ?? at, code.digest, code.text);
  else cells.push(null, null, null, null);
  return cells;
}

/** The rows of `dbt_store.node_column`, as {@link COLUMN} takes them. */
export function columnLines(id: string, { definition, catalog }: NewNode, { integrationId }: Writing): Cell[][] {
  return columnRows(catalog?.record, definition.columns).map((cells) => [integrationId, id, ...cells]);
}

/** What was said of its columns beside the catalog. */
export function columnsOf({ definition, catalog }: NewNode): string | null {
  const declared = columnsDigest(definition);
  return (declared === undefined ? catalog?.head.described : declared) ?? null;
}
