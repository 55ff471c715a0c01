import { describe, expect, it } from 'vitest';
import { apiTime, naiveRange, secondsBetween } from '../../../../src/sources/admin/times.ts';

describe('a time of the Admin API', () => {
  it.each([
    ['2021-12-07 10:32:24.326116+00:00', '2021-12-07T10:32:24.326116+00:00'],
    ['2021-11-16T16:26:02.542525+00:00', '2021-11-16T16:26:02.542525+00:00'],
    ['2019-08-24T14:15:22Z', '2019-08-24T14:15:22Z'],
  ])('%s is kept as RFC 3339 with all its digits', (sent, kept) => {
    expect(apiTime.parse(sent)).toBe(kept);
  });

  it.each([
    '2 weeks, 1 day ago',
    '2021-12-07',
    '2021-12-07 10:32:24',
    '',
    '2021-02-30 10:32:24+00:00',
  ])('%s is none', (text) => {
    expect(apiTime.safeParse(text).success).toBe(false);
  });
});

describe('the seconds between two times', () => {
  it('are exact to the microsecond, over more than a day as well', () => {
    expect(secondsBetween('2024-05-27T10:42:20.621788+00:00', '2024-05-28T10:42:52.622408+00:00')).toBe(86_432.00062);
  });

  it('mind the offsets', () => {
    expect(secondsBetween('2024-05-27T10:00:00+00:00', '2024-05-27T12:00:00.5+01:00')).toBe(3_600.5);
  });

  it('are negative where a clock went back', () => {
    expect(secondsBetween('2024-05-27T10:00:01Z', '2024-05-27T10:00:00.75Z')).toBe(-0.25);
  });

  it('are unknown while one of the times is', () => {
    expect([secondsBetween(null, '2024-05-27T10:00:00Z'), secondsBetween('2024-05-27T10:00:00Z', null)]).toEqual([
      null,
      null,
    ]);
  });
});

it('the bounds of a range are naive UTC in whole seconds that leave nothing out', () => {
  const range = naiveRange(new Date('2026-01-01T00:00:00.999Z'), new Date('2026-01-02T01:00:00.001+01:00'));
  expect(range).toEqual(['2026-01-01T00:00:00', '2026-01-02T00:00:01']);
});
