import { describe, expect, it } from 'vitest';
import { AT, model, normalize, type Raw, readWhole, seed } from './elements.ts';

const factsOf = (raw: Raw, version = 12) => readWhole(raw, { version }).definition.facts;
const buildOf = (raw: Raw, version = 12) => readWhole(raw, { version }).build?.facts;

describe('a model of a manifest', () => {
  it('is defined with the time and the run of its manifest', () => {
    expect(readWhole(model()).definition).toMatchObject({
      uniqueId: 'model.shop.orders',
      resourceType: 'model',
      state: 'defined',
      at: AT,
      runId: 'run-1',
      parents: [],
      columns: [],
    });
  });

  it('states what the project says of it', () => {
    expect(factsOf(model({ group: 'finance', version: 2, latest_version: '3', raw_code: 'select 2' }))).toEqual({
      name: 'orders',
      packageName: 'shop',
      description: 'what orders is',
      tags: ['daily'],
      meta: {},
      ownerName: null,
      ownerEmail: null,
      filePath: 'models/orders.sql',
      databaseName: 'prod',
      schemaName: 'marts',
      identifier: 'orders',
      materialization: 'table',
      groupName: 'finance',
      access: 'protected',
      version: '2',
      latestVersion: '3',
      deprecationDate: null,
      contractEnforced: false,
      rawCode: 'select 2',
      details: { language: 'sql' },
    });
  });

  it('names each parent once, and neither macros nor nulls', () => {
    const nodes = ['model.shop.a', 'source.shop.raw.b', 'model.shop.a', null, 'macro.shop.c'];
    expect(readWhole(model({ depends_on: { nodes } })).definition.parents).toEqual([
      'model.shop.a',
      'source.shop.raw.b',
    ]);
  });

  it.each([
    ['no depends_on', { depends_on: undefined }],
    ['a depends_on of null', { depends_on: null }],
    ['a depends_on without nodes', { depends_on: { macros: [] } }],
  ])('has no parents with %s', (_, fields) => {
    expect(readWhole(model(fields)).definition.parents).toEqual([]);
  });

  it('is read from the key of its collection where it says another unique id', () => {
    const { records } = normalize(model({ unique_id: 'model.shop.other' }));
    expect(records.map(({ uniqueId }) => uniqueId)).toEqual(['model.shop.other', 'model.shop.other']);
  });

  it.each([
    ['raw_code', { raw_code: 'select 1', raw_sql: undefined }, 'select 1'],
    ['raw_sql of dbt before 1.3', { raw_code: undefined, raw_sql: 'select 0' }, 'select 0'],
    ['neither', { raw_code: undefined }, null],
  ])('has its code from %s', (_, fields, code) => {
    expect(factsOf(model(fields)).rawCode).toBe(code);
  });

  it.each([
    ['a boolean', true, true],
    ['an object', { enforced: true }, true],
    ['an object that does not enforce', { enforced: false }, false],
    ['nothing', undefined, false],
    ['null', null, false],
  ])('has its contract from %s', (_, contract, enforced) => {
    expect(factsOf(model({ contract })).contractEnforced).toBe(enforced);
  });

  it('has the access and the group of its config where the top is silent', () => {
    const config = { materialized: 'view', access: 'public', group: 'finance' };
    expect(factsOf(model({ access: undefined, group: undefined, config }))).toMatchObject({
      access: 'public',
      groupName: 'finance',
      materialization: 'view',
    });
  });

  it('states nothing of what came with dbt 1.5 in an older manifest', () => {
    const facts = factsOf(model({ access: undefined, group: undefined }), 8);
    const told = ['access', 'groupName', 'version', 'latestVersion', 'deprecationDate', 'contractEnforced'];
    expect(told.filter((fact) => fact in facts)).toEqual([]);
  });

  it.each([
    ['2026-05-01T00:00:00-04:00', '2026-05-01T00:00:00-04:00'],
    ['2026-05-01', '2026-05-01T00:00:00Z'],
    ['2026-05-01T10:00:00', '2026-05-01T10:00:00Z'],
  ])('is deprecated at %s', (written, instant) => {
    expect(factsOf(model({ deprecation_date: written })).deprecationDate).toBe(instant);
  });

  it.each([
    ['the top', { meta: { a: 1 }, config: { meta: { b: 2 } } }, { a: 1 }],
    ['config, when the top is empty', { meta: {}, config: { meta: { b: 2 } } }, { b: 2 }],
    ['config, when the top is null', { meta: null, config: { meta: { b: 2 } } }, { b: 2 }],
    ['an empty top', { meta: {}, config: { meta: {} } }, {}],
    ['nowhere', { meta: undefined, config: null }, null],
  ])('has meta from %s', (_, fields, meta) => {
    expect(factsOf(model(fields)).meta).toEqual(meta);
  });

  it.each([
    ['the top', { tags: ['a'], config: { tags: ['b'] } }, ['a']],
    ['config', { tags: null, config: { tags: ['b'] } }, ['b']],
    ['a lone text', { tags: undefined, config: { tags: 'b' } }, ['b']],
    ['nowhere', { tags: undefined, config: {} }, []],
  ])('has tags from %s', (_, fields, tags) => {
    expect(factsOf(model(fields)).tags).toEqual(tags);
  });

  it('is owned by whom its meta names', () => {
    const meta = { owner: { name: 'Ada', email: 'ada@example.com' } };
    expect(factsOf(model({ meta }))).toMatchObject({ ownerName: 'Ada', ownerEmail: 'ada@example.com' });
  });

  it('keeps a text version and a numeric one as text', () => {
    expect([factsOf(model({ version: '2' })).version, factsOf(model({ version: 2 })).version]).toEqual(['2', '2']);
  });

  it('keeps what has no column, but nothing that changes with every parse', () => {
    const raw = model({ patch_path: 'shop://models/schema.yml', primary_key: ['id'], docs: {}, constraints: [] });
    expect(factsOf(raw).details).toEqual({
      patch_path: 'shop://models/schema.yml',
      primary_key: ['id'],
      language: 'sql',
    });
  });

  it('leaves out details that are too large, and says which', () => {
    const constraints = [{ type: 'check', expression: 'x'.repeat(20_000) }];
    expect(factsOf(model({ constraints, primary_key: ['id'] })).details).toEqual({
      primary_key: ['id'],
      language: 'sql',
      left_out: ['constraints'],
    });
  });
});

