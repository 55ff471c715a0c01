import { describe, expect, it } from 'vitest';
import type { ColumnFacts, DeclaredColumn, StoreRecord } from '../../src/domain/records.ts';
import { build, catalog, changesOf, column, definition, minute, openStore, type TestStore } from './builders.ts';

const ORDERS = 'model.shop.orders';

const declared = (name: string, rest: Partial<DeclaredColumn> = {}): DeclaredColumn => ({
  name,
  declaredType: null,
  description: `What ${name} is`,
  tags: [],
  meta: {},
  ...rest,
});

/** A column of a catalog of artifacts, which says nothing of the project's. */
const shown = (name: string): ColumnFacts => ({ name, position: 1, dataType: 'integer', comment: null });

const fromArtifacts = (columns: readonly DeclaredColumn[], at: string): StoreRecord =>
  definition(ORDERS, {}, { at, columns });

const columnsOf = async ({ rows }: TestStore) =>
  (
    await rows<{ name: string; type: string; declared: string; description: string }>(
      `select column_name as name, data_type as type, declared_type as declared, description
      from dbt.columns order by column_name collate "C"`,
    )
  ).map(({ name, type, declared: declaredType, description }) => [name, type, declaredType, description]);

/** Once as a first pass, which writes ahead, and once over what is there. */
describe.each([
  [[]],
  [[definition(ORDERS, { rawCode: 'old' }, { at: minute(-10) }), build(ORDERS, {})]],
])('%#:', (before) => {
  const published = async (records: readonly StoreRecord[]) => {
    const store = await openStore();
    if (before.length > 0) await store.sync(before, { source: 'artifacts' });
    await store.sync(records, { source: 'artifacts' });
    return store;
  };

  it('declared columns and those of the catalog are one by their exact name', async () => {
    const store = await published([
      catalog(ORDERS, [shown('id'), shown('Id'), shown('extra')]),
      fromArtifacts([declared('Id', { declaredType: 'int' }), declared('id')], minute(0)),
      build(ORDERS, {}),
    ]);
    expect(await columnsOf(store)).toEqual([
      ['Id', 'integer', 'int', 'What Id is'],
      ['extra', 'integer', null, null],
      ['id', 'integer', null, 'What id is'],
    ]);
  });

  it('and else by a name that differs in case alone, under the spelling of the catalog', async () => {
    const store = await published([
      fromArtifacts([declared('id', { declaredType: 'int' }), declared('planned')], minute(0)),
      build(ORDERS, {}),
      catalog(ORDERS, [shown('ID'), shown('EXTRA')]),
    ]);
    expect(await columnsOf(store)).toEqual([
      ['EXTRA', 'integer', null, null],
      ['ID', 'integer', 'int', 'What id is'],
      ['planned', null, null, 'What planned is'],
    ]);
  });

  it('and no two declared columns become one', async () => {
    const store = await published([
      catalog(ORDERS, [shown('ID')]),
      fromArtifacts([declared('iD'), declared('id')], minute(0)),
      build(ORDERS, {}),
    ]);
    expect((await columnsOf(store)).map(([name]) => name)).toEqual(['ID', 'id']);
  });
});

it('a catalog of artifacts takes nothing from what is declared, be its columns there or not', async () => {
  const store = await openStore();
  const columns = [declared('id', { declaredType: 'int' }), declared('total')];
  await store.sync([fromArtifacts(columns, minute(0)), catalog(ORDERS, [shown('id'), shown('total')], minute(0))], {
    source: 'artifacts',
  });
  await store.sync([definition(ORDERS, {}, { at: minute(5) }), catalog(ORDERS, [shown('id')], minute(5))], {
    source: 'artifacts',
  });
  expect(await columnsOf(store)).toEqual([
    ['id', 'integer', 'int', 'What id is'],
    ['total', null, null, 'What total is'],
  ]);
  expect((await changesOf(store)).map((change) => (change as { item: string }).item)).toEqual(['total']);
});

