import { expect, test } from 'vitest';
import { expectedAfter } from '../../oracle/expected.ts';
import { buildOf, historyOf, model, node, result, seen } from './mini.ts';

const a = 'model.shop.a';
const t = 'test.shop.t';
const nodes = [model('a'), node('test', 't', { attached_node: a })];

function afterStatuses(uniqueId: string, statuses: (string | null)[]) {
  const runs = statuses.map((status, i) =>
    buildOf(11 + i, 1 + i, nodes, status === null ? [] : [result(uniqueId, status, { message: `${status} ${i}` })]),
  );
  return expectedAfter(historyOf(...runs), runs.length);
}

test('the last attempt and the last success of a model are told apart', () => {
  expect(afterStatuses(a, ['success', 'error', 'skipped']).models[0]).toMatchObject({
    state: 'applied',
    last_run_id: '13',
    last_job_id: 7,
    last_run_status: 'skipped',
    last_run_at: seen(3),
    last_run_error: null,
    last_executed_at: seen(2),
    last_success_run_id: '11',
    last_success_at: seen(1),
    status_since: seen(2),
    consecutive_failures: 1,
    execution_time_s: 1.5,
  });
});

test('failing_since spans fail and error while status_since starts anew with each class', () => {
  expect(afterStatuses(t, ['pass', 'fail', 'skipped', 'fail', 'error', 'error']).tests[0]).toMatchObject({
    status: 'error',
    message: 'error 5',
    last_pass_at: seen(1),
    failing_since: seen(2),
    status_since: seen(5),
    consecutive_failures: 4,
  });
});

test('a passing test is not failing', () => {
  expect(afterStatuses(t, ['fail', 'pass']).tests[0]).toMatchObject({
    status: 'pass',
    message: null,
    failing_since: null,
    status_since: seen(2),
    consecutive_failures: 0,
  });
});

test('a warning ends a series of failures without being a pass', () => {
  expect(afterStatuses(t, ['pass', 'fail', 'warn']).tests[0]).toMatchObject({
    status: 'warn',
    last_pass_at: seen(1),
    failing_since: null,
    consecutive_failures: 0,
  });
});

test('what never ran is defined only and has no status', () => {
  const expected = afterStatuses(a, [null]);
  expect(expected.models[0]).toMatchObject({
    state: 'defined',
    last_run_status: null,
    config: null,
    test_status: null,
  });
  expect(expected.tests[0]).toMatchObject({ status: null, last_run_at: null, severity: null });
});

test('a model whose only attempt failed is told but not applied', () => {
  expect(afterStatuses(a, ['error']).models[0]).toMatchObject({
    state: 'defined',
    last_run_error: 'error 0',
    config: { materialized: 'table' },
  });
});

test('a skipped attempt leaves the executed result of a test in the counts of its model', () => {
  expect(afterStatuses(t, ['fail', 'skipped']).models[0]).toMatchObject({
    tests: 1,
    tests_passed: 0,
    tests_failed: 1,
    tests_errored: 0,
    test_status: 'fail',
  });
});

test('an error is worse than a failure, a failure than a warning, a warning than a pass', () => {
  const ids = ['pass', 'warn', 'fail', 'error'];
  for (let many = 1; many <= ids.length; many++) {
    const some = ids.slice(0, many);
    const own = some.map((name) => node('test', name, { attached_node: a }));
    const results = some.map((name) => result(`test.shop.${name}`, name));
    const expected = expectedAfter(historyOf(buildOf(11, 1, [model('a'), ...own], results)), 1);
    expect(expected.models[0]?.test_status).toBe(some.at(-1));
  }
});
