import { expect, test } from 'vitest';
import { expectedAfter } from '../../oracle/expected.ts';
import type { JsonObject } from '../../oracle/json.ts';
import {
  at,
  buildOf,
  catalogOf,
  historyOf,
  manifestOf,
  model,
  node,
  parents,
  result,
  runOf,
  seen,
  source,
  stepOf,
} from './mini.ts';

function only(...nodes: JsonObject[]) {
  return expectedAfter(historyOf(buildOf(11, 1, nodes)), 1, { accessUrl: 'https://x.us1.dbt.com' });
}

test('a model is shown with what its manifest says and nothing that Discovery lacks', () => {
  const more = { access: 'public', group: 'core', version: 2, latest_version: 2, contract: { enforced: true } };
  const row = only(model('stg_a', { ...more, relation_name: '"db"."main"."stg_a"', tags: ['z', 'b'], meta: { k: 1 } }));
  expect(row.nodes).toEqual([
    {
      integration: 'demo',
      unique_id: 'model.shop.stg_a',
      resource_type: 'model',
      name: 'stg_a',
      package_name: 'shop',
      description: '',
      tags: ['z', 'b'],
      meta: { k: 1 },
      config: null,
      database_name: 'db',
      schema_name: 'main',
      identifier: 'stg_a',
      relation_name: null,
      materialization: 'table',
      access: 'public',
      group_name: 'core',
      layer: 'staging',
      owner_name: null,
      owner_email: null,
      file_path: 'models/stg_a.sql',
      version: '2',
      latest_version: '2',
      deprecation_date: null,
      contract_enforced: true,
      state: 'defined',
      definition_at: seen(1),
      catalog_at: null,
      dbt_url: 'https://x.us1.dbt.com/explore/1/projects/2/environments/production/details/model.shop.stg_a',
      first_seen_at: seen(1),
      changed_at: seen(1),
      details: null,
    },
  ]);
});

test('analyses, operations and functions are not shown, unit tests are tests', () => {
  const rows = only(...['analysis', 'operation', 'function', 'unit_test'].map((type) => node(type, 'x'))).nodes;
  expect(rows).toMatchObject([{ unique_id: 'unit_test.shop.x', resource_type: 'test' }]);
});

test('the newest manifest of a run counts, also that of its docs step', () => {
  const docs = stepOf(6, { manifest: manifestOf(2, [model('b')]) });
  const history = historyOf(runOf(11, [stepOf(4, { manifest: manifestOf(1, [model('a')]) }), docs]));
  expect(expectedAfter(history, 1).models).toMatchObject([{ name: 'b', definition_at: seen(2) }]);
});

test('a run that finished later with an older manifest does not turn the definition back', () => {
  const history = historyOf(buildOf(12, 2, [model('b')]), buildOf(11, 1, [model('a')]));
  expect(expectedAfter(history, 2).models).toMatchObject([{ name: 'b', definition_at: seen(2) }]);
});

test('config and compiled code come from the run that executed the node', () => {
  const old = model('a', { config: { materialized: 'table', x: 1 }, compiled_code: 'select 1' });
  const next = model('a', { config: { materialized: 'table', x: 2 }, raw_code: 'select 2' });
  const history = historyOf(buildOf(11, 1, [old], [result('model.shop.a', 'success')]), buildOf(12, 2, [next]));
  expect(expectedAfter(history, 2).models[0]).toMatchObject({
    config: { materialized: 'table', x: 1 },
    compiled_code: 'select 1',
    raw_code: 'select 2',
  });
});

test.each([
  ['fct_a', 'models/staging/fct_a.sql', 'mart'],
  ['int_a', 'models/marts/int_a.sql', 'intermediate'],
  ['stg_a', 'models/stg_a.sql', 'staging'],
  ['a', 'models\\marts\\a.sql', 'mart'],
  ['a', 'models/shop/intermediate/a.sql', 'intermediate'],
  ['staging', 'models/staging.sql', 'other'],
])('the layer of %s in %s is %s', (name, path, layer) => {
  expect(only(model(name, { original_file_path: path })).models[0]?.layer).toBe(layer);
});

test('the group of the same package owns a model before the same name elsewhere', () => {
  const foreign = node('group', 'core', { unique_id: 'group.a.core', package_name: 'a', owner: { name: 'Foreign' } });
  const own = node('group', 'core', { owner: { name: 'Own', email: 'own@x.io' } });
  const rows = only(foreign, own, model('a', { group: 'core', meta: { owner: 'Meta' } }));
  expect(rows.models[0]).toMatchObject({ owner_name: 'Own', owner_email: 'own@x.io' });
  expect(rows.groups).toMatchObject([
    { unique_id: 'group.a.core', models: 0 },
    { unique_id: 'group.shop.core', models: 1, owner_name: 'Own' },
  ]);
});

