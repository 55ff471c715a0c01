import { describe, expect, it } from 'vitest';
import { retentionNote, type WindowFlags, windowOf } from '../../../src/cli/backfill-window.ts';
import { FatalError } from '../../../src/domain/errors.ts';

const NOW = new Date('2026-05-20T12:30:00Z');

const shown = (flags: WindowFlags) => {
  const { from, to } = windowOf(flags, NOW);
  return [from.toISOString(), to.toISOString()];
};

describe('a window of time', () => {
  it.each<[string, WindowFlags, string, string]>([
    ['an age', { from: '90d' }, '2026-02-19T12:30:00.000Z', '2026-05-20T12:30:00.000Z'],
    ['a date', { from: '2026-01-31' }, '2026-01-31T00:00:00.000Z', '2026-05-20T12:30:00.000Z'],
    ['a time, which is of UTC', { from: '2026-01-31T06:15' }, '2026-01-31T06:15:00.000Z', '2026-05-20T12:30:00.000Z'],
    [
      'a time with an offset',
      { from: '2026-01-31T06:15:30+02:00' },
      '2026-01-31T04:15:30.000Z',
      '2026-05-20T12:30:00.000Z',
    ],
    ['everything', { all: true }, '1970-01-01T00:00:00.000Z', '2026-05-20T12:30:00.000Z'],
    ['everything until a time', { all: true, to: '30d' }, '1970-01-01T00:00:00.000Z', '2026-04-20T12:30:00.000Z'],
    [
      'days, of which the last one is meant whole',
      { from: '2026-01-01', to: '2026-01-01' },
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T23:59:59.999Z',
    ],
    [
      'an end in the future, which is now',
      { from: '1d', to: '2027-01-01' },
      '2026-05-19T12:30:00.000Z',
      '2026-05-20T12:30:00.000Z',
    ],
    ['today', { from: '2026-05-20', to: '2026-05-20' }, '2026-05-20T00:00:00.000Z', '2026-05-20T12:30:00.000Z'],
  ])('is %s', (_, flags, from, to) => {
    expect(shown(flags)).toEqual([from, to]);
  });

  it.each<[string, WindowFlags, RegExp]>([
    ['has a beginning', {}, /^Say from when on/],
    ['has one beginning', { all: true, from: '1d' }, /exclude each other/],
    ['is made of times', { from: 'yesterday' }, /^--from yesterday is no time: give a date such as/],
    ['is made of days of the calendar', { from: '2026-02-30' }, /is no time/],
    ['has months up to twelve', { from: '2026-13-01' }, /is no time/],
    ['has ages of a day at least', { from: '0d' }, /is no time/],
    ['has hours up to 23', { from: '2026-01-01T25:00' }, /is no time/],
    ['says which flag is wrong', { from: '9d', to: 'then' }, /^--to then is no time/],
    ['begins in the past', { from: '2026-05-21' }, /is in the future/],
    ['goes forward', { from: '10d', to: '20d' }, /is not before --to 20d/],
    ['ends after dbt began', { all: true, to: '1960-01-01' }, /^--to 1960-01-01 is before there was dbt/],
  ])('%s', (_, flags, message) => {
    expect(() => windowOf(flags, NOW)).toThrow(FatalError);
    expect(() => windowOf(flags, NOW)).toThrow(message);
  });
});

describe('what dbt does not keep', () => {
  it('is said of a window that begins more than a year ago', () => {
    expect(retentionNote(windowOf({ from: '366d' }, NOW), NOW)).toContain(
      'what ended before 2025-05-20 may not be there',
    );
    expect(retentionNote(windowOf({ all: true }, NOW), NOW)).toContain('365 days');
  });

  it('is not spoken of when all of it is kept', () => {
    expect(retentionNote(windowOf({ from: '365d' }, NOW), NOW)).toBeNull();
  });
});
