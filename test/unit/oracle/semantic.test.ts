import { expect, test } from 'vitest';
import { expectedAfter } from '../../oracle/expected.ts';
import type { JsonObject } from '../../oracle/json.ts';
import { at, buildOf, historyOf, model, node, parents, result, runOf, stepOf } from './mini.ts';

const a = 'model.shop.a';

function only(collection: string, raw: JsonObject) {
  const manifest = {
    metadata: { generated_at: at(1) },
    nodes: { [a]: model('a') },
    [collection]: { [String(raw.unique_id)]: raw },
  };
  return expectedAfter(historyOf(runOf(11, [stepOf(4, { manifest })])), 1);
}

test('a metric is shown without label, with its group and its parameters as they are', () => {
  const raw = node('metric', 'm', {
    type: 'simple',
    label: 'M',
    group: 'core',
    type_params: { expr: 'x' },
    filter: null,
  });
  expect(only('metrics', raw).metrics).toMatchObject([
    {
      unique_id: 'metric.shop.m',
      label: null,
      group_name: 'core',
      metric_type: 'simple',
      type_params: { expr: 'x' },
      filter: null,
    },
  ]);
});

test('a semantic model is shown with its model and without what Discovery lacks', () => {
  const raw = node('semantic_model', 's', {
    ...parents(a),
    entities: [{ name: 'id', type: 'primary', expr: 'x', role: null }],
    dimensions: [{ name: 'day', type: 'time', expr: 'x', type_params: { time_granularity: 'day' } }],
    measures: [{ name: 'n', agg: 'sum', expr: '1', create_metric: true, agg_params: { percentile: 1 } }],
  });
  expect(only('semantic_models', raw).semantic_models[0]).toMatchObject({
    model_unique_id: a,
    entities: [{ name: 'id', type: 'primary', description: null }],
    dimensions: [{ name: 'day', type: 'time', description: null, type_params: { time_granularity: 'day' } }],
    measures: [{ name: 'n', agg: 'sum', description: null, expr: '1', create_metric: true }],
  });
});

test('a saved query is shown with its parameters and exports', () => {
  const where = { where_filters: [{ where_sql_template: 'x > 1' }] };
  const config = { export_as: 'table', schema_name: 'out', alias: 'q', database: 'db' };
  const raw = node('saved_query', 'q', {
    query_params: { metrics: ['m'], group_by: ['day'], where },
    exports: [{ name: 'e', config, unrendered_config: {} }],
  });
  expect(only('saved_queries', raw).saved_queries[0]).toMatchObject({
    query_params: { metrics: ['m'], group_by: ['day'], where, order_by: null, limit: null },
    exports: [{ name: 'e', config }],
  });
});

test('a macro is shown with its package and arguments', () => {
  const raw = node('macro', 'm', { arguments: [{ name: 'x', type: 'string', description: 'the x' }] });
  expect(only('macros', raw).macros).toEqual([
    {
      integration: 'demo',
      unique_id: 'macro.shop.m',
      name: 'm',
      package_name: 'shop',
      arguments: [{ name: 'x', type: 'string', description: 'the x' }],
    },
  ]);
});

test('meta and tags are found in config where dbt writes them only there', () => {
  const raw = node('unit_test', 'u', { tags: null, meta: null, config: { tags: 'nightly', meta: { owner: 'Ann' } } });
  expect(only('unit_tests', raw).tests[0]).toMatchObject({
    test_type: 'unit',
    raw_code: null,
    tags: ['nightly'],
    meta: { owner: 'Ann' },
    owner_name: 'Ann',
  });
});

test('the version in the argument of a test picks the version of the model', () => {
  const version = (v: number) => model(`c.v${v}`, { name: 'c', version: v });
  const arguments_ = { name: 'relationships', kwargs: { model: "{{ get_where_subquery(ref('shop', 'c', v='2')) }}" } };
  const own = node('test', 't', { ...parents('model.shop.c.v1', 'model.shop.c.v2'), test_metadata: arguments_ });
  const history = historyOf(buildOf(11, 1, [version(1), version(2), own], [result('test.shop.t', 'pass')]));
  expect(expectedAfter(history, 1).tests[0]).toMatchObject({ tested_unique_id: 'model.shop.c.v2', tested_name: 'c' });
});