describe('what was built of a model', () => {
  it('does not state compiled code that is null or missing, and states a relation name that is', () => {
    const facts = buildOf(model({ compiled_code: null, relation_name: null }));
    expect(facts).toEqual({
      config: { materialized: 'table', enabled: true, access: 'protected' },
      relationName: null,
    });
  });

  it('has the code that was compiled, under its old name too', () => {
    expect(buildOf(model({ compiled_code: 'select 1' }))?.compiledCode).toBe('select 1');
    expect(buildOf(model({ compiled_sql: 'select 0' }), 4)?.compiledCode).toBe('select 0');
  });

  it('has no code where the invocation is not known to have built anything, but what it compiled beside it', () => {
    const { records } = normalize(model({ compiled_code: 'select 1' }), { isBuild: false });
    expect(records).toMatchObject([
      { kind: 'definition' },
      { kind: 'build', facts: expect.not.objectContaining({ compiledCode: expect.anything() }) },
      { kind: 'compiled', uniqueId: 'model.shop.orders', at: AT, code: 'select 1', isBuilt: false },
    ]);
  });

  it('states no relation name in a manifest from before there were any', () => {
    expect(buildOf(model({ relation_name: undefined }), 0)).not.toHaveProperty('relationName');
  });
});

describe('the declared columns of a model', () => {
  it('keep the case in which they were written and have the type, tags and meta of the project', () => {
    const columns = {
      Order_ID: { name: 'Order_ID', description: 'key', data_type: 'integer', tags: ['pii'], meta: { a: 1 } },
      amount: { name: 'amount', description: '', data_type: null, tags: [], config: { meta: { b: 2 }, tags: ['x'] } },
    };
    expect(readWhole(model({ columns })).definition.columns).toEqual([
      { name: 'Order_ID', declaredType: 'integer', description: 'key', tags: ['pii'], meta: { a: 1 } },
      { name: 'amount', declaredType: null, description: '', tags: ['x'], meta: { b: 2 } },
    ]);
  });

  it('are rejected one by one', () => {
    const columns = { a: { name: 'a' }, b: { name: 'b', description: 7 }, c: null };
    const { records, rejects } = normalize(model({ columns }));
    const [definition] = records;
    expect(definition).toMatchObject({ kind: 'definition', columns: [{ name: 'a' }] });
    expect(rejects?.map(({ uniqueId, reason }) => [uniqueId, reason.split(':')[0]])).toEqual([
      ['model.shop.orders', 'declared column'],
      ['model.shop.orders', 'declared column'],
    ]);
  });
});

describe('other nodes', () => {
  it('a seed has no code, and is its own materialization', () => {
    const { definition, build } = readWhole(seed());
    expect(definition.facts).not.toHaveProperty('rawCode');
    expect(definition.facts).toMatchObject({ materialization: 'seed', identifier: 'zones' });
    expect(build?.facts.relationName).toBe('"prod"."marts"."orders"');
  });

  it.each(['analysis', 'operation'])('an %s has no relation', (type) => {
    const { definition, build } = readWhole(model({ unique_id: `${type}.shop.a`, resource_type: type }));
    expect(definition).toMatchObject({ resourceType: type, facts: { rawCode: 'select 1' } });
    expect(definition.facts).not.toHaveProperty('databaseName');
    expect(build?.facts).not.toHaveProperty('relationName');
  });

  it('an operation of early Fusion, with texts where objects belong, is read', () => {
    const raw = model({ unique_id: 'operation.shop.h', resource_type: 'operation', checksum: '', database: '' });
    expect(readWhole(raw).definition.resourceType).toBe('operation');
  });

  it('a function has its arguments and what it returns', () => {
    const raw = model({
      unique_id: 'function.shop.f',
      resource_type: 'function',
      arguments: [{ name: 'x', data_type: 'int' }],
      returns: { data_type: 'int' },
    });
    expect(readWhole(raw).definition.facts.details).toMatchObject({
      arguments: [{ name: 'x', data_type: 'int' }],
      returns: { data_type: 'int' },
    });
  });

  it('a model without a file belongs to another project and has neither parents nor a build', () => {
    const raw = model({ package_name: 'finance', path: '', original_file_path: '', access: 'public' });
    const { definition, build } = readWhole(raw);
    expect(definition).toMatchObject({ state: 'external', parents: [], facts: { packageName: 'finance' } });
    expect(build).toBeUndefined();
  });

  it('one of an unknown resource type is rejected and stays seen', () => {
    expect(normalize(model({ unique_id: 'thing.shop.a', resource_type: 'thing' }))).toMatchObject({
      records: [{ kind: 'seen', uniqueId: 'thing.shop.a' }],
      rejects: [{ uniqueId: 'thing.shop.a', reason: 'resource type "thing" is unknown' }],
    });
  });
});