it('what is declared changes without a new catalog', async () => {
  const store = await openStore();
  const shownColumns = catalog(ORDERS, [shown('id'), shown('total')], minute(0));
  await store.sync([fromArtifacts([declared('id'), declared('gone')], minute(0)), shownColumns], {
    source: 'artifacts',
  });
  await store.sync([fromArtifacts([declared('total', { description: 'Sum' })], minute(5))], { source: 'artifacts' });
  expect(await columnsOf(store)).toEqual([
    ['id', 'integer', null, null],
    ['total', 'integer', null, 'Sum'],
  ]);
  expect(await changesOf(store)).toEqual([]);
});

describe('when the sources take turns', () => {
  const discovery = (description: string, at: string): StoreRecord[] => [
    definition(ORDERS, {}, { at }),
    catalog(ORDERS, [column('id', { description }), column('total')], minute(0)),
  ];
  const artifacts = (description: string, at: string): StoreRecord[] => [
    fromArtifacts([declared('id', { declaredType: 'int', description }), declared('planned')], at),
    catalog(ORDERS, [shown('id'), shown('total')], minute(0)),
  ];

  it('the later one says what columns are, although the catalog is the same', async () => {
    const store = await openStore();
    await store.sync(artifacts('one', minute(0)), { source: 'artifacts' });
    await store.sync(discovery('two', minute(5)));
    expect(await columnsOf(store)).toEqual([
      ['id', 'integer', 'int', 'two'],
      ['planned', null, null, 'What planned is'],
      ['total', 'integer', null, null],
    ]);
    await store.sync(artifacts('three', minute(9)), { source: 'artifacts' });
    expect((await columnsOf(store))[0]).toEqual(['id', 'integer', 'int', 'three']);
  });

  it('artifacts of the same time add what the Discovery API cannot tell, and nothing else', async () => {
    const store = await openStore();
    await store.sync(discovery('told', minute(0)));
    await store.sync(artifacts('other', minute(0)), { source: 'artifacts' });
    expect(await columnsOf(store)).toEqual([
      ['id', 'integer', 'int', 'told'],
      ['planned', null, null, 'What planned is'],
      ['total', 'integer', null, null],
    ]);
    expect((await store.sync(artifacts('other', minute(0)), { source: 'artifacts' })).rowsWritten).toBe(0);
    expect((await store.sync(discovery('told', minute(0)))).rowsWritten).toBe(0);
  });

  it('no change is logged and the catalog is not written anew', async () => {
    const store = await openStore();
    await store.sync(discovery('same', minute(0)));
    await store.sync(artifacts('same', minute(5)), { source: 'artifacts' });
    await store.sync(discovery('same', minute(9)));
    expect(await changesOf(store)).toEqual([]);
    const [row] = await store.rows<{ catalog_source: string }>('select catalog_source from dbt_store.node');
    expect(row?.catalog_source).toBe('discovery');
  });
});

it('a test counts for its column, however either is quoted', async () => {
  const store = await openStore();
  const test = (id: string, columnName: string) =>
    definition(`test.shop.${id}`, { testedUniqueId: ORDERS, columnName }, { parents: [ORDERS] });
  await store.sync([
    definition(ORDERS),
    catalog(ORDERS, [shown('id'), shown('Order Total'), shown('[x]')]),
    test('a', '"id"'),
    test('b', '`ID`'),
    test('c', '"Order Total"'),
    test('d', 'x'),
  ]);
  const counted = await store.rows('select column_name, tests from dbt.columns order by column_name collate "C"');
  expect(counted).toEqual([
    { column_name: 'Order Total', tests: 1 },
    { column_name: '[x]', tests: 1 },
    { column_name: 'id', tests: 2 },
  ]);
});

it('only relations have columns, whatever else declares some', async () => {
  const store = await openStore();
  const records = [ORDERS, 'test.shop.checked', 'analysis.shop.looked_at'].map((id) =>
    definition(id, {}, { columns: [declared('id')] }),
  );
  await store.sync(records, { source: 'artifacts' });
  expect(await store.rows('select unique_id from dbt.columns')).toEqual([{ unique_id: ORDERS }]);
});
