import { describe, expect, it } from 'vitest';
import type { DefinitionFacts, StoreRecord } from '../../src/domain/records.ts';
import { catalog, changesOf, column, definition, minute, openStore, type TestStore } from './builders.ts';

const ORDERS = 'model.shop.orders';
const TEST = 'test.shop.unique_orders.abc';
const SEED = 'seed.shop.countries';

type Facts = { readonly [Fact in keyof DefinitionFacts]?: DefinitionFacts[Fact] | undefined };

/** What a second manifest, a minute later, changes of one node. */
async function changed(first: Facts, second: Facts, uniqueId = ORDERS): Promise<unknown[]> {
  const store = await openStore();
  await store.sync([definition(uniqueId, first)]);
  await store.sync([definition(uniqueId, second, { at: minute(1) })]);
  return changesOf(store);
}

const change = (aspect: string, before: unknown, after: unknown, item: string | null = null, uniqueId = ORDERS) => ({
  unique_id: uniqueId,
  aspect,
  item,
  before,
  after,
  changed_at: new Date(minute(1)),
});

describe('one aspect at a time', () => {
  const aspects: [string, Facts, Facts, unknown][] = [
    ['code', { rawCode: 'select 1' }, { rawCode: 'select 2' }, change('code', 'select 1', 'select 2')],
    ['description', { description: 'a' }, { description: 'b' }, change('description', 'a', 'b')],
    ['description that goes', { description: 'a' }, { description: null }, change('description', 'a', null)],
    ['meta', { meta: { a: 1 } }, { meta: { a: 2 } }, change('meta', { a: 1 }, { a: 2 })],
    [
      'materialization',
      { materialization: 'view' },
      { materialization: 'table' },
      change('materialization', 'view', 'table'),
    ],
    ['access', { access: 'private' }, { access: 'public' }, change('access', 'private', 'public')],
    ['group', { groupName: null }, { groupName: 'finance' }, change('group', null, 'finance')],
    ['contract', { contractEnforced: false }, { contractEnforced: true }, change('contract', false, true)],
    [
      'owner',
      { ownerName: null, ownerEmail: null },
      { ownerName: 'Ada', ownerEmail: null },
      change('owner', null, { name: 'Ada', email: null }),
    ],
    [
      'relation',
      { schemaName: 'main' },
      { schemaName: 'mart' },
      change(
        'relation',
        { database: 'db', schema: 'main', identifier: 'orders' },
        { database: 'db', schema: 'mart', identifier: 'orders' },
      ),
    ],
    ['a tag that comes', { tags: ['a'] }, { tags: ['b', 'a'] }, change('tag', null, 'b', 'b')],
    ['a tag that goes', { tags: ['a', 'b'] }, { tags: ['b'] }, change('tag', 'a', null, 'a')],
    ['the last tag that goes', { tags: ['a'] }, { tags: [] }, change('tag', 'a', null, 'a')],
  ];
  it.each(aspects)('is logged with its value before and after: %s', async (_aspect, first, second, expected) => {
    expect(await changed(first, second)).toEqual([expected]);
  });

  it.each<[string, Facts, Facts]>([
    ['line ends', { rawCode: 'select\r\n1' }, { rawCode: 'select\n1' }],
    ['an empty description for none', { description: '' }, { description: null }],
    ['the order of tags', { tags: ['a', 'b'] }, { tags: ['b', 'a'] }],
    ['a tag said twice', { tags: ['a'] }, { tags: ['a', 'a'] }],
    ['the order of keys in meta', { meta: { a: 1, b: { c: 2, d: 3 } } }, { meta: { b: { d: 3, c: 2 }, a: 1 } }],
    ['empty meta for none', { meta: {} }, { meta: null }],
    ['what is outside the common core', { label: 'a', filePath: 'a.sql' }, { label: 'b', filePath: 'b.sql' }],
    ['a fact that is no longer stated', { description: 'a' }, { description: undefined }],
  ])('is not logged for %s', async (_what, first, second) => {
    expect(await changed(first, second)).toEqual([]);
  });

  it('is not logged for access and group of what is no model', async () => {
    const [first, second] = [
      { access: 'private', groupName: 'a' },
      { access: 'public', groupName: 'b' },
    ];
    expect(await changed(first, second, SEED)).toEqual([]);
  });

  it('is not logged for the relation of a test', async () => {
    expect(await changed({ schemaName: 'a' }, { schemaName: 'b' }, TEST)).toEqual([]);
  });

  it('is logged for several aspects at once, one row each', async () => {
    const logged = await changed({ description: 'a', tags: ['x'] }, { description: 'b', tags: ['y'] });
    expect(logged).toEqual([
      change('description', 'a', 'b'),
      change('tag', 'x', null, 'x'),
      change('tag', null, 'y', 'y'),
    ]);
  });

  it('dates the node', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), definition(SEED)]);
    await store.sync([
      definition(ORDERS, { description: 'b' }, { at: minute(1) }),
      definition(SEED, {}, { at: minute(1) }),
    ]);
    expect(await store.rows('select unique_id, changed_at, first_seen_at from dbt.nodes order by 1')).toEqual([
      { unique_id: ORDERS, changed_at: new Date(minute(1)), first_seen_at: new Date(minute(0)) },
      { unique_id: SEED, changed_at: new Date(minute(0)), first_seen_at: new Date(minute(0)) },
    ]);
  });

  it('is counted by the pass that found it', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS, { tags: [] })]);
    const { changes } = await store.sync([definition(ORDERS, { tags: ['a', 'b'] }, { at: minute(1) })]);
    expect(changes).toEqual({ tag: 2 });
  });
});