test.each([
  ['Ann', 'Ann', null],
  ['ann@x.io', 'ann@x.io', 'ann@x.io'],
  [{ name: 'Ann', email: 'ann@x.io' }, 'Ann', 'ann@x.io'],
])('the owner %j in meta is read', (owner, name, email) => {
  expect(only(model('a', { meta: { owner } })).models[0]).toMatchObject({ owner_name: name, owner_email: email });
});

test('a test belongs to the owner of the group of its model before its own meta', () => {
  const own = node('test', 't', { attached_node: 'model.shop.a', meta: { owner: 'Tester' } });
  const group = node('group', 'core', { owner: { name: 'Core' } });
  expect(only(model('a', { group: 'core' }), group, own).tests[0]).toMatchObject({ owner_name: 'Core' });
  expect(only(model('a', { meta: { owner: 'Meta' } }), own).tests[0]).toMatchObject({ owner_name: 'Tester' });
});

test('the tested node is the attached one, else the one in the arguments, else the only parent', () => {
  const kwargs = { model: "{{ get_where_subquery(source('raw', 's')) }}", column_name: 'id' };
  const both = parents('model.shop.a', 'source.shop.raw.s');
  const nodes = [
    model('a'),
    source('s'),
    node('test', '1', { ...both, attached_node: 'model.shop.a' }),
    node('test', '2', { ...both, test_metadata: { name: 'relationships', kwargs } }),
    node('test', '3', parents('source.shop.raw.s')),
    node('test', '4', both),
  ];
  const ran = historyOf(
    buildOf(
      11,
      1,
      nodes,
      ['1', '2', '3', '4'].map((id) => result(`test.shop.${id}`, 'pass')),
    ),
  );
  expect(expectedAfter(ran, 1).tests.map((row) => row.tested_unique_id)).toEqual([
    'model.shop.a',
    'source.shop.raw.s',
    'source.shop.raw.s',
    null,
  ]);
  expect(only(...nodes).tests.map((row) => row.tested_unique_id)).toEqual([
    'model.shop.a',
    null,
    'source.shop.raw.s',
    null,
  ]);
});

test('the arguments of a test are known once it has run', () => {
  const kwargs = { column_name: 'id', model: 'x' };
  const generic = node('test', 't', {
    test_metadata: { name: 'unique', namespace: null, kwargs },
    config: { severity: 'WARN' },
  });
  expect(only(generic).tests[0]).toMatchObject({
    test_type: 'generic',
    test_name: null,
    arguments: null,
    severity: null,
  });
  const ran = historyOf(buildOf(11, 1, [generic], [result('test.shop.t', 'pass')]));
  expect(expectedAfter(ran, 1).tests[0]).toMatchObject({
    test_name: 'unique',
    arguments: kwargs,
    severity: 'warn',
    column_name: 'id',
  });
});

test('columns come from the catalog and take their description from the nearest name in the manifest', () => {
  const columns = {
    id: { description: 'lower' },
    ID: { description: 'upper' },
    Name: { description: 'name', tags: ['pii'], meta: { k: 1 } },
  };
  const step = stepOf(4, {
    manifest: manifestOf(1, [
      model('a', { columns }),
      node('test', 't', { attached_node: 'model.shop.a', column_name: 'name' }),
    ]),
    run_results: {
      metadata: { generated_at: at(1) },
      results: [result('model.shop.a', 'success'), result('test.shop.t', 'pass')],
    },
    catalog: catalogOf(2, {
      'model.shop.a': [
        ['ID', 'INTEGER'],
        ['NAME', 'TEXT'],
        ['extra', 'DATE'],
      ],
    }),
  });
  const expected = expectedAfter(historyOf(runOf(11, [step])), 1);
  expect(expected.columns).toMatchObject([
    {
      column_name: 'ID',
      position: 1,
      data_type: 'INTEGER',
      declared_type: null,
      description: 'upper',
      tests: 0,
      test_status: null,
    },
    {
      column_name: 'NAME',
      position: 2,
      description: 'name',
      tags: ['pii'],
      meta: { k: 1 },
      tests: 1,
      test_status: 'pass',
    },
    { column_name: 'extra', position: 3, description: null, tags: [], meta: null },
  ]);
  expect(expected.models[0]).toMatchObject({ columns: 3, documented_columns: 2, catalog_at: seen(2) });
});

test('a catalog says nothing of a model that never ran', () => {
  const catalog = catalogOf(2, { 'model.shop.a': [['id', 'INTEGER']] });
  const history = historyOf(runOf(11, [stepOf(4, { manifest: manifestOf(1, [model('a')]), catalog })]));
  expect(expectedAfter(history, 1).models[0]).toMatchObject({ columns: 0, catalog_at: null });
});

test('a result older than the first definition is when a node was first seen', () => {
  const history = historyOf(
    buildOf(11, 1, [model('a')], [result('model.shop.a', 'success')]),
    buildOf(12, 2, [model('a')]),
  );
  expect(expectedAfter(history, 2, { syncsAfter: [2] }).models[0]).toMatchObject({
    first_seen_at: seen(1),
    changed_at: seen(2),
  });
});
