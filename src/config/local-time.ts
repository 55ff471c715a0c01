const DAY_MS = 86_400_000;
/** Clocks are at most so far behind and ahead of UTC. */
const MOST_BEHIND_MS = 12 * 3_600_000;
const MOST_AHEAD_MS = 14 * 3_600_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = 'numeric';
  const parts = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', hourCycle: 'h23', ...parts });
  formats.set(timeZone, made);
  return made;
}

/** What the clocks of a time zone show at an instant, both in milliseconds, the former as if it were UTC. */
export function localTime(timeZone: string, instant: number): number {
  const parts = formatOf(timeZone).formatToParts(instant);
  const value = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(value('year'), value('month') - 1, value('day'), value('hour'), value('minute'), value('second'));
}

function offsetAt(timeZone: string, instant: number): number {
  return localTime(timeZone, instant) - Math.floor(instant / 1_000) * 1_000;
}

/**
 * Gives, for local times of one day, the instants at which clocks show them: two where clocks are set back over them.
 * A time that clocks skip is one as if they had not been set yet: 2:30 is 3:30 on the day that has no 2:30.
 * @param day its local midnight, as if it were UTC.
 */
export function instantsOn(timeZone: string, day: number): (local: number) => readonly number[] {
  const before = offsetAt(timeZone, day - MOST_AHEAD_MS);
  const after = offsetAt(timeZone, day + DAY_MS + MOST_BEHIND_MS);
  if (before === after) return (local) => [local - before];
  return (local) => {
    const shown = [local - before, local - after].filter((instant) => localTime(timeZone, instant) === local);
    return shown.length === 0 ? [local - before] : shown.sort((a, b) => a - b);
  };
}
