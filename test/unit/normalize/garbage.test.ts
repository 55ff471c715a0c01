import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../../src/domain/records.ts';
import { modelDefinition } from '../../../src/normalize/model.ts';
import { normalizeOrReject } from '../../../src/normalize/normalized.ts';
import { NASTY, pathsOf, replaced } from './nasty.ts';
import { CASES } from './raw-cases.ts';
import type * as raw from './raw-nodes.ts';
import { refusals } from './refusals.ts';

function refusedFields(records: readonly StoreRecord[]): string[] {
  return records.flatMap((record) => refusals(record).map((field) => `${record.kind}.${field}`));
}

describe.each(CASES)('%s', (_name, resourceType, normalizer, node) => {
  const paths = pathsOf(node);

  it('gives only records that the store takes, whatever nasty value stands in one field', () => {
    const found = paths.flatMap((path) =>
      NASTY.flatMap((value) => {
        const { records } = normalizeOrReject(resourceType, normalizer, replaced(node, path, value));
        return refusedFields(records).map((field) => `${path.join('.')} = ${String(JSON.stringify(value))}: ${field}`);
      }),
    );
    expect(found).toEqual([]);
  });

  it('gives only records that the store takes, whatever JSON stands in one field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const { records } = normalizeOrReject(resourceType, normalizer, replaced(node, path, value));
        expect(refusedFields(records)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('is never lost: what still has a unique id gives a record of it, and anything else a reject', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const broken = replaced(node, path, value) as raw.Raw;
        const { records, rejects = [] } = normalizeOrReject(resourceType, normalizer, broken);
        const { uniqueId } = broken;
        const hasId = typeof uniqueId === 'string' && uniqueId !== '';
        const kept = hasId ? records.filter((record) => record.uniqueId === uniqueId) : rejects;
        expect(kept).not.toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('is taken whole as the service sends it', () => {
    const { records, rejects = [] } = normalizeOrReject(resourceType, normalizer, node);
    expect(rejects).toEqual([]);
    expect(refusedFields(records)).toEqual([]);
    expect(records.some(({ kind }) => kind !== 'seen')).toBe(true);
  });
});

describe('a node that is no object', () => {
  it.each([null, undefined, 1, 'model.shop.orders', [], true])('is rejected with a reason: %j', (node) => {
    const { records, rejects = [] } = normalizeOrReject('model', modelDefinition, node);
    expect({ records, ids: rejects.map(({ uniqueId }) => uniqueId) }).toEqual({ records: [], ids: [null] });
  });
});