describe('what was unknown', () => {
  it.each<[string, Facts, Facts]>([
    ['description', { description: undefined }, { description: 'a' }],
    ['tags', { tags: undefined }, { tags: ['a'] }],
    ['group', { groupName: undefined }, { groupName: 'a' }],
    ['owner', { ownerName: undefined, ownerEmail: undefined }, { ownerName: 'a', ownerEmail: 'a@b.c' }],
    ['relation', { identifier: undefined }, { identifier: 'a' }],
    ['code', { rawCode: undefined }, { rawCode: 'select 1' }],
  ])('is learned without a change: %s', async (_aspect, first, second) => {
    expect(await changed(first, second)).toEqual([]);
  });

  it('is known once it was stated as null', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS, { groupName: undefined })]);
    await store.sync([definition(ORDERS, { groupName: null }, { at: minute(1) })]);
    await store.sync([definition(ORDERS, { groupName: 'a' }, { at: minute(2) })]);
    expect(await changesOf(store)).toMatchObject([{ aspect: 'group', before: null, after: 'a' }]);
  });

  it('keeps what is stored when a later statement leaves it out', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS, { description: 'kept', tags: ['kept'], meta: { kept: true } })]);
    await store.sync([
      definition(ORDERS, { description: undefined, tags: undefined, meta: undefined, label: 'new' }, { at: minute(1) }),
    ]);
    expect(await store.row('select description, tags, meta from dbt.nodes')).toEqual({
      description: 'kept',
      tags: ['kept'],
      meta: { kept: true },
    });
  });

  it('takes null and the empty list as statements', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS, { description: 'a', tags: ['a'], meta: { a: 1 } })]);
    await store.sync([definition(ORDERS, { description: null, tags: [], meta: null }, { at: minute(1) })]);
    expect(await store.row('select description, tags, meta from dbt.nodes')).toEqual({
      description: null,
      tags: [],
      meta: null,
    });
  });

  it('is compared with what is stored, when a statement that left it out came between', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS, { description: 'a' })]);
    await store.sync([definition(ORDERS, { description: undefined }, { at: minute(1) })]);
    await store.sync([definition(ORDERS, { description: null }, { at: minute(2) })]);
    expect(await changesOf(store)).toMatchObject([{ aspect: 'description', before: 'a', after: null }]);
  });

  it('keeps properties that a later statement leaves out, and takes those it says', async () => {
    const store = await openStore();
    const metric = 'metric.shop.revenue';
    await store.sync([definition(metric, { properties: { metric_type: 'simple', filter: { a: 1 } } })]);
    await store.sync([definition(metric, { properties: { metric_type: 'derived' } }, { at: minute(1) })]);
    expect(await store.row('select metric_type, filter from dbt.metrics')).toEqual({
      metric_type: 'derived',
      filter: { a: 1 },
    });
  });
});

