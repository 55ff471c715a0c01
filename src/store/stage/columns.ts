import type { CatalogRecord, DeclaredColumn } from '../../domain/records.ts';
import { type Cell, storable } from '../copy-text.ts';

/** The columns of `dbt_store.node_column` beside its key. */
export const COLUMN_CELLS =
  'name, position, data_type, comment, declared_name, declared_type, description, tags, meta, in_catalog';

const lower = (name: string) => storable(name).toLowerCase();

/** The declared column of each catalog column: the one of that very name, else one whose name differs in case alone. */
function matched(catalog: readonly { name: string }[], declared: readonly DeclaredColumn[]) {
  if (declared.length === 0) return new Map<string, DeclaredColumn>();
  const names = new Set(catalog.map(({ name }) => storable(name)));
  const exact = new Map(declared.map((column) => [storable(column.name), column]));
  const rest = new Map<string, DeclaredColumn[]>();
  for (const column of declared.filter(({ name }) => !names.has(storable(name))).sort(byName)) {
    rest.set(lower(column.name), [...(rest.get(lower(column.name)) ?? []), column]);
  }
  const pairs = new Map<string, DeclaredColumn>();
  for (const { name } of [...catalog].sort(byName)) {
    const found = exact.get(storable(name)) ?? rest.get(lower(name))?.shift();
    if (found !== undefined) pairs.set(name, found);
  }
  return pairs;
}

function byName({ name: left }: { name: string }, { name: right }: { name: string }): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The columns of a new node as rows of {@link COLUMN_CELLS}: the catalog's, and those that are only declared. */
export function columnRows(catalog: CatalogRecord | undefined, declared: readonly DeclaredColumn[] = []): Cell[][] {
  const shown = catalog?.columns ?? [];
  const pairs = matched(shown, declared);
  const rows = shown.map(({ name, position, dataType, comment, ...said }): Cell[] => {
    const found = pairs.get(name);
    const { description, tags, meta } = found ?? said;
    const declaredAs = [found?.name, found?.declaredType];
    return [name, position, dataType, comment, ...declaredAs, description, tags ?? [], { json: meta }, true];
  });
  const taken = new Set(pairs.values());
  const others = declared.filter((column) => !taken.has(column));
  return [
    ...rows,
    ...others.map(({ name, declaredType, description, tags, meta }): Cell[] => {
      return [name, null, null, null, name, declaredType, description, tags, { json: meta }, false];
    }),
  ];
}
