import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResourceType, StoreRecord } from '../../../src/domain/records.ts';
import { exposureDefinition } from '../../../src/normalize/exposure.ts';
import { groupDefinition } from '../../../src/normalize/group.ts';
import { macroDefinition } from '../../../src/normalize/macro.ts';
import { metricDefinition } from '../../../src/normalize/metric.ts';
import { modelApplied, modelAppliedDefinition, modelDefinition } from '../../../src/normalize/model.ts';
import { type Normalizer, normalizeOrReject } from '../../../src/normalize/normalized.ts';
import { savedQueryDefinition } from '../../../src/normalize/saved-query.ts';
import { seedApplied, seedDefinition } from '../../../src/normalize/seed.ts';
import { semanticModelDefinition } from '../../../src/normalize/semantic-model.ts';
import { snapshotApplied, snapshotDefinition } from '../../../src/normalize/snapshot.ts';
import { sourceApplied, sourceDefinition } from '../../../src/normalize/source.ts';
import { testApplied, testDefinition } from '../../../src/normalize/test.ts';
import { NASTY, pathsOf, replaced } from './nasty.ts';
import * as raw from './raw-nodes.ts';
import { refusals } from './refusals.ts';

const external = raw.externalParent('model.finance.ledger');
const parents = [raw.parentNode('model.shop.stg_orders'), external];
const where = { whereFilters: [{ whereSqlTemplate: 'a > 1' }] };

const CASES: readonly (readonly [string, ResourceType, Normalizer, raw.Raw])[] = [
  ['a model definition', 'model', modelDefinition, raw.modelDefinitionNode({ parents })],
  ['an applied model', 'model', modelApplied, raw.modelAppliedNode()],
  ['the definition of an applied model', 'model', modelAppliedDefinition, raw.modelAppliedDefinitionNode({ parents })],
  ['a seed definition', 'seed', seedDefinition, raw.seedDefinitionNode()],
  ['an applied seed', 'seed', seedApplied, raw.seedAppliedNode()],
  ['a snapshot definition', 'snapshot', snapshotDefinition, raw.snapshotDefinitionNode({ parents })],
  ['an applied snapshot', 'snapshot', snapshotApplied, raw.snapshotAppliedNode()],
  ['a source definition', 'source', sourceDefinition, raw.sourceDefinitionNode()],
  ['an applied source', 'source', sourceApplied, raw.sourceAppliedNode()],
  ['a test definition', 'test', testDefinition, raw.testDefinitionNode({ parents })],
  ['an applied test', 'test', testApplied, raw.testAppliedNode()],
  ['an exposure', 'exposure', exposureDefinition, raw.exposureDefinitionNode({ parents })],
  ['a metric', 'metric', metricDefinition, raw.metricDefinitionNode({ parents })],
  ['a semantic model', 'semantic_model', semanticModelDefinition, raw.semanticModelDefinitionNode({ parents })],
  [
    'a saved query',
    'saved_query',
    savedQueryDefinition,
    raw.savedQueryDefinitionNode({ parents, queryParams: { metrics: [], groupBy: [], orderBy: [], limit: 3, where } }),
  ],
  ['a group', 'group', groupDefinition, raw.groupDefinitionNode()],
  ['a macro', 'macro', macroDefinition, raw.macroDefinitionNode()],
];

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
