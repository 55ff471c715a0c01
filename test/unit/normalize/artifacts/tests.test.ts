import { describe, expect, it } from 'vitest';
import { dataTest, type Raw, readWhole, unitTest } from './elements.ts';

const factsOf = (raw: Raw, version = 12) => readWhole(raw, { version }).definition.facts;
const on = (...nodes: string[]) => ({ depends_on: { macros: [], nodes } });
const call = (model: string) => ({ test_metadata: { name: 'unique', kwargs: { model } } });

const ORDERS = 'model.shop.orders';
const CUSTOMERS = 'model.shop.customers';
const silent = { attached_node: null, file_key_name: undefined, test_metadata: null };

describe('the tested node', () => {
  it.each<[string, Raw, string | null]>([
    ['the attached node, even outside of the parents', { attached_node: ORDERS, ...on(CUSTOMERS) }, ORDERS],
    ['the second parent of a relationships test', { attached_node: ORDERS, ...on(CUSTOMERS, ORDERS) }, ORDERS],
    ['the node of the file key', { ...silent, file_key_name: 'models.orders', ...on(CUSTOMERS, ORDERS) }, ORDERS],
    [
      'the seed and not the model of that name',
      { ...silent, file_key_name: 'seeds.orders', ...on(ORDERS, 'seed.shop.orders') },
      'seed.shop.orders',
    ],
    [
      'the one table of the source of the file key',
      { ...silent, file_key_name: 'sources.raw', ...on('source.shop.raw.orders', ORDERS) },
      'source.shop.raw.orders',
    ],
    [
      'the table of the argument where a source has two of the parents',
      {
        ...silent,
        file_key_name: 'sources.raw',
        ...call("{{ get_where_subquery(source('raw', 'items')) }}"),
        ...on('source.shop.raw.orders', 'source.shop.raw.items'),
      },
      'source.shop.raw.items',
    ],
    ['the node of the argument', { ...silent, ...call("{{ ref('orders') }}"), ...on(CUSTOMERS, ORDERS) }, ORDERS],
    [
      'the version of the argument',
      {
        ...silent,
        ...call("{{ get_where_subquery(ref('orders', v=2)) }}"),
        ...on('model.shop.orders.v1', 'model.shop.orders.v2'),
      },
      'model.shop.orders.v2',
    ],
    [
      'the package of the argument',
      { ...silent, ...call('{{ ref("b", "orders") }}'), ...on('model.a.orders', 'model.b.orders') },
      'model.b.orders',
    ],
    [
      'its own package of two',
      { ...silent, ...call("{{ ref('orders') }}"), ...on('model.other.orders', ORDERS) },
      ORDERS,
    ],
    [
      'a source whose id is not its name',
      { ...silent, ...call("{{ source('dbt', 'dim_storeß') }}"), ...on('source.shop.dbt.dim_store__', ORDERS) },
      'source.shop.dbt.dim_store__',
    ],
    ['the only parent', { ...silent, ...on(ORDERS, ORDERS) }, ORDERS],
    ['nothing with two parents and no word of it', { ...silent, ...on(CUSTOMERS, ORDERS) }, null],
    ['nothing without parents', { ...silent, ...on() }, null],
    ['nothing where the argument is no call', { ...silent, ...call('{{ this }}'), ...on(CUSTOMERS, ORDERS) }, null],
  ])('is %s', (_, fields, tested) => {
    expect(factsOf(dataTest(fields)).testedUniqueId).toBe(tested);
  });

  it('of a unit test is the model that it names', () => {
    const depends = on('model.shop.stg_orders', ORDERS);
    expect(factsOf(unitTest(depends)).testedUniqueId).toBe(ORDERS);
    expect(factsOf(unitTest({ ...depends, tested_node_unique_id: CUSTOMERS })).testedUniqueId).toBe(CUSTOMERS);
  });
});

describe('a test', () => {
  it('is generic with metadata, singular without, and a unit test from its own collection', () => {
    const types = [dataTest(), dataTest({ test_metadata: null }), dataTest({ test_metadata: undefined }), unitTest()];
    expect(types.map((raw) => factsOf(raw).testType)).toEqual(['generic', 'singular', 'singular', 'unit']);
  });

  it('has its column from its arguments when it does not say it itself', () => {
    expect(factsOf(dataTest({ column_name: null })).columnName).toBe('id');
  });

  it('states how it was called, and its severity in lower case', () => {
    expect(readWhole(dataTest()).build?.facts).toMatchObject({
      testName: 'not_null',
      testNamespace: null,
      arguments: { column_name: 'id', model: "{{ get_where_subquery(ref('orders')) }}" },
      severity: 'error',
      relationName: null,
    });
  });

  it('does not state a severity that is not there', () => {
    expect(readWhole(dataTest({ config: {} })).build?.facts).not.toHaveProperty('severity');
  });

  it('is a test under the id of one where alphas of dbt 1.8 call it data_test', () => {
    expect(readWhole(dataTest({ resource_type: 'data_test' })).definition.resourceType).toBe('test');
  });

  it.each([
    [1, { tags: ['schema', 'nightly'], config: {} }, ['nightly']],
    [3, { tags: ['data'], config: {} }, []],
    [3, { tags: ['data', 'schema'], config: { tags: ['data'] } }, ['data']],
    [4, { tags: ['schema'], config: {} }, ['schema']],
  ])('in a manifest of version %i with %j has the tags %j', (version, fields, tags) => {
    expect(factsOf(dataTest(fields), version).tags).toEqual(tags);
  });

  it('has no relation to compare, for its schema is where failures are stored', () => {
    const facts = factsOf(dataTest({ database: 'prod', schema: 'dbt_test__audit', alias: 'x' }));
    expect(facts).not.toHaveProperty('schemaName');
  });

  it('may have an id of 300 characters', () => {
    const id = `test.shop.${'accepted_values_'.repeat(20)}.abc1234567`;
    expect(readWhole(dataTest({ unique_id: id })).definition.uniqueId).toBe(id);
  });

  it('of units keeps its rows in the details, as long as they are few', () => {
    expect(factsOf(unitTest()).details).toMatchObject({ expect: { rows: [{ id: 1 }] } });
    const rows = Array.from({ length: 5_000 }, (_, id) => ({ id }));
    expect(factsOf(unitTest({ expect: { rows } })).details).toMatchObject({ left_out: ['expect'] });
  });
});
