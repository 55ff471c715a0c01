import { CronExpressionParser } from 'cron-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastTick, nextTick, secondTickAfter } from '../../../src/config/ticks.ts';

const second = (schedule: string, timeZone: string, from: string) =>
  secondTickAfter(schedule, timeZone, new Date(from)).toISOString();

it('skips the tick right after the instant and gives the one after that', () => {
  expect(second('*/15 * * * *', 'UTC', '2026-11-21T10:07:00Z')).toBe('2026-11-21T10:30:00.000Z');
});

it('does not count a tick that falls on the instant itself', () => {
  expect(second('0 * * * *', 'UTC', '2026-11-21T10:00:00Z')).toBe('2026-11-21T12:00:00.000Z');
});

it('reads the schedule in its time zone, across the end of summer time', () => {
  expect(second('0 6 * * *', 'Europe/Berlin', '2026-10-24T10:00:00Z')).toBe('2026-10-26T05:00:00.000Z');
});

/** Every tick of a period, going forward; each must be found again from behind. */
function ticks(schedule: string, timeZone: string, from: string, to: string): string[] {
  const found: string[] = [];
  let at = nextTick({ schedule, timeZone }, new Date(from));
  while (at !== null && at < new Date(to)) {
    found.push(at.toISOString().slice(0, 16).replace('T', ' '));
    expect(lastTick({ schedule, timeZone }, at)).toEqual(at);
    expect(lastTick({ schedule, timeZone }, new Date(at.getTime() + 1_000))).toEqual(at);
    at = nextTick({ schedule, timeZone }, at);
  }
  return found;
}

describe('when clocks are set forward', () => {
  it.each([
    // 2:00 is followed by 3:00.
    ['Europe/Berlin', '30 2 * * *', '2026-03-28', '2026-03-31', ['28 01:30', '29 01:30', '30 00:30']],
    ['America/New_York', '30 2 * * *', '2026-03-07', '2026-03-10', ['07 07:30', '08 07:30', '09 06:30']],
    // 2:00 is followed by 2:30.
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-02', '2026-10-05', ['02 15:45', '03 15:45', '04 15:15']],
  ])('in %s a time that does not exist (%s) has its tick once all the same', (zone, schedule, from, to, expected) => {
    expect(ticks(schedule, zone, from, to).map((tick) => tick.slice(8))).toEqual(expected);
  });

  it('an hour that a list names beside the one that does not exist has one tick and not two', () => {
    const found = ticks('30 2,3 * * *', 'Europe/Berlin', '2026-03-29', '2026-03-30');
    expect(found).toEqual(['2026-03-29 01:30']);
  });

  it.each([
    ['Europe/Berlin', '2026-03-29T00:00:00Z', '2026-03-29T03:00:00Z', 11],
    ['Australia/Lord_Howe', '2026-10-03T14:00:00Z', '2026-10-03T17:00:00Z', 11],
  ])('a schedule of every quarter of an hour in %s goes on without a gap', (zone, from, to, count) => {
    const found = ticks('*/15 * * * *', zone, from, to);
    expect(new Set(found).size).toBe(count);
    expect(quarters(found)).toBe(true);
  });
});

describe('when clocks are set back', () => {
  it.each([
    ['Europe/Berlin', '30 2 * * *', '2026-10-24', '2026-10-27', ['24 00:30', '25 00:30', '26 01:30']],
    ['America/New_York', '30 1 * * *', '2026-10-31', '2026-11-03', ['31 05:30', '01 05:30', '02 06:30']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-03', '2026-04-06', ['03 14:45', '04 14:45', '05 15:15']],
    ['Europe/Berlin', '*/30 2 * * *', '2026-10-25', '2026-10-26', ['25 00:00', '25 00:30']],
  ])('in %s a fixed hour that comes twice (%s) has its ticks once', (zone, schedule, from, to, expected) => {
    // A tick at the beginning of the period belongs to it.
    const start = new Date(new Date(from).getTime() - 1).toISOString();
    expect(ticks(schedule, zone, start, to).map((tick) => tick.slice(8))).toEqual(expected);
  });

  it('nothing is found between both times that a fixed hour comes', () => {
    const cron = { schedule: '30 2 * * *', timeZone: 'Europe/Berlin' };
    for (const time of ['00:45', '01:15', '01:45', '02:30']) {
      expect(lastTick(cron, new Date(`2026-10-25T${time}:00Z`))).toEqual(new Date('2026-10-25T00:30:00Z'));
      expect(nextTick(cron, new Date(`2026-10-25T${time}:00Z`))).toEqual(new Date('2026-10-26T01:30:00Z'));
    }
  });

  it.each([
    ['Europe/Berlin', '2026-10-24T23:00:00Z', '2026-10-25T03:00:00Z', 15],
    ['Australia/Lord_Howe', '2026-04-04T14:00:00Z', '2026-04-04T17:00:00Z', 11],
  ])('a schedule of every quarter of an hour in %s goes on through the hour that comes twice', (zone, from, to, count) => {
    const found = ticks('*/15 * * * *', zone, from, to);
    expect(found).toHaveLength(count);
    expect(quarters(found)).toBe(true);
  });
});

it.each([
  ['0 0 29 2 *', '2025-11-21T00:00:00Z', '2024-02-29T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['0 12 * * *', '2026-01-01T12:00:00Z', '2026-01-01T12:00:00Z', '2026-01-02T12:00:00Z'],
  ['0 12 * * *', '2026-01-01T11:59:59.999Z', '2025-12-31T12:00:00Z', '2026-01-01T12:00:00Z'],
  ['30 5 * * 1', '2026-01-01T00:00:00Z', '2025-12-29T05:30:00Z', '2026-01-05T05:30:00Z'],
])('%s has around %s the ticks %s and %s', (schedule, now, last, next) => {
  const cron = { schedule, timeZone: 'UTC' };
  expect(lastTick(cron, new Date(now))).toEqual(new Date(last));
  expect(nextTick(cron, new Date(now))).toEqual(new Date(next));
});

it('gives the ticks that another reader of cron expressions gives, where no clock is set', () => {
  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 2, max: 12 }).map((step) => `*/${Math.min(step, max)}`),
      fc.uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 4 }).map((list) => list.join(',')),
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    );
  const expression = fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6));
  const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(expression, instant, (fields, from) => {
      const schedule = fields.join(' ');
      const other = CronExpressionParser.parse(schedule, { currentDate: from, tz: 'UTC' }).next().toDate();
      const next = nextTick({ schedule, timeZone: 'UTC' }, from);
      expect(next).toEqual(other);
      expect(lastTick({ schedule, timeZone: 'UTC' }, other)).toEqual(other);
      const before = lastTick({ schedule, timeZone: 'UTC' }, from);
      if (before !== null) expect(nextTick({ schedule, timeZone: 'UTC' }, before)).toEqual(next);
    }),
  );
});

function quarters(found: readonly string[]): boolean {
  const times = found.map((tick) => new Date(`${tick}Z`).getTime());
  return times.every((time, index) => index === 0 || time - (times[index - 1] ?? 0) === 900_000);
}
