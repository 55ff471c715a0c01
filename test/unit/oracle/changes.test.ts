import { expect, test } from 'vitest';
import { expectedAfter } from '../../oracle/expected.ts';
import type { JsonObject } from '../../oracle/json.ts';
import {
  buildOf,
  catalogOf,
  historyOf,
  manifestOf,
  model,
  node,
  parents,
  result,
  runOf,
  runResultsOf,
  seen,
  stepOf,
} from './mini.ts';

function changesBetween(...definitions: JsonObject[][]) {
  const history = historyOf(...definitions.map((nodes, i) => buildOf(11 + i, 1 + i, nodes)));
  return expectedAfter(history, definitions.length).changes;
}

function aspects(...definitions: JsonObject[][]) {
  return changesBetween(...definitions).map((row) => [row.unique_id, row.aspect, row.item, row.before, row.after]);
}

const a = 'model.shop.a';
const b = 'model.shop.b';

test('the first sync and a second one without a difference log nothing', () => {
  expect(changesBetween([model('a')], [model('a')])).toEqual([]);
});

test('a node that comes, goes and comes back is logged at the times of the manifests', () => {
  const rows = changesBetween([model('a')], [model('a'), model('b')], [model('a')], [model('a'), model('b')]);
  expect(rows).toMatchObject([
    {
      unique_id: b,
      name: 'b',
      resource_type: 'model',
      aspect: 'added',
      changed_at: seen(2),
      before: null,
      after: null,
    },
    { unique_id: b, aspect: 'removed', changed_at: seen(3) },
    { unique_id: b, aspect: 'restored', changed_at: seen(4) },
  ]);
});

test('a removed node leaves its views, keeps its results and shows when it went', () => {
  const history = historyOf(
    buildOf(11, 1, [model('a'), model('b')], [result(b, 'success')]),
    buildOf(12, 2, [model('a')]),
  );
  const expected = expectedAfter(history, 2);
  expect(expected.models.map((row) => row.unique_id)).toEqual([a]);
  expect(expected.removed_nodes).toMatchObject([
    { unique_id: b, removed_at: seen(2), changed_at: seen(2), state: 'applied', definition_at: seen(1) },
  ]);
  expect(expected.run_results).toMatchObject([{ unique_id: b, name: 'b' }]);
});

test('every aspect of the common core is logged with both values', () => {
  const before = model('a', {
    description: 'old',
    meta: { k: 1 },
    access: 'protected',
    group: null,
    raw_code: 'select 1\r\n',
  });
  const after = model('a', {
    description: 'new',
    meta: { k: 2 },
    access: 'public',
    group: 'core',
    raw_code: 'select 2\r\n',
    config: { materialized: 'view' },
    contract: { enforced: true },
    schema: 'other',
  });
  expect(aspects([before], [after])).toEqual([
    [a, 'code', null, 'select 1\n', 'select 2\n'],
    [a, 'description', null, 'old', 'new'],
    [a, 'meta', null, { k: 1 }, { k: 2 }],
    [a, 'materialization', null, 'table', 'view'],
    [a, 'access', null, 'protected', 'public'],
    [a, 'group', null, null, 'core'],
    [a, 'contract', null, false, true],
    [
      a,
      'relation',
      null,
      { database: 'db', schema: 'main', identifier: 'a' },
      { database: 'db', schema: 'other', identifier: 'a' },
    ],
  ]);
});

test('line endings, the order of tags and meta keys, and doubled parents are no change', () => {
  const before = model('a', { raw_code: 'a\r\nb', tags: ['x', 'y'], meta: { a: 1, b: 2 }, ...parents(b, b) });
  const after = model('a', { raw_code: 'a\nb', tags: ['y', 'x'], meta: { b: 2, a: 1 }, ...parents(b) });
  expect(aspects([before, model('b')], [after, model('b')])).toEqual([]);
});

test('tags and parents are logged one by one', () => {
  const before = model('c', { tags: ['x', 'y'], ...parents(a) });
  const after = model('c', { tags: ['y', 'z'], ...parents(b) });
  expect(aspects([model('a'), model('b'), before], [model('a'), model('b'), after])).toEqual([
    ['model.shop.c', 'tag', 'x', 'x', null],
    ['model.shop.c', 'tag', 'z', null, 'z'],
    ['model.shop.c', 'parent', a, a, null],
    ['model.shop.c', 'parent', b, null, b],
  ]);
});

test('a new owner of an exposure is logged there', () => {
  const owned = (name: string) => node('exposure', 'e', { owner: { name, email: 'e@x.io' } });
  expect(aspects([owned('Ann')], [owned('Bob')])).toEqual([
    ['exposure.shop.e', 'owner', null, { name: 'Ann', email: 'e@x.io' }, { name: 'Bob', email: 'e@x.io' }],
  ]);
});

test('a model under a new name with the same code is renamed, beside added and removed', () => {
  const code = { raw_code: 'select 42' };
  expect(aspects([model('a', code)], [model('b', code)]).map((row) => row.slice(0, 4))).toEqual([
    [b, 'added', null, null],
    [a, 'removed', null, null],
    [b, 'renamed', null, a],
  ]);
});

test('two new models with the code of a removed one are no renaming', () => {
  const code = { raw_code: 'select 42' };
  const rows = aspects([model('a', code)], [model('b', code), model('c', code)]);
  expect(rows.map((row) => row[1])).toEqual(['added', 'added', 'removed']);
});

test('columns are logged only against an earlier catalog, at the time of the new one', () => {
  const run = (id: number, hour: number, columns: [string, string][] | null) => {
    const built = { manifest: manifestOf(hour, [model('a')]), run_results: runResultsOf(hour, [result(a, 'success')]) };
    return runOf(id, [
      stepOf(4, columns === null ? built : { ...built, catalog: catalogOf(hour + 1, { [a]: columns }) }),
    ]);
  };
  const history = historyOf(
    run(11, 1, null),
    run(12, 3, [
      ['id', 'INT'],
      ['old', 'TEXT'],
      ['same', 'TEXT'],
    ]),
    run(13, 5, [
      ['id', 'BIGINT'],
      ['same', 'TEXT'],
      ['new', 'DATE'],
    ]),
  );
  expect(expectedAfter(history, 2).changes).toEqual([]);
  const expected = expectedAfter(history, 3);
  expect(expected.changes).toMatchObject([
    { aspect: 'column', item: 'id', changed_at: seen(6), before: { data_type: 'INT' }, after: { data_type: 'BIGINT' } },
    { aspect: 'column', item: 'old', changed_at: seen(6), before: { data_type: 'TEXT' }, after: null },
    { aspect: 'column', item: 'new', changed_at: seen(6), before: null, after: { data_type: 'DATE' } },
  ]);
  expect(expected.models[0]).toMatchObject({ changed_at: seen(6), definition_at: seen(5) });
});
