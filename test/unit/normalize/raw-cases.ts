import type { ResourceType } from '../../../src/domain/records.ts';
import { exposureDefinition } from '../../../src/normalize/exposure.ts';
import { groupDefinition } from '../../../src/normalize/group.ts';
import { macroDefinition } from '../../../src/normalize/macro.ts';
import { metricDefinition } from '../../../src/normalize/metric.ts';
import { modelApplied, modelAppliedDefinition, modelDefinition } from '../../../src/normalize/model.ts';
import type { Normalizer } from '../../../src/normalize/normalized.ts';
import { savedQueryDefinition } from '../../../src/normalize/saved-query.ts';
import { seedApplied, seedDefinition } from '../../../src/normalize/seed.ts';
import { semanticModelDefinition } from '../../../src/normalize/semantic-model.ts';
import { snapshotApplied, snapshotDefinition } from '../../../src/normalize/snapshot.ts';
import { sourceApplied, sourceDefinition } from '../../../src/normalize/source.ts';
import { testApplied, testDefinition } from '../../../src/normalize/test.ts';
import * as raw from './raw-nodes.ts';

const external = raw.externalParent('model.finance.ledger');
const parents = [raw.parentNode('model.shop.stg_orders'), external];
const where = { whereFilters: [{ whereSqlTemplate: 'a > 1' }] };

/** Every normalizer with a node as the service sends it. */
export const CASES: readonly (readonly [string, ResourceType, Normalizer, raw.Raw])[] = [
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
