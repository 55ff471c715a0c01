import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cronProblem } from '../../../src/config/cron-syntax.ts';
import { secondTickAfter } from '../../../src/config/ticks.ts';

describe('an expression that is accepted', () => {
  test.each([
    '* * * * *',
    '*/15 * * * *',
    '0 6 * * 1-5',
    '0 6 * * MON-fri',
    '0 0 1 JAN,jul *',
    '0,30 8-18/2 * * *',
    '05 00 * * *',
    '0 0 * * 7',
    '59 23 31 12 0',
    '  0   6 * *\t1 ',
    '0 0 29 2 *',
    '0 0 30 2 1',
    '0 0 31 4,5 *',
  ])('may be %j', (expression) => {
    expect(cronProblem(expression)).toBeUndefined();
  });
});

describe('an expression that is refused', () => {
  test.each([
    ['60 * * * *', 'the minute (field 1) must be *, numbers 0-59'],
    ['-1 * * * *', 'the minute (field 1)'],
    ['* 24 * * *', 'the hour (field 2) must be *, numbers 0-23'],
    ['* * 0 * *', 'the day of month (field 3) must be *, numbers 1-31'],
    ['* * 32 * *', 'the day of month (field 3)'],
    ['* * * 13 *', 'the month (field 4) must be *, numbers 1-12 or jan-dec'],
    ['* * * 0 *', 'the month (field 4)'],
    ['* * * * 8', 'the day of week (field 5) must be *, numbers 0-7 or sun-sat'],
    ['* * * * someday', 'the day of week (field 5)'],
    ['jan * * * *', 'the minute (field 1)'],
  ])('names the field of %j', (expression, sentence) => {
    expect(cronProblem(expression)).toContain(sentence);
  });

  test.each([
    ['a step of nothing', '*/0 * * * *'],
    ['a step beyond the field', '*/60 * * * *'],
    ['a step of a single number', '5/15 * * * *'],
    ['a step without a number', '*/ * * * *'],
    ['a falling range', '50-10 * * * *'],
    ['an open range', '5- * * * *'],
    ['a range of ranges', '1-5-9 * * * *'],
    ['an empty list item', '1,,2 * * * *'],
    ['a list that ends in a comma', '1, * * * *'],
    ['a fraction', '1.5 * * * *'],
    ['a question mark', '0 0 ? * *'],
    ['a last day', '0 0 L * *'],
    ['a numbered weekday', '0 0 * * 5#2'],
  ])('may have %s', (_, expression) => {
    expect(cronProblem(expression)).toContain('is no cron expression');
  });

  test.each([
    '1,1 * * * *',
    '*/15,30 * * * *',
    '0 0 * * mon,1',
    '0 0 * * 1,*',
    '0 0 * * 0,7',
  ])('lists a value twice: %j', (text) => {
    expect(cronProblem(text)).toContain('lists a value twice');
  });

  test('has seconds', () => {
    expect(cronProblem('0 */15 * * * *')).toContain('seconds are not supported');
  });

  test.each([
    '',
    '@daily',
    '* * * *',
    'every 15 minutes',
    '* * * * * * *',
  ])('has other than five fields: %j', (text) => {
    expect(cronProblem(text)).toContain('five fields');
  });

  test.each(['0 0 31 2 *', '0 0 31 4,6 *', '0 0 30-31 feb *'])('would never run: %j', (expression) => {
    expect(cronProblem(expression)).toContain('would never run');
  });
});

test('does not repeat the expression, which may have come from a wrong variable', () => {
  expect(cronProblem('hunter2 * * * *')).not.toContain('hunter2');
});

const hasTicks = (expression: string): boolean => {
  try {
    return secondTickAfter(expression, 'UTC', new Date('2026-01-01T00:00:00Z')) > new Date('2026-01-01T00:00:00Z');
  } catch {
    return false;
  }
};

test('accepts nothing that has no ticks', () => {
  const item = fc.oneof(
    fc.constantFrom('*', '*/2', '*/7', 'jan', 'mon', '1-5', '0-30/10', '7', '0', '31', '5-', '/3'),
    fc.integer({ min: -1, max: 70 }).map(String),
  );
  const field = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(','));
  const expression = fc.array(field, { minLength: 5, maxLength: 5 }).map((fields) => fields.join(' '));
  fc.assert(
    fc.property(expression, (text) => cronProblem(text) !== undefined || hasTicks(text)),
    { numRuns: 3000 },
  );
});
