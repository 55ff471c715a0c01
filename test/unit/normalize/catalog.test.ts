import { describe, expect, it } from 'vitest';
import type { CatalogRecord } from '../../../src/domain/records.ts';
import { modelApplied } from '../../../src/normalize/model.ts';
import * as raw from './raw-nodes.ts';

function read(fields: raw.Raw) {
  const { records, rejects = [] } = modelApplied(raw.modelAppliedNode({ catalog: raw.catalogNode(fields) }));
  return { catalog: records.find((record): record is CatalogRecord => record.kind === 'catalog'), rejects };
}

const names = (catalog: CatalogRecord | undefined) => catalog?.columns.map(({ name }) => name);

describe('the catalog of a node', () => {
  it('has its own time, not that of a run', () => {
    expect(read({}).catalog?.at).toBe('2026-03-01T06:00:00.444Z');
  });

  it('keeps counts beyond 2^31, as numbers and as text', () => {
    const { catalog } = read({ bytesStat: '9007199254740991', rowCountStat: 5_000_000_000 });
    expect([catalog?.bytes, catalog?.rowCount]).toEqual([9_007_199_254_740_991, 5_000_000_000]);
  });

  it('is no record when no catalog was ever generated', () => {
    const { records } = modelApplied(raw.modelAppliedNode({ catalog: null }));
    expect(records.map(({ kind }) => kind)).not.toContain('catalog');
  });

  it.each([null, []])('is no record when all of it is unknown and columns are %j', (columns) => {
    const nothing = { runId: null, runGeneratedAt: null, bytesStat: null, rowCountStat: null, columns };
    expect(read(nothing).catalog).toBeUndefined();
  });

  it('is a record without columns when a relation has none', () => {
    expect(read({ columns: [] }).catalog?.columns).toEqual([]);
  });

  it('leaves its time unknown when the service does not tell it', () => {
    expect(read({ runGeneratedAt: null }).catalog?.at).toBeNull();
  });
});

describe('the columns of a catalog', () => {
  it('are told with everything that is known of them', () => {
    const full = {
      index: 3,
      type: 'NUMBER(38,0)',
      comment: 'key',
      description: 'the key',
      tags: ['pii'],
      meta: { a: 1 },
    };
    expect(read({ columns: [raw.catalogColumn('Order ID', full)] }).catalog?.columns).toEqual([
      {
        name: 'Order ID',
        position: 3,
        dataType: 'NUMBER(38,0)',
        comment: 'key',
        description: 'the key',
        tags: ['pii'],
        meta: { a: 1 },
      },
    ]);
  });

  it.each<[string, unknown]>([
    ['no name', raw.catalogColumn('x', { name: null })],
    ['a position that is no whole number', raw.catalogColumn('x', { index: 1.5 })],
    ['a position beyond an integer', raw.catalogColumn('x', { index: 2 ** 31 })],
    ['tags that are no texts', raw.catalogColumn('x', { tags: [1] })],
    ['nothing at all', null],
  ])('go on without one that has %s', (_what, broken) => {
    const { catalog, rejects } = read({ columns: [raw.catalogColumn('A'), broken, raw.catalogColumn('B')] });
    expect(names(catalog)).toEqual(['A', 'B']);
    expect(rejects).toEqual([
      {
        resourceType: 'model',
        uniqueId: 'model.shop.orders',
        reason: expect.stringMatching(/^catalog column: /),
        raw: broken,
      },
    ]);
  });

  it('keep the first of two of the same name, and reject the second', () => {
    const [first, second] = [raw.catalogColumn('A', { type: 'INT' }), raw.catalogColumn('A', { type: 'TEXT' })];
    const { catalog, rejects } = read({ columns: [first, second] });
    expect(catalog?.columns.map(({ dataType }) => dataType)).toEqual(['INT']);
    expect(rejects.map(({ reason, raw: refused }) => [reason, refused])).toEqual([
      [expect.stringContaining('A: is in the catalog twice'), second],
    ]);
  });

  it('are two when their names differ in case alone', () => {
    expect(names(read({ columns: [raw.catalogColumn('id'), raw.catalogColumn('ID')] }).catalog)).toEqual(['id', 'ID']);
  });

  it('may be named like a member of every object', () => {
    const columns = ['constructor', '__proto__', 'toString'].map((name) => raw.catalogColumn(name));
    expect(names(read({ columns }).catalog)).toEqual(['constructor', '__proto__', 'toString']);
  });

  it('lose none of the results of a node whose columns are all refused', () => {
    const node = raw.modelAppliedNode({ catalog: raw.catalogNode({ columns: [1, 2] }) });
    expect(modelApplied(node).records.map(({ kind }) => kind)).toEqual(['build', 'catalog', 'result', 'result']);
  });
});
