import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RejectError } from '../../../src/domain/errors.ts';
import { instant, jsonObject, read, uniqueId } from '../../../src/normalize/scalars.ts';
import { isTimestamp } from './refusals.ts';

describe('an instant', () => {
  it.each([
    '2024-02-29T23:59:59.999Z',
    '2026-03-01T10:00:00.123456Z',
    '2026-03-01T10:00:00.123456789+00:00',
    '2026-03-01 10:00:00+05:30',
    '2026-03-01T10:00:00-0800',
    '0001-01-01T00:00:00Z',
    '2000-02-29T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('may be %s, and is kept to the digit', (text) => {
    expect(read(instant, text)).toBe(text);
  });

  it.each([
    ['a day that February does not have', '2024-02-31T00:00:00Z'],
    ['a leap day of a common year', '2023-02-29T00:00:00Z'],
    ['a leap day of a century', '1900-02-29T00:00:00Z'],
    ['an hour past midnight', '2024-01-01T25:00:00Z'],
    ['the end of a day as 24:00', '2024-01-01T24:00:00Z'],
    ['a minute too many', '2024-01-01T00:60:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['no offset', '2024-01-01T00:00:00'],
    ['the year 0', '0000-01-01T00:00:00Z'],
    ['the month 0', '2024-00-10T00:00:00Z'],
    ['the month 13', '2024-13-01 00:00:00+0530'],
    ['the day 0', '2024-01-00 00:00:00Z'],
    ['an offset beyond that of Postgres', '2024-01-01T00:00:00+16:00'],
    ['an offset of a whole day', '2024-01-01T00:00:00-24:00'],
    ['minutes of an offset that are no minutes', '2024-01-01T00:00:00+05:75'],
    ['a date alone', '2024-01-01'],
    ['a year of five digits', '12024-01-01T00:00:00Z'],
    ['a year before Christ', '-0001-01-01T00:00:00Z'],
    ['seconds since 1970', '1700000000'],
    ['a word that Postgres knows', 'infinity'],
    ['text after it', '2024-01-01T00:00:00Z\n'],
    ['nothing', ''],
  ])('is not one with %s', (_what, text) => {
    expect(() => read(instant, text)).toThrow(RejectError);
  });

  it('is never one that the calendar does not have', () => {
    const upTo = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
    const year = fc.constantFrom('0000', '0001', '1900', '2000', '2023', '2024', '9999');
    const date = fc.tuple(year, upTo(13), upTo(32)).map((parts) => parts.join('-'));
    const time = fc.tuple(upTo(24), upTo(60), upTo(60)).map((parts) => parts.join(':'));
    const offset = fc.oneof(
      fc.constant('Z'),
      fc.tuple(fc.constantFrom('+', '-'), upTo(17), upTo(60)).map(([sign, hour, minute]) => `${sign}${hour}:${minute}`),
    );
    fc.assert(
      fc.property(date, fc.constantFrom('T', ' '), time, offset, (day, between, hour, zone) => {
        const text = `${day}${between}${hour}${zone}`;
        expect(instant.safeParse(text).success).toBe(isTimestamp(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is every moment that JavaScript can write, in the years that have four digits', () => {
    const moment = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(fc.property(moment, (date) => instant.safeParse(date.toISOString()).success));
  });
});

describe('a unique id', () => {
  it('is never empty', () => {
    expect(() => read(uniqueId, '')).toThrow(RejectError);
  });

  it('may have any other form', () => {
    expect(read(uniqueId, 'Model with spaces, no dots & ünïcode')).toBe('Model with spaces, no dots & ünïcode');
  });
});

describe('a JSON object', () => {
  it('is kept with all its levels', () => {
    const meta = { a: [1, { b: null }], 'c.d': 'e' };
    expect(read(jsonObject, meta)).toEqual(meta);
  });

  it.each([[[]], ['text'], [1], [true]])('is not %j', (value) => {
    expect(() => read(jsonObject, value)).toThrow(RejectError);
  });
});

describe('the reason of a reject', () => {
  const shape = z.object({ a: z.string(), b: z.object({ c: z.array(z.int()) }), d: z.string(), e: z.string() });

  it('names the field that does not fit, by its path', () => {
    expect(() => read(shape, { a: 'x', b: { c: [1, 'two'] }, d: '', e: '' })).toThrow(/^b\.c\.1: /);
  });

  it('names three fields at most', () => {
    expect(() => read(shape, {})).toThrow(/^a: [^;]+; b: [^;]+; d: [^;]+$/);
  });
});
