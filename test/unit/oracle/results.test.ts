import { expect, test } from 'vitest';
import { type ExpectedOptions, expectedAfter } from '../../oracle/expected.ts';
import type { History, Run } from '../../oracle/load.ts';
import { at, buildOf, historyOf, manifestOf, model, node, result, runOf, runResultsOf, seen, stepOf } from './mini.ts';

const a = 'model.shop.a';
const t = 'test.shop.t';
const nodes = [model('a'), node('test', 't', { attached_node: a, raw_code: 'select 1' })];
const timing = [
  { name: 'compile', started_at: at(1), completed_at: at(1) },
  { name: 'execute', started_at: '2026-01-01T01:00:01.999999Z', completed_at: '2026-01-01T01:00:02Z' },
];

function rowsOf(history: History, k: number, options?: ExpectedOptions) {
  return expectedAfter(history, k, options).run_results.map((row) => [row.run_id, row.step, row.status]);
}

test('a success is one result with its execute times and without a message', () => {
  const history = historyOf(buildOf(11, 1, nodes, [result(a, 'success', { timing, message: 'CREATE TABLE' })]));
  expect(expectedAfter(history, 1).run_results).toEqual([
    {
      integration: 'demo',
      run_id: '11',
      step: 0,
      invocation_id: null,
      unique_id: a,
      resource_type: 'model',
      name: 'a',
      status: 'success',
      message: null,
      failures: null,
      executed_at: '2026-01-01T01:00:00.123Z',
      started_at: '2026-01-01T01:00:01.999Z',
      completed_at: '2026-01-01T01:00:02.000Z',
      execution_time_s: 1.5,
      rows_affected: null,
      thread_id: null,
      adapter_response: null,
      results_source: 'discovery',
      sets_state: true,
    },
  ]);
});

test('a failed attempt keeps its message and has no times', () => {
  const failed = result(t, 'fail', { timing, message: 'Got 3 results', failures: 3 });
  const history = historyOf(buildOf(11, 1, nodes, [failed]));
  expect(expectedAfter(history, 1).run_results[0]).toMatchObject({
    status: 'fail',
    message: 'Got 3 results',
    failures: 3,
    started_at: null,
    completed_at: null,
    execution_time_s: null,
  });
});

test('a warning of a test is its last attempt and its last success', () => {
  const history = historyOf(
    buildOf(11, 1, nodes, [result(t, 'pass', { failures: 0 })]),
    buildOf(12, 2, nodes, [result(t, 'warn', { message: 'Got 1 result', failures: 1 })]),
  );
  const rows = expectedAfter(history, 2, { syncsAfter: [2] }).run_results;
  expect(rows).toMatchObject([
    { run_id: '12', step: 0, status: 'warn', failures: 1, message: null, execution_time_s: 1.5 },
  ]);
});

test('a last success already seen as an attempt is not stored twice', () => {
  const history = historyOf(buildOf(11, 1, nodes, [result(a, 'success')]), buildOf(12, 2, nodes, [result(a, 'error')]));
  expect(rowsOf(history, 2)).toEqual([
    ['11', 0, 'success'],
    ['12', 0, 'error'],
  ]);
});

test('results between two syncs are lost but for the last success', () => {
  const statuses = ['success', 'success', 'error', 'error'];
  const runs = statuses.map((status, i): Run => buildOf(11 + i, 1 + i, nodes, [result(a, status)]));
  expect(rowsOf(historyOf(...runs), 4, { syncsAfter: [1, 4] })).toEqual([
    ['11', 0, 'success'],
    ['14', 0, 'error'],
    ['12', -1, 'success'],
  ]);
});

test('the later step of a run wins and an earlier success of the same run is the last success', () => {
  const manifest = manifestOf(1, nodes);
  const history = historyOf(
    runOf(11, [
      stepOf(4, { manifest, run_results: runResultsOf(1, [result(a, 'success')]) }),
      stepOf(5, { run_results: runResultsOf(2, [result(a, 'error')]) }),
    ]),
  );
  expect(rowsOf(history, 1)).toEqual([
    ['11', 0, 'error'],
    ['11', -1, 'success'],
  ]);
});

test.each(['generate', 'compile', 'parse', 'list', 'docs'])('an invocation of %s gives no results', (which) => {
  const results = runResultsOf(1, [result(a, 'success')], which);
  const history = historyOf(runOf(11, [stepOf(4, { manifest: manifestOf(1, nodes), run_results: results })]));
  expect(rowsOf(history, 1)).toEqual([]);
});

test('a leftover file of an invocation already read gives no results', () => {
  const manifest = manifestOf(1, nodes);
  const history = historyOf(
    runOf(11, [
      stepOf(4, { manifest, run_results: runResultsOf(1, [result(a, 'success')], 'build', 'x') }),
      stepOf(5, { run_results: runResultsOf(2, [result(a, 'error')], 'build', 'x') }),
    ]),
  );
  expect(rowsOf(history, 1)).toEqual([['11', 0, 'success']]);
});

test('runs of CI and of another environment change nothing', () => {
  const first = buildOf(11, 1, nodes, [result(a, 'success')]);
  const other = buildOf(12, 2, [model('b')], [result(a, 'error')]);
  const history = historyOf(first, { ...other, isCi: true }, { ...other, id: '13', environmentId: 4 });
  const expected = expectedAfter(history, 3);
  expect(expected.nodes.map((row) => row.unique_id)).toEqual([a, t]);
  expect(expected.changes).toEqual([]);
  expect(expected.run_results).toHaveLength(1);
});

test('hooks and exposures in a result file give no rows', () => {
  const others = [result('operation.shop.hook', 'success'), result('exposure.shop.e', 'no-op')];
  expect(rowsOf(historyOf(buildOf(11, 1, nodes, others)), 1)).toEqual([]);
});

test('a status change is logged between executed results of different class, over skipped ones', () => {
  const statuses = ['success', 'skipped', 'error', 'error', 'skipped', 'success'];
  const runs = statuses.map((status, i) => buildOf(11 + i, 1 + i, nodes, [result(a, status)]));
  const rows = expectedAfter(historyOf(...runs), 6).status_changes;
  expect(rows).toMatchObject([
    { unique_id: a, from_status: 'success', to_status: 'error', changed_at: seen(3), run_id: '13' },
    { unique_id: a, from_status: 'error', to_status: 'success', changed_at: seen(6), run_id: '16' },
  ]);
});

test('equal times are ordered by the number of the run, not by its text', () => {
  const history = historyOf(buildOf(10, 1, nodes, [result(a, 'error')]), buildOf(9, 1, nodes, [result(a, 'success')]));
  expect(expectedAfter(history, 2).models[0]).toMatchObject({ last_run_id: '10', last_run_status: 'error' });
});

test('test results carry what the test is about', () => {
  const history = historyOf(buildOf(11, 1, nodes, [result(a, 'success'), result(t, 'pass', { failures: 0 })]));
  expect(expectedAfter(history, 1).test_results).toMatchObject([
    { unique_id: t, failures: 0, tested_unique_id: a, tested_name: 'a', test_name: null, column_name: null },
  ]);
});
