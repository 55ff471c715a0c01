import type { Reject, StoreRecord } from '../domain/records.ts';
import type { Page } from '../domain/source.ts';

/** Clocks differ, and times may be told with any offset from UTC; what is later than this is no time of dbt's. */
const TOLERANCE_MS = 2 * 86_400_000;

/** The time by which a record is ordered among others. */
function timeOf(record: StoreRecord): string | null {
  if (record.kind === 'result') return record.executedAt;
  if (record.kind === 'freshness') return record.snapshottedAt;
  return record.kind === 'seen' ? null : record.at;
}

/**
 * A page without records that claim to be from the future: taken as they are, they would be the newest for ever and
 * everything true after them would be taken for old. They become rejects, and their nodes stay as they are.
 * @param now milliseconds, as `Date.now` tells them
 */
export function withoutFuture(page: Page, now: number): Page {
  // RFC 3339 strings order as text, which is much cheaper than reading a hundred thousand of them.
  const limit = new Date(now + TOLERANCE_MS).toISOString();
  const isFuture = (record: StoreRecord) => (timeOf(record) ?? '') > limit;
  if (!page.records.some(isFuture)) return page;
  const rejects = page.records.filter(isFuture).map(
    (record): Reject => ({
      resourceType: page.resourceType,
      uniqueId: record.uniqueId,
      reason: `The time of its ${record.kind}, ${timeOf(record)}, is in the future.`,
      raw: record,
    }),
  );
  const records = page.records.map(
    (record): StoreRecord => (isFuture(record) ? { kind: 'seen', uniqueId: record.uniqueId } : record),
  );
  return { ...page, records, rejects: [...page.rejects, ...rejects] };
}
