import { describe, expect, it } from 'vitest';
import { explanation, testsText } from '../../../src/cli/commands/tests.ts';
import type { TestAnswer, TestRow } from '../../../src/store/read/tests.ts';

const test = (more: Partial<TestRow> = {}): TestRow => ({
  integration: 'shop',
  unique_id: 'test.shop.not_null_orders_id',
  name: 'not_null_orders_id',
  tested_unique_id: 'model.shop.orders',
  tested_name: 'orders',
  column_name: 'id',
  severity: 'error',
  status: 'fail',
  status_since: new Date('2026-11-03T06:00:00Z'),
  failing_since: new Date('2026-11-03T06:00:00Z'),
  since_is_exact: true,
  failures: 5,
  message: null,
  last_run_id: '1',
  last_executed_at: new Date('2026-11-04T06:00:00Z'),
  owner_name: 'Finance',
  ...more,
});

const found = (more: Partial<TestAnswer>): TestAnswer => ({
  tests: [],
  integrations: 1,
  defined: 3,
  executed: 2,
  ...more,
});

describe('the table of tests', () => {
  it('tells what fails, since when, how often and whose it is', () => {
    expect(testsText([test()], undefined)).toBe(
      'test                tested  column  status  since (UTC)       failures  owner\n' +
        'not_null_orders_id  orders  id      fail    2026-11-03 06:00         5  Finance\n',
    );
  });

  it('marks a beginning that was not seen', () => {
    expect(testsText([test({ since_is_exact: false })], undefined)).toContain('≤ 2026-11-03 06:00');
  });

  it('names the integration where there are several', () => {
    const lines = testsText([test(), test({ integration: 'other' })], undefined).split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['integration', 'shop', 'other', '']);
  });
});

describe('an empty answer', () => {
  it.each([
    ['nothing was synced', found({ integrations: 0 }), false, /No integration was synced yet/],
    ['there are no tests', found({ defined: 0, executed: 0 }), false, /has no tests/],
    ['no test was ever executed', found({ executed: 0 }), true, /no job of this environment runs tests/],
    ['all is well', found({}), true, /No test is failing/],
  ])('says that %s', (_, answer, failing, expected) => {
    expect(explanation(answer, failing)).toMatch(expected);
  });

  it('is not explained when it is not empty', () => {
    expect(explanation(found({ tests: [test()] }), true)).toBeNull();
  });
});
