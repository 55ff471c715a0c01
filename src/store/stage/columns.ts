import type { CatalogRecord, DeclaredColumn } from '../../domain/records.ts';
import { type Cell, storable } from '../copy-text.ts';

/** The columns of `dbt_store.node_column` beside its key. */
export const COLUMN_CELLS =
  'name, position, data_type, comment, declared_name, declared_type, description, tags, meta, in_catalog';

const lower = (name: string) => storable(name).toLowerCase();

/** The declared column of each catalog column: the one of that very name, else one whose name differs in case alone. */
function matched(catalog: readonly { name: string }[], declared: readonly DeclaredColumn[]) {
  if (declared.length === 0) return new Map<string, DeclaredColumn>();
  const exact = new Map(declared.map((column) => [storable(column.name), column]));
  const pairs = new Map<string, DeclaredColumn>();
  const others: string[] = [];
  for (const { name } of catalog) {
    const found = exact.get(storable(name));
    if (found === undefined) others.push(name);
    else pairs.set(name, found);
  }
  if (others.length > 0 && pairs.size < declared.length) matchRest(pairs, others, declared);
  return pairs;
}

/** Adds the pairs whose names differ in case alone, in the order of the names. */
function matchRest(pairs: Map<string, DeclaredColumn>, names: readonly string[], declared: readonly DeclaredColumn[]) {
  const taken = new Set(pairs.values());
  const rest = new Map<string, DeclaredColumn[]>();
  for (const column of declared.filter((column) => !taken.has(column)).sort(byName)) {
    rest.set(lower(column.name), [...(rest.get(lower(column.name)) ?? []), column]);
  }
  for (const name of [...names].sort()) {
    const found = rest.get(lower(name))?.shift();
    if (found !== undefined) pairs.set(name, found);
  }
}

function byName({ name: left }: { name: string }, { name: right }: { name: string }): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The columns of a new node as rows of {@link COLUMN_CELLS}: the catalog's, and those that are only declared. */
export function columnRows(catalog: CatalogRecord | undefined, declared: readonly DeclaredColumn[] = []): Cell[][] {
  const shown = catalog?.columns ?? [];
  const pairs = matched(shown, declared);
  const rows: Cell[][] = [];
  for (const column of shown) {
    const { name, position, dataType, comment } = column;
    const found = pairs.get(name);
    const { description, tags = [], meta } = found ?? column;
    const json = meta == null ? null : { json: meta };
    rows.push([name, position, dataType, comment, found?.name, found?.declaredType, description, tags, json, true]);
  }
  if (pairs.size === declared.length) return rows;
  const taken = new Set(pairs.values());
  for (const column of declared) {
    if (taken.has(column)) continue;
    const { name, declaredType, description, tags, meta } = column;
    rows.push([name, null, null, null, name, declaredType, description, tags, { json: meta }, false]);
  }
  return rows;
}
