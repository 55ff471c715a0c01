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

const isOf =
  (time: string) =>
  (record: StoreRecord): boolean =>
    timeOf(record) === time;

/** What was said at such a time, by the first node it was said of; of several nodes it is the whole file's. */
function rejectOf({ resourceType, records }: Page, time: string): Reject {
  const said = records.filter(isOf(time));
  const [first] = said;
  const isOne = said.every(({ uniqueId }) => uniqueId === first?.uniqueId);
  return {
    resourceType: isOne ? resourceType : null,
    uniqueId: isOne ? (first?.uniqueId ?? null) : null,
    reason: isOne
      ? `The time of its ${first?.kind}, ${time}, is in the future: all that was told of this time was left out.`
      : `The time ${time} is in the future: all that was told of this time was left out, of every node.`,
    raw: first ?? null,
  };
}

/** Takes from pages what is of the future. */
export type FutureFilter = (page: Page, now: number) => Page;

/**
 * Pages without records that claim to be from the future: taken as they are, they would be the newest for ever and
 * everything true after them would be taken for old. Each such time becomes one reject, for a file has one time for all
 * that it tells; the nodes stay as they are. A filter is for one reading.
 * @returns a filter; `now` in milliseconds, as `Date.now` tells them
 */
export function withoutFuture(): FutureFilter {
  const rejected = new Set<string>();
  return (page, now) => {
    // RFC 3339 strings order as text, which is much cheaper than reading a hundred thousand of them.
    const limit = new Date(now + TOLERANCE_MS).toISOString();
    const isFuture = (record: StoreRecord) => (timeOf(record) ?? '') > limit;
    if (!page.records.some(isFuture)) return page;
    const times = new Set(page.records.filter(isFuture).map((record) => timeOf(record) ?? ''));
    const rejects = [...times].filter((time) => !rejected.has(time)).map((time) => rejectOf(page, time));
    for (const time of times) rejected.add(time);
    const records = page.records.map(
      (record): StoreRecord => (isFuture(record) ? { kind: 'seen', uniqueId: record.uniqueId } : record),
    );
    return { ...page, records, rejects: [...page.rejects, ...rejects] };
  };
}