describe('parents', () => {
  const pass = (at: string, ...parents: string[]) => [
    definition('model.shop.a', {}, { at }),
    definition('model.shop.b', {}, { at }),
    definition(ORDERS, {}, { at, parents }),
  ];
  const parentsOf = async ({ rows }: TestStore) =>
    (await rows<{ id: string }>('select parent_unique_id as id from dbt.lineage order by 1')).map(({ id }) => id);

  it('are logged one by one, and the edges are those stated last', async () => {
    const store = await openStore();
    await store.sync(pass(minute(0), 'model.shop.a', 'model.shop.gone'));
    await store.sync(pass(minute(1), 'model.shop.b', 'model.shop.a'));
    expect(await changesOf(store)).toEqual([
      change('parent', null, 'model.shop.b', 'model.shop.b'),
      change('parent', 'model.shop.gone', null, 'model.shop.gone'),
    ]);
    expect(await parentsOf(store)).toEqual(['model.shop.a', 'model.shop.b']);
  });

  it('are a set: order and repetition change nothing', async () => {
    const store = await openStore();
    await store.sync(pass(minute(0), 'model.shop.a', 'model.shop.b'));
    await store.sync(pass(minute(1), 'model.shop.b', 'model.shop.a', 'model.shop.b'));
    expect(await changesOf(store)).toEqual([]);
    expect(await parentsOf(store)).toEqual(['model.shop.a', 'model.shop.b']);
  });

  it('may all go', async () => {
    const store = await openStore();
    await store.sync(pass(minute(0), 'model.shop.a'));
    await store.sync(pass(minute(1)));
    expect(await changesOf(store)).toEqual([change('parent', 'model.shop.a', null, 'model.shop.a')]);
    expect(await parentsOf(store)).toEqual([]);
  });
});

describe('catalog columns', () => {
  const pass = (minutes: number, ...columns: [string, string][]): StoreRecord[] => [
    definition(ORDERS, {}, { at: minute(minutes) }),
    catalog(
      ORDERS,
      columns.map(([name, dataType]) => column(name, { dataType })),
      minute(minutes),
    ),
  ];

  it('that come, go or have another type are changes at the time of the catalog', async () => {
    const store = await openStore();
    await store.sync(pass(0, ['id', 'integer'], ['gone', 'text']));
    await store.sync(pass(1, ['id', 'bigint'], ['new', 'date']));
    expect(await changesOf(store)).toEqual([
      change('column', { data_type: 'text' }, null, 'gone'),
      change('column', { data_type: 'integer' }, { data_type: 'bigint' }, 'id'),
      change('column', null, { data_type: 'date' }, 'new'),
    ]);
    expect(await store.rows('select column_name, data_type from dbt.columns order by 1')).toEqual([
      { column_name: 'id', data_type: 'bigint' },
      { column_name: 'new', data_type: 'date' },
    ]);
  });

  it('of a first catalog are knowledge and no change', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS)]);
    await store.sync(pass(1, ['id', 'integer']));
    expect(await changesOf(store)).toEqual([]);
  });

  it('stay when a pass tells no catalog of the node', async () => {
    const store = await openStore();
    await store.sync(pass(0, ['id', 'integer']));
    await store.sync([definition(ORDERS, {}, { at: minute(1) })]);
    expect(await store.rows('select column_name from dbt.columns')).toEqual([{ column_name: 'id' }]);
  });

  it('change no more than their comment, position and description without a log', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), catalog(ORDERS, [column('id')])]);
    const described = column('id', { position: 2, comment: 'c', description: 'd', tags: ['t'], meta: { m: 1 } });
    await store.sync([definition(ORDERS), catalog(ORDERS, [described], minute(1))]);
    expect(await changesOf(store)).toEqual([]);
    expect(await store.row('select position, comment, description, tags, meta from dbt.columns')).toEqual({
      position: 2,
      comment: 'c',
      description: 'd',
      tags: ['t'],
      meta: { m: 1 },
    });
  });

  it('may differ in case alone, and an empty list is a statement', async () => {
    const store = await openStore();
    await store.sync(pass(0, ['ID', 'integer'], ['id', 'integer']));
    expect(await store.rows('select column_name from dbt.columns')).toHaveLength(2);
    await store.sync(pass(1));
    expect(await store.rows('select column_name from dbt.columns')).toEqual([]);
  });
});
