import { isDeepStrictEqual } from 'node:util';
import { groupBy } from './group-by.ts';
import type { Json, JsonObject } from './json.ts';

export type CompareOptions = {
  /** Columns that tell a row from all others. */
  readonly key: readonly string[];
  /** Columns left out of the comparison. */
  readonly ignore?: readonly string[];
  /** jsonb columns in which a member that is null equals one that is not there. */
  readonly nullIsAbsent?: readonly string[];
};
/** A row as a database driver gives it: times as Date or text, bigint as text. */
export type ActualRow = Readonly<Record<string, unknown>>;

/**
 * Differences between what a view holds and what it must hold, one readable line each; an empty list means equal.
 * Only the columns of the expected rows count. Times are compared as instants at milliseconds, jsonb without regard to
 * the order of keys, lists with regard to their order; a number may come as text (bigint), a text never as a number.
 */
export function compareRows(
  actual: readonly ActualRow[],
  expected: readonly JsonObject[],
  options: CompareOptions,
): string[] {
  const byKey = groupByKey(actual, options.key);
  const expectedByKey = groupByKey(expected, options.key);
  return [...new Set([...expectedByKey.keys(), ...byKey.keys()])].flatMap((key) => {
    const is = byKey.get(key) ?? [];
    const must = expectedByKey.get(key) ?? [];
    if (is.length < must.length) return [`missing ${key}${times(must.length - is.length)}`];
    if (is.length > must.length) return [`surplus ${key}${times(is.length - must.length)}`];
    return must.flatMap((row, index) => columnDifferences(is[index] ?? {}, row, { key, options }));
  });
}

function columnDifferences(
  actual: ActualRow,
  expected: JsonObject,
  { key, options }: { key: string; options: CompareOptions },
): string[] {
  return Object.entries(expected).flatMap(([column, must]) => {
    if (options.ignore?.includes(column)) return [];
    if (!(column in actual)) return [`${key}: no column ${column}`];
    const isLoose = options.nullIsAbsent?.includes(column) ?? false;
    const is = comparable(actual[column], must, isLoose);
    const equal = isDeepStrictEqual(is, comparable(must, must, isLoose));
    return equal ? [] : [`${key}: ${column} is ${show(actual[column])}, expected ${show(must)}`];
  });
}

/** The value in the form in which equal means equal, given what is expected there. */
function comparable(value: unknown, must: Json, isLoose: boolean): unknown {
  if (value === undefined) return null;
  if (typeof must === 'string' && isInstant(must)) return instant(value);
  if (typeof must === 'number' && (typeof value === 'bigint' || isNumeral(value))) return Number(value);
  if (value instanceof Date) return value.toISOString();
  return isLoose ? withoutNulls(value) : plain(value);
}

function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text);
}

function isNumeral(value: unknown): boolean {
  return typeof value === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value);
}

/** Milliseconds of a Date, of ISO text, or of Postgres's own text; anything else stays as it is. */
function instant(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (typeof value !== 'string') return value;
  const text = value.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1');
  const time = Date.parse(text.replace(/([+-]\d\d)$/, '$1:00'));
  return Number.isNaN(time) ? value : time;
}

/** Driver objects may have another prototype than literals; a copy makes them alike. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const told = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(told.map(([key, member]) => [key, withoutNulls(member)]));
}

function groupByKey<T extends ActualRow>(rows: readonly T[], key: readonly string[]): Map<string, T[]> {
  return groupBy(rows, (row) => key.map((column) => keyText(row[column])).join(' | '));
}

function keyText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d[ T]\d\d:/.test(value)) {
    const time = instant(value);
    return typeof time === 'number' ? new Date(time).toISOString() : value;
  }
  return value === null || value === undefined ? 'null' : String(value);
}

function times(count: number): string {
  return count === 1 ? '' : ` (${count} times)`;
}

function show(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
