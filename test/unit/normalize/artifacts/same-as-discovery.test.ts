import { describe, expect, it } from 'vitest';
import type { BuildRecord, DefinitionRecord } from '../../../../src/domain/records.ts';
import { exposureDefinition } from '../../../../src/normalize/exposure.ts';
import { groupDefinition } from '../../../../src/normalize/group.ts';
import { coreHash } from '../../../../src/normalize/hash.ts';
import { macroDefinition } from '../../../../src/normalize/macro.ts';
import { metricDefinition } from '../../../../src/normalize/metric.ts';
import { modelDefinition } from '../../../../src/normalize/model.ts';
import type { Normalizer } from '../../../../src/normalize/normalized.ts';
import { savedQueryDefinition } from '../../../../src/normalize/saved-query.ts';
import { seedDefinition } from '../../../../src/normalize/seed.ts';
import { semanticModelDefinition } from '../../../../src/normalize/semantic-model.ts';
import { snapshotDefinition } from '../../../../src/normalize/snapshot.ts';
import { sourceApplied, sourceDefinition } from '../../../../src/normalize/source.ts';
import { testApplied, testDefinition } from '../../../../src/normalize/test.ts';
import * as discovery from '../raw-nodes.ts';
import * as manifest from './elements.ts';
import { readWhole } from './elements.ts';

const code = { raw_code: 'select 1', rawCode: 'select 1' };
const shared = { meta: { owner: 'ada@example.com' }, tags: ['b', 'a'] };
const onModel = { depends_on: { macros: [], nodes: ['model.shop.stg_orders', 'model.shop.stg_orders'] } };
const byModel = { parents: [discovery.parentNode('model.shop.stg_orders')] };

/** One node as both sources tell it: Discovery's normalizer and node, and the element of the manifest. */
const PAIRS: readonly (readonly [string, Normalizer, discovery.Raw, manifest.Raw])[] = [
  [
    'a model',
    modelDefinition,
    discovery.modelDefinitionNode({ ...shared, ...code, ...byModel, group: 'finance', contractEnforced: true }),
    manifest.model({ ...shared, ...code, ...onModel, group: 'finance', contract: { enforced: true } }),
  ],
  ['a seed', seedDefinition, discovery.seedDefinitionNode({ ...shared, alias: 'zones' }), manifest.seed({ ...shared })],
  [
    'a snapshot',
    snapshotDefinition,
    discovery.snapshotDefinitionNode({ ...shared, ...byModel }),
    manifest.model({
      ...shared,
      ...onModel,
      unique_id: 'snapshot.shop.orders_snapshot',
      name: 'orders_snapshot',
      resource_type: 'snapshot',
      description: 'what orders_snapshot is',
      original_file_path: 'models/orders_snapshot.sql',
    }),
  ],
  [
    'a source',
    sourceDefinition,
    discovery.sourceDefinitionNode({ ...shared }),
    {
      ...manifest.source({ ...shared, identifier: 'orders' }),
      description: 'what raw.orders is',
    },
  ],
  [
    'a test',
    testDefinition,
    discovery.testDefinitionNode({ ...shared, uniqueId: 'test.shop.not_null_orders_id.abc1234567', description: '' }),
    manifest.dataTest({
      ...shared,
      name: 'not_null_orders_id.abc123',
      description: '',
      original_file_path: 'models/not_null_orders_id.abc123.sql',
    }),
  ],
  ['an exposure', exposureDefinition, discovery.exposureDefinitionNode(shared), manifest.exposure(shared)],
  ['a metric', metricDefinition, discovery.metricDefinitionNode(shared), manifest.metric(shared)],
  [
    'a semantic model',
    semanticModelDefinition,
    discovery.semanticModelDefinitionNode({ tags: [] }),
    manifest.semanticModel(),
  ],
  ['a saved query', savedQueryDefinition, discovery.savedQueryDefinitionNode(shared), manifest.savedQuery(shared)],
  [
    'a group',
    groupDefinition,
    discovery.groupDefinitionNode({ meta: { a: 1 } }),
    manifest.group({ config: { meta: { a: 1 } } }),
  ],
  ['a macro', macroDefinition, discovery.macroDefinitionNode(shared), manifest.macro(shared)],
];

/** What only artifacts state. */
const ONLY_ARTIFACTS = new Set(['details', 'label', 'groupName']);
/** Parts of the semantic layer that Discovery lacks. */
const LACKING = new Set(['expr', 'agg_params']);

function common(record: DefinitionRecord, other: DefinitionRecord): unknown {
  const keys = Object.keys(record.facts).filter((key) => key in other.facts || !ONLY_ARTIFACTS.has(key));
  const facts = Object.fromEntries(keys.map((key) => [key, record.facts[key as keyof typeof record.facts]]));
  const text = JSON.stringify(facts, (key, value: unknown) => (LACKING.has(key) ? undefined : value));
  return { ...record, columns: undefined, at: null, runId: null, facts: JSON.parse(text) as unknown };
}

describe.each(PAIRS)('%s', (_, normalizer, node, element) => {
  const told = normalizer(node).records.find((record) => record.kind === 'definition') as DefinitionRecord;
  const { definition } = readWhole(element);

  it('is the same record from both sources', () => {
    expect(common(definition, told)).toEqual(common(told, definition));
  });

  it('has the same hash of the common core', () => {
    expect(coreHash(definition)).toBe(coreHash(told));
  });
});

describe('the build group', () => {
  const builtBy = (normalizer: Normalizer, node: discovery.Raw) =>
    normalizer(node).records.find((record): record is BuildRecord => record.kind === 'build')?.facts;

  it('of a test is the same from both sources', () => {
    const element = manifest.dataTest({
      config: { severity: 'ERROR' },
      compiled_code: 'select 1',
      test_metadata: { name: 'not_null', namespace: null, kwargs: { column_name: 'id' } },
    });
    const { relationName: _, ...facts } = readWhole(element).build?.facts ?? {};
    expect(facts).toEqual(builtBy(testApplied, discovery.testAppliedNode()));
  });

  it('of a source has the same limits from both sources', () => {
    expect(readWhole(manifest.source()).build?.facts).toMatchObject(
      builtBy(sourceApplied, discovery.sourceAppliedNode()) ?? {},
    );
  });
});
