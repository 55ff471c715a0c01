import { type CronFields, cronFields } from './cron-syntax.ts';
import { instantsOn, localTime } from './local-time.ts';

/** When something is due: a five-field cron expression that was checked, and the IANA time zone it is read in. */
export interface Cron {
  readonly schedule: string;
  readonly timeZone: string;
}

/** So far the clocks of machines may be apart. What lies further ahead was written under a clock that was wrong. */
export const CLOCKS_APART_MS = 300_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The longest that a schedule rests: 29 February comes after eight years when a century leaves one out. */
const LONGEST_REST_DAYS = 8 * 366;
const HOURS = 24;

/**
 * The ticks of one local day, rising. A local time that the spring change skips has its tick all the same, and a fixed
 * hour that comes twice in autumn only its first one; a schedule of every hour goes on through both.
 */
function ticksOn({ minutes, hours, months, isDay }: CronFields, timeZone: string, day: number): readonly number[] {
  const date = new Date(day);
  if (!months.includes(date.getUTCMonth() + 1) || !isDay(date.getUTCDate(), date.getUTCDay())) return [];
  const instants = instantsOn(timeZone, day);
  const isEveryHour = hours.length === HOURS;
  const ticks = hours.flatMap((hour) =>
    minutes.flatMap((minute) => {
      const found = instants(day + hour * HOUR_MS + minute * MINUTE_MS);
      return isEveryHour ? found : found.slice(0, 1);
    }),
  );
  return [...new Set(ticks)].sort((a, b) => a - b);
}

/** The tick next to an instant in one direction of time, looked for day after day; null when there is none. */
function search({ schedule, timeZone }: Cron, from: Date, step: 1 | -1): Date | null {
  const fields = cronFields(schedule);
  const start = from.getTime();
  const today = Math.floor(localTime(timeZone, start) / DAY_MS);
  // A tick that clocks skipped lies on the next day when they skipped midnight.
  for (let days = -1; days <= LONGEST_REST_DAYS; days++) {
    const ticks = ticksOn(fields, timeZone, (today + step * days) * DAY_MS);
    const found = step > 0 ? ticks.find((tick) => tick > start) : ticks.findLast((tick) => tick <= start);
    if (found !== undefined) return new Date(found);
  }
  return null;
}

/** The newest tick that is not after an instant; null for a schedule that never had one. */
export function lastTick(cron: Cron, now: Date): Date | null {
  return search(cron, now, -1);
}

/** The first tick after an instant; null for a schedule that never has one. */
export function nextTick(cron: Cron, from: Date): Date | null {
  return search(cron, from, 1);
}

/**
 * When a schedule is due for the second time after an instant. An integration that succeeded then and not again
 * until that tick is stale: one missed tick may be a slow pass, two are not.
 */
export function secondTickAfter(schedule: string, timeZone: string, from: Date): Date {
  const cron = { schedule, timeZone };
  const first = nextTick(cron, from) ?? from;
  return nextTick(cron, first) ?? first;
}

/** Whether a stored time is at a tick or later; one that no clock can have shown yet tells nothing. */
export function isSince(time: Date | null, tick: Date, now: Date): boolean {
  return time !== null && time >= tick && time.getTime() <= now.getTime() + CLOCKS_APART_MS;
}
