import { expect, test } from 'vitest';
import { expectedAfter } from '../../oracle/expected.ts';
import type { JsonObject } from '../../oracle/json.ts';
import {
  at,
  buildOf,
  freshnessOf,
  historyOf,
  manifestOf,
  model,
  node,
  parents,
  result,
  runOf,
  runResultsOf,
  seen,
  source,
  stepOf,
} from './mini.ts';

const ephemeral = { config: { materialized: 'ephemeral' } };
const chain = [
  source('s'),
  model('a', parents('source.shop.raw.s', 'source.shop.raw.s')),
  model('e', { ...ephemeral, ...parents('model.shop.a') }),
  model('b', parents('model.shop.e', 'model.shop.a')),
  node('test', 't', { attached_node: 'model.shop.b', ...parents('model.shop.b') }),
  node('exposure', 'x', { type: 'dashboard', ...parents('model.shop.b', 'model.shop.gone') }),
];

function after(nodes: JsonObject[], results: JsonObject[], freshness?: string) {
  const files = { manifest: manifestOf(1, nodes), run_results: runResultsOf(1, results) };
  const checked = freshness === undefined ? {} : { sources: freshnessOf(1, 'source.shop.raw.s', freshness) };
  return expectedAfter(historyOf(runOf(11, [stepOf(4, { ...files, ...checked })])), 1);
}

const health = (expected: ReturnType<typeof after>) => expected.exposures[0]?.health;
const verdicts = (expected: ReturnType<typeof after>) =>
  Object.fromEntries(expected.relations.map((row) => [row.unique_id, row.verdict]));

test('edges are direct, without doubles, macros and nodes that are not there', () => {
  const pairs = after(chain, []).lineage.map((row) => [row.parent_unique_id, row.child_unique_id]);
  expect(pairs.sort()).toEqual([
    ['model.shop.a', 'model.shop.b'],
    ['model.shop.a', 'model.shop.e'],
    ['model.shop.b', 'exposure.shop.x'],
    ['model.shop.b', 'test.shop.t'],
    ['model.shop.e', 'model.shop.b'],
    ['source.shop.raw.s', 'model.shop.a'],
  ]);
});

test('relations are linked through ephemeral models', () => {
  const rows = after(
    [source('s'), model('e', { ...ephemeral, ...parents('source.shop.raw.s') }), model('b', parents('model.shop.e'))],
    [],
  );
  expect(rows.relation_lineage).toEqual([
    {
      integration: 'demo',
      parent_unique_id: 'source.shop.raw.s',
      parent_database: 'db',
      parent_schema: 'raw',
      parent_identifier: 's',
      child_unique_id: 'model.shop.b',
      child_database: 'db',
      child_schema: 'main',
      child_identifier: 'b',
    },
  ]);
  expect(rows.relations.map((row) => row.identifier)).toEqual(['b', 's']);
});

test('walks give the shortest distance and obey their depth', () => {
  const { upstream, downstream } = after(chain, []);
  expect(Object.fromEntries(upstream('exposure.shop.x'))).toEqual({
    'model.shop.b': 1,
    'model.shop.a': 2,
    'model.shop.e': 2,
    'source.shop.raw.s': 3,
  });
  expect([...downstream('source.shop.raw.s', 1).keys()]).toEqual(['model.shop.a']);
});

test('a cycle ends and does not lead back to its start', () => {
  const { upstream } = after([model('a', parents('model.shop.b')), model('b', parents('model.shop.a'))], []);
  expect(Object.fromEntries(upstream('model.shop.a'))).toEqual({ 'model.shop.b': 1 });
});

test('a failing test far upstream fails the exposure and only its own relation', () => {
  const own = node('test', 'u', { attached_node: 'model.shop.a', ...parents('model.shop.a') });
  const expected = after([...chain, own], [result('test.shop.u', 'fail'), result('model.shop.b', 'success')]);
  expect(expected.exposures[0]).toMatchObject({
    health: 'fail',
    failing_tests: 1,
    errored_models: 0,
    upstream_models: 3,
    upstream_sources: 1,
  });
  expect(verdicts(expected)).toEqual({ 'model.shop.a': 'fail', 'model.shop.b': 'ok', 'source.shop.raw.s': 'unknown' });
});

test('a failed build counts as an errored model', () => {
  const expected = after(chain, [result('model.shop.a', 'error')]);
  expect(expected.exposures[0]).toMatchObject({ health: 'fail', failing_tests: 0, errored_models: 1 });
});

test('a warning comes before a stale source', () => {
  const expected = after(chain, [result('test.shop.t', 'warn'), result('model.shop.a', 'success')], 'error');
  expect(verdicts(expected)).toEqual({ 'model.shop.a': 'stale', 'model.shop.b': 'warn', 'source.shop.raw.s': 'stale' });
  expect(expected.exposures[0]).toMatchObject({ health: 'warn', stale_sources: 1 });
});

test('a stale source alone is a warning of the exposure', () => {
  expect(health(after(chain, [result('model.shop.b', 'success')], 'warn'))).toBe('warn');
});

test('an exposure over nothing executed is unknown and over good results passes', () => {
  expect(health(after(chain, []))).toBe('unknown');
  expect(health(after(chain, [result('model.shop.b', 'success')], 'pass'))).toBe('pass');
});

test('a relation is stale past twice the median interval of at least three builds', () => {
  const builds = [1, 2, 5].map((hour, i) => buildOf(11 + i, hour, [model('a')], [result('model.shop.a', 'success')]));
  const verdict = (k: number, now?: string) =>
    expectedAfter(historyOf(...builds), k, now === undefined ? {} : { now: new Date(now) }).relations[0]?.verdict;
  expect(verdict(3, at(9))).toBe('ok');
  expect(verdict(3, at(10))).toBe('stale');
  expect(verdict(2, at(23))).toBe('ok');
  expect(verdict(3)).toBe('ok');
});

test('a freshness check is shown on the source and kept as a result', () => {
  const expected = after(chain, [], 'warn');
  const check = {
    max_loaded_at: seen(0),
    snapshotted_at: seen(1),
    age_s: 3600,
    warn_after_s: 7200,
    error_after_s: null,
  };
  expect(expected.sources[0]).toMatchObject({ freshness_status: 'warn', source_name: 'raw', ...check });
  expect(expected.freshness_results).toEqual([
    {
      integration: 'demo',
      unique_id: 'source.shop.raw.s',
      source_name: 'raw',
      name: 's',
      status: 'warn',
      ...check,
      run_id: '11',
    },
  ]);
});

test('every check seen at a sync is kept and the newest is shown', () => {
  const run = (id: number, hour: number, status: string) =>
    runOf(id, [
      stepOf(4, { manifest: manifestOf(hour, chain), sources: freshnessOf(hour, 'source.shop.raw.s', status) }),
    ]);
  const expected = expectedAfter(historyOf(run(11, 1, 'pass'), run(12, 2, 'error')), 2);
  expect(expected.freshness_results.map((row) => [row.run_id, row.status])).toEqual([
    ['11', 'pass'],
    ['12', 'error'],
  ]);
  expect(expected.sources[0]).toMatchObject({ freshness_status: 'error', snapshotted_at: seen(2) });
});
