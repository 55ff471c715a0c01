import { describe, expect, it } from 'vitest';
import { catalogEntry } from '../../../../src/normalize/artifacts/catalog.ts';
import { freshnessRow } from '../../../../src/normalize/artifacts/freshness.ts';
import { AT, type Raw } from './elements.ts';

const stat = (id: string, value: unknown) => ({ [id]: { id, label: id, value, include: true, description: '' } });

const entry = (fields: Raw = {}): Raw => ({
  unique_id: 'model.shop.orders',
  metadata: { type: 'BASE TABLE', schema: 'MARTS', name: 'ORDERS', database: 'PROD', comment: null, owner: 'LOADER' },
  columns: {
    ID: { type: 'NUMBER', index: 11, name: 'ID', comment: null },
    NAME: { type: 'TEXT', index: 13, name: 'NAME', comment: 'who' },
  },
  stats: { ...stat('has_stats', true), ...stat('row_count', 10), ...stat('bytes', 2_048) },
  ...fields,
});

const read = (fields: Raw = {}) => catalogEntry('model.shop.orders', entry(fields), { depth: 4, at: AT });

describe('an entry of a catalog', () => {
  it('has columns in the case and at the positions of the warehouse, with its gaps', () => {
    expect(read()).toEqual({
      records: [
        {
          kind: 'catalog',
          uniqueId: 'model.shop.orders',
          at: AT,
          rowCount: 10,
          bytes: 2_048,
          columns: [
            { name: 'ID', position: 11, dataType: 'NUMBER', comment: null },
            { name: 'NAME', position: 13, dataType: 'TEXT', comment: 'who' },
          ],
        },
      ],
      rejects: [],
    });
  });

  it.each<[string, unknown, number | null]>([
    ['an integer', 3_963_763_295, 3_963_763_295],
    ['a float', 12.0, 12],
    ['the true of BigQuery catalogs of dbt 1.8', true, null],
    ['a text', '12', null],
    ['nothing', null, null],
  ])('has as many rows as %s says', (_, value, rows) => {
    expect(read({ stats: stat('num_rows', value) }).records).toMatchObject([{ rowCount: rows, bytes: null }]);
  });

  it('counts columns from 0 in Spark', () => {
    const columns = { a: { type: 'int', index: 0, name: 'a', comment: null } };
    expect(read({ columns }).records).toMatchObject([{ columns: [{ name: 'a', position: 0 }] }]);
  });

  it('without statistics has no counts', () => {
    expect(read({ stats: { ...stat('rows', 5), ...stat('size', 7_000_000) } }).records).toMatchObject([
      { rowCount: 5, bytes: 7_000_000 },
    ]);
    expect(read({ stats: {} }).records).toMatchObject([{ rowCount: null, bytes: null }]);
  });

  it('rejects columns one by one', () => {
    const columns = { a: { type: 'int', index: 1 }, b: { type: 7, index: 2 } };
    const { records, rejects } = read({ columns });
    expect(records).toMatchObject([{ columns: [{ name: 'a' }] }]);
    expect(rejects).toMatchObject([{ resourceType: 'model', uniqueId: 'model.shop.orders' }]);
  });

  it('that is no object is rejected', () => {
    expect(catalogEntry('model.shop.a', [], { depth: 1, at: AT })).toMatchObject({
      records: [],
      rejects: [{ uniqueId: 'model.shop.a' }],
    });
  });
});

const CONTEXT = { runId: 'run-1', jobId: null, executedAt: '2026-03-01T06:00:00Z' };

const check = (fields: Raw = {}): Raw => ({
  unique_id: 'source.shop.raw.orders',
  max_loaded_at: '2026-03-01T00:00:00+00:00',
  snapshotted_at: '2026-03-01T05:59:59.5+00:00',
  max_loaded_at_time_ago_in_s: 21_599.5,
  status: 'warn',
  criteria: { warn_after: { count: 6, period: 'hour' }, error_after: { count: null, period: null }, filter: null },
  adapter_response: {},
  timing: [],
  ...fields,
});

describe('a row of sources.json', () => {
  it('is a freshness check with its limits in seconds', () => {
    expect(freshnessRow(check(), 3, CONTEXT).records).toEqual([
      {
        kind: 'freshness',
        uniqueId: 'source.shop.raw.orders',
        snapshottedAt: '2026-03-01T05:59:59.5+00:00',
        status: 'warn',
        maxLoadedAt: '2026-03-01T00:00:00+00:00',
        ageS: 21_599.5,
        warnAfterS: 21_600,
        errorAfterS: null,
        runId: 'run-1',
        jobId: null,
      },
    ]);
  });

  it('that could not be checked was tried when the file was written', () => {
    const raw = { unique_id: 'source.shop.raw.orders', error: 'no such table', status: 'runtime error' };
    expect(freshnessRow(raw, 1, CONTEXT).records).toMatchObject([
      { status: 'runtime error', snapshottedAt: '2026-03-01T06:00:00Z', maxLoadedAt: null, ageS: null },
    ]);
  });

  it('of an empty table was loaded in the year 1', () => {
    const raw = check({ max_loaded_at: '0001-01-01T00:00:00+00:00', max_loaded_at_time_ago_in_s: 63_908_000_000 });
    expect(freshnessRow(raw, 3, CONTEXT).records).toMatchObject([
      { maxLoadedAt: '0001-01-01T00:00:00+00:00', ageS: 63_908_000_000 },
    ]);
  });

  it('without criteria, as Fusion may write it, has no limits', () => {
    expect(freshnessRow(check({ criteria: null }), 3, CONTEXT).records).toMatchObject([
      { warnAfterS: null, errorAfterS: null },
    ]);
  });

  it('with a time that is none is rejected', () => {
    expect(freshnessRow(check({ max_loaded_at: 'never' }), 3, CONTEXT)).toMatchObject({
      records: [],
      rejects: [{ resourceType: 'source', uniqueId: 'source.shop.raw.orders' }],
    });
  });
});
