import { z } from 'zod';
import { RejectError } from '../domain/errors.ts';
import type { CatalogRecord, ColumnFacts, Reject, ResourceType } from '../domain/records.ts';
import { isPlain, leavesAsItIs } from './plain.ts';
import { count, keyText, nullableInstant, nullableJson, nullableText, read } from './scalars.ts';

/** The catalog of one node as the Discovery API tells it; columns are read one by one. */
export const catalog = z.object({
  runGeneratedAt: nullableInstant,
  bytesStat: count.nullable(),
  rowCountStat: count.nullable(),
  columns: z.array(z.unknown()).nullable(),
});

/** Its place among the columns. */
const position = leavesAsItIs(z.int32(), (value) => typeof value === 'number' && (value | 0) === value);

const column = z.object({
  name: keyText,
  index: position.nullable(),
  type: nullableText,
  comment: nullableText,
  description: nullableText,
  tags: z.array(z.string()),
  meta: nullableJson,
});

const columns = z.array(column);

type Column = z.output<typeof column>;
type Catalog = z.output<typeof catalog>;

interface Owner {
  readonly uniqueId: string;
  readonly resourceType: ResourceType;
}

const factsOf = ({ name, index, type, comment, description, tags, meta }: Column): ColumnFacts => ({
  name,
  position: index,
  dataType: type,
  comment,
  description,
  tags,
  meta,
});

/** Columns one by one, so that a bad one is rejected alone. */
function readEach(owner: Owner, raw: readonly unknown[]): { columns: ColumnFacts[]; rejects: Reject[] } {
  const columns = new Map<string, ColumnFacts>();
  const rejects: Reject[] = [];
  for (const item of raw) {
    try {
      const found = factsOf(read(column, item));
      if (columns.has(found.name)) throw new RejectError(`column ${found.name}: is in the catalog twice`);
      columns.set(found.name, found);
    } catch (error) {
      if (!(error instanceof RejectError)) throw error;
      rejects.push({ ...owner, reason: `catalog column: ${error.message}`, raw: item });
    }
  }
  return { columns: [...columns.values()], rejects };
}

/** Nearly always all of them are good, and reading them at once takes half the time. */
function readColumns(owner: Owner, raw: readonly unknown[]): { columns: ColumnFacts[]; rejects: Reject[] } {
  const { success, data } = isPlain(columns, raw) ? { success: true, data: raw as Column[] } : columns.safeParse(raw);
  const isGood = success && new Set(data.map(({ name }) => name)).size === data.length;
  return isGood ? { columns: data.map(factsOf), rejects: [] } : readEach(owner, raw);
}

/** The catalog group of a node; nothing when no catalog was ever generated for it. */
export function catalogRecord(owner: Owner, found: Catalog | null): { records: CatalogRecord[]; rejects: Reject[] } {
  if (found === null) return { records: [], rejects: [] };
  const { runGeneratedAt, rowCountStat, bytesStat } = found;
  const isEmpty = runGeneratedAt === null && rowCountStat === null && bytesStat === null && !found.columns?.length;
  if (isEmpty) return { records: [], rejects: [] };
  const { columns, rejects } = readColumns(owner, found.columns ?? []);
  const record: CatalogRecord = {
    kind: 'catalog',
    uniqueId: owner.uniqueId,
    at: runGeneratedAt,
    rowCount: rowCountStat,
    bytes: bytesStat,
    columns,
  };
  return { records: [record], rejects };
}
