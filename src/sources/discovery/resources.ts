import type { ResourceType } from '../../domain/records.ts';
import {
  AppliedExposuresDocument,
  AppliedModelsDocument,
  AppliedSeedsDocument,
  AppliedSnapshotsDocument,
  AppliedSourcesDocument,
  AppliedTestsDocument,
  DefinitionExposuresDocument,
  DefinitionGroupsDocument,
  DefinitionMacrosDocument,
  DefinitionMetricsDocument,
  DefinitionModelsDocument,
  DefinitionSavedQueriesDocument,
  DefinitionSeedsDocument,
  DefinitionSemanticModelsDocument,
  DefinitionSnapshotsDocument,
  DefinitionSourcesDocument,
  DefinitionTestsDocument,
} from '../../generated/discovery.ts';
import { exposureDefinition } from '../../normalize/exposure.ts';
import { groupDefinition } from '../../normalize/group.ts';
import { macroDefinition } from '../../normalize/macro.ts';
import { metricDefinition } from '../../normalize/metric.ts';
import { modelApplied, modelAppliedDefinition, modelDefinition } from '../../normalize/model.ts';
import type { Normalizer } from '../../normalize/normalized.ts';
import { savedQueryDefinition } from '../../normalize/saved-query.ts';
import { seedApplied, seedDefinition } from '../../normalize/seed.ts';
import { semanticModelDefinition } from '../../normalize/semantic-model.ts';
import { snapshotApplied, snapshotDefinition } from '../../normalize/snapshot.ts';
import { sourceApplied, sourceDefinition } from '../../normalize/source.ts';
import { testApplied, testDefinition } from '../../normalize/test.ts';
import type { Document } from './client.ts';
import type { Connection } from './paginate.ts';

type Answer = { environment: { [State in 'applied' | 'definition']?: { [connection: string]: unknown } | null } };

/** One connection: how to ask, where the answer is, what becomes of its nodes. */
export interface ConnectionSpec {
  readonly state: 'definition' | 'applied';
  readonly connection: string;
  readonly document: Document<Answer>;
  readonly normalize: Normalizer;
}

/** A resource type of the Discovery API. */
export interface Resource {
  readonly definition: ConnectionSpec;
  readonly applied?: ConnectionSpec;
  /** Reads the definition that the applied connection tells when it is asked for it. */
  readonly appliedDefinition?: Normalizer;
}

const definition = (connection: string, document: Document<unknown>, normalize: Normalizer): ConnectionSpec => ({
  state: 'definition',
  connection,
  document: document as Document<Answer>,
  normalize,
});

const applied = (connection: string, document: Document<unknown>, normalize: Normalizer): ConnectionSpec => ({
  state: 'applied',
  connection,
  document: document as Document<Answer>,
  normalize,
});

/** An applied exposure says nothing that its definition does not. */
const nothing: Normalizer = () => ({ records: [] });

/** The resource types that Discovery states. Of macros, metrics and the like it has definitions only. */
export const RESOURCES = {
  model: {
    definition: definition('models', DefinitionModelsDocument, modelDefinition),
    applied: applied('models', AppliedModelsDocument, modelApplied),
    appliedDefinition: modelAppliedDefinition,
  },
  source: {
    definition: definition('sources', DefinitionSourcesDocument, sourceDefinition),
    applied: applied('sources', AppliedSourcesDocument, sourceApplied),
    appliedDefinition: sourceDefinition,
  },
  seed: {
    definition: definition('seeds', DefinitionSeedsDocument, seedDefinition),
    applied: applied('seeds', AppliedSeedsDocument, seedApplied),
    appliedDefinition: seedDefinition,
  },
  snapshot: {
    definition: definition('snapshots', DefinitionSnapshotsDocument, snapshotDefinition),
    applied: applied('snapshots', AppliedSnapshotsDocument, snapshotApplied),
    appliedDefinition: snapshotDefinition,
  },
  test: {
    definition: definition('tests', DefinitionTestsDocument, testDefinition),
    applied: applied('tests', AppliedTestsDocument, testApplied),
    appliedDefinition: testDefinition,
  },
  exposure: {
    definition: definition('exposures', DefinitionExposuresDocument, exposureDefinition),
    applied: applied('exposures', AppliedExposuresDocument, nothing),
    appliedDefinition: exposureDefinition,
  },
  metric: { definition: definition('metrics', DefinitionMetricsDocument, metricDefinition) },
  semantic_model: {
    definition: definition('semanticModels', DefinitionSemanticModelsDocument, semanticModelDefinition),
  },
  saved_query: { definition: definition('savedQueries', DefinitionSavedQueriesDocument, savedQueryDefinition) },
  group: { definition: definition('groups', DefinitionGroupsDocument, groupDefinition) },
  macro: { definition: definition('macros', DefinitionMacrosDocument, macroDefinition) },
} satisfies Record<Exclude<ResourceType, 'analysis' | 'operation' | 'function'>, Resource>;

/** The connection in an answer; null or undefined when the service sent none. */
export function connectionOf(answer: Answer, { state, connection }: ConnectionSpec): Connection | null | undefined {
  return answer.environment?.[state]?.[connection] as Connection | null | undefined;
}
