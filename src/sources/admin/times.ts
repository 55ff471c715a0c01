import type { Instant } from '../../domain/records.ts';
import { instant } from '../../normalize/scalars.ts';

/**
 * A time as the Admin API writes it, as RFC 3339 with all its digits. Runs and steps have a space in it
 * (`2021-12-07 10:32:24.326116+00:00`), jobs and environments a T.
 */
export const apiTime = instant.transform((text): Instant => text.replace(' ', 'T'));

const PARTS = /^(.*:\d\d)(?:\.(\d+))?([^.\d].*)$/;

/** Whole seconds since 1970, and the fraction beside them: together they exceed what a number can hold exactly. */
function seconds(time: Instant): { whole: number; fraction: number } {
  const [, upToSeconds = '', fraction = '0', offset = ''] = PARTS.exec(time) ?? [];
  return { whole: Date.parse(`${upToSeconds}${offset}`) / 1_000, fraction: Number(`0.${fraction}`) };
}

/** Seconds from one time to another, at microseconds; null unless both are known. */
export function secondsBetween(from: Instant | null, to: Instant | null): number | null {
  if (from === null || to === null) return null;
  const [start, end] = [seconds(from), seconds(to)];
  return Math.round((end.whole - start.whole + (end.fraction - start.fraction)) * 1e6) / 1e6;
}

/**
 * The bounds of a `…__range` filter: naive UTC in whole seconds, for with an offset the service takes the day alone
 * (tap-dbt, streams.py). They may include up to a second more on either side.
 */
export function naiveRange(from: Date, to: Date): [string, string] {
  const naive = (seconds: number) => new Date(seconds * 1_000).toISOString().slice(0, 19);
  return [naive(Math.floor(from.getTime() / 1_000)), naive(Math.ceil(to.getTime() / 1_000))];
}
