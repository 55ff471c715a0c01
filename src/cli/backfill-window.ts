import { FatalError } from '../domain/errors.ts';
import type { RunWindow } from '../domain/runs.ts';

/** How the window of a backfill is said. */
export interface WindowFlags {
  readonly from?: string;
  readonly to?: string;
  readonly all?: boolean;
}

const DAY_MS = 86_400_000;
const AGE = /^([1-9]\d{0,4})d$/;
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** How long dbt keeps runs (docs.getdbt.com, "Run visibility"). */
export const KEPT_DAYS = 365;

/** @throws FatalError unless it is a date, a time or an age; times without an offset are of UTC. */
function timeOf(flag: string, text: string, now: Date): Date {
  const [, days] = AGE.exec(text) ?? [];
  if (days !== undefined) return new Date(now.getTime() - Number(days) * DAY_MS);
  if (DATE.test(text)) {
    const isOffset = /(Z|[+-]\d{2}:\d{2})$/.test(text);
    const date = new Date(text.includes('T') && !isOffset ? `${text}Z` : text);
    // What is no day of the calendar is another one to JavaScript.
    const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).toJSON()?.startsWith(text.slice(0, 10)) === true;
    if (isDay && !Number.isNaN(date.getTime())) return date;
  }
  throw new FatalError(
    `${flag} ${text} is no time: give a date such as 2026-01-31, a time such as 2026-01-31T06:00, or an age such as 90d.`,
  );
}

/** A day that is given as an end is meant with all its hours. */
const withWholeDay = (text: string, time: Date) =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(time.getTime() + DAY_MS - 1) : time;

/** The window of time that flags mean. @throws FatalError when they mean none. */
export function windowOf({ from, to, all }: WindowFlags, now: Date): RunWindow {
  if (all === true && from !== undefined)
    throw new FatalError('--all and --from exclude each other: give one of them.');
  if (all !== true && from === undefined) {
    throw new FatalError('Say from when on runs are wanted: --from 2026-01-31, --from 90d, or --all.');
  }
  const begin = from === undefined ? new Date(0) : timeOf('--from', from, now);
  const given = to === undefined ? now : withWholeDay(to, timeOf('--to', to, now));
  const end = given > now ? now : given;
  if (begin > now) throw new FatalError(`--from ${from} is in the future: give a time that has passed.`);
  if (end.getTime() <= 0) throw new FatalError(`--to ${to} is before there was dbt: give a later time.`);
  if (begin >= end) throw new FatalError(`--from ${from} is not before --to ${to}: give an earlier --from.`);
  return { from: begin, to: end };
}

/** What should be known before the oldest runs are asked for; null when all of the window is kept. */
export function retentionNote({ from }: RunWindow, now: Date): string | null {
  if (now.getTime() - from.getTime() <= KEPT_DAYS * DAY_MS) return null;
  return `dbt keeps runs for ${KEPT_DAYS} days: what ended before ${new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString().slice(0, 10)} may not be there any more.`;
}
