import { RejectError } from '../../domain/errors.ts';
import type { CatalogRecord, ColumnFacts, Json } from '../../domain/records.ts';
import { MAX_DEPTH, TOO_DEEP } from '../depth.ts';
import type { Normalized } from '../normalized.ts';
import { keyText, read, uniqueId as uniqueIdField } from '../scalars.ts';
import { readEach } from './columns.ts';
import { type Bag, bag, isBag, told, toldCount } from './fields.ts';
import { objectReader } from './shape.ts';
import { typeOfId } from './type-of-id.ts';

const readEntry = objectReader({ columns: bag, stats: bag });
const readShown = objectReader({ index: toldCount, type: told, comment: told });

/** Names under which adapters count: Snowflake, BigQuery, Spark and Redshift, whose size dbt tells in bytes. */
const ROW_COUNTS = ['row_count', 'num_rows', 'rows'];
const BYTES = ['bytes', 'num_bytes', 'size'];

/** BigQuery catalogs of dbt 1.8 say `true` instead of the number, which then nobody knows. */
function statOf(stats: Bag | null | undefined, ids: readonly string[]): number | null {
  const values: (Json | undefined)[] = ids.map((id) => {
    const stat = stats?.[id];
    return isBag(stat) ? stat.value : undefined;
  });
  const found = values.find((value) => typeof value === 'number');
  return typeof found === 'number' && Number.isSafeInteger(Math.round(found)) ? Math.round(found) : null;
}

function readColumn(key: string, raw: unknown): ColumnFacts {
  const { index, type, comment } = readShown(raw);
  return {
    name: read(keyText, key),
    position: index ?? null,
    dataType: type ?? null,
    comment: comment ?? null,
  };
}

function readColumns(uniqueId: string, found: Bag | null | undefined) {
  const owner = { uniqueId, resourceType: typeOfId(uniqueId) };
  return readEach(owner, found, { what: 'catalog column', read: readColumn });
}

/**
 * One relation of a catalog. What the project says of its columns is in the manifest; positions are the warehouse's
 * own, with gaps, and from 0 on in Spark.
 */
export function catalogEntry(
  uniqueId: string,
  raw: unknown,
  { depth, at }: { depth: number; at: string | null },
): Normalized {
  const resourceType = typeOfId(uniqueId);
  try {
    if (depth > MAX_DEPTH) throw new RejectError(TOO_DEEP);
    const found = readEntry(raw);
    const { columns, rejects } = readColumns(read(uniqueIdField, uniqueId), found.columns);
    const { stats } = found;
    const rowCount = statOf(stats, ROW_COUNTS);
    const record: CatalogRecord = { kind: 'catalog', uniqueId, at, rowCount, bytes: statOf(stats, BYTES), columns };
    return { records: [record], rejects };
  } catch (error) {
    if (!(error instanceof RejectError)) throw error;
    return {
      records: [],
      rejects: [{ resourceType, uniqueId: uniqueId || null, reason: `catalog: ${error.message}`, raw }],
    };
  }
}
