import { otherConnections } from './environment-others.ts';
import {
  type Connection,
  catalog,
  common,
  config,
  described,
  executionInfo,
  MODEL_WAREHOUSE,
  meta,
  type NodeJson,
  PROJECT,
  parent,
  runIn,
  type Size,
} from './environment-parts.ts';
import { below, pick, query, seeded, sentence, words } from './random.ts';

const LAYERS = ['staging', 'intermediate', 'marts', 'marts'] as const;
const GENERIC = ['not_null', 'unique', 'accepted_values', 'relationships', 'not_null'] as const;

const modelId = (index: number) => `model.${PROJECT}.${modelName(index)}`;
const modelName = (index: number) => `fct_model_${String(index).padStart(5, '0')}`;
const sourceId = (index: number) => `source.${PROJECT}.erp.table_${index}`;

function modelParents(index: number, { sources }: Size): NodeJson[] {
  const random = seeded(`parents ${index}`);
  const ids = new Map<string, NodeJson>();
  for (let left = 1 + below(random, 3); left > 0; left--) {
    const isSource = sources > 0 && (index === 0 || random() < 0.2);
    if (!isSource && index === 0) break;
    const other = isSource ? below(random, sources) : Math.max(0, index - 1 - below(random, 200));
    const id = isSource ? sourceId(other) : modelId(other);
    ids.set(id, isSource ? parent('source', id, `table_${other}`) : parent('model', id, modelName(other)));
  }
  return [...ids.values()];
}

/** The first model is the one that later revisions change. */
function modelCode(index: number, revision: number): string {
  const code = query(seeded(`model code ${index}`), `{{ ref('${modelName(index + 1)}') }}`, 1_450);
  return index === 0 && revision > 0 ? `${code}\nwhere revision = ${revision}` : code;
}

function definitionModel(index: number, size: Size, revision: number): NodeJson {
  const random = seeded(`model ${index}`);
  const layer = LAYERS[index % LAYERS.length] ?? 'marts';
  return {
    ...common('model', modelId(index), modelName(index)),
    ...described(random, `models/${layer}/${modelName(index)}.sql`, revision),
    packageName: PROJECT,
    ...MODEL_WAREHOUSE,
    alias: modelName(index),
    materializedType: pick(random, ['table', 'view', 'incremental']),
    access: 'protected',
    group: index % 4 === 0 ? `group_${index % 12}` : null,
    version: null,
    latestVersion: null,
    deprecationDate: null,
    contractEnforced: index % 5 === 0,
    rawCode: modelCode(index, revision),
    parents: modelParents(index, size),
  };
}

function appliedModel(index: number, { columnsPerModel }: Size, revision: number): NodeJson {
  const random = seeded(`applied model ${index}`);
  const moved = index === 0 ? revision : 0;
  return {
    ...common('model', modelId(index), modelName(index)),
    dbtVersion: '1.9.4',
    config: config(random, 'table'),
    compiledCode: query(random, 'analytics.marts.other_model', 1_950) + (moved > 0 ? `\n-- ${moved}` : ''),
    isDescriptionInherited: false,
    executionInfo: executionInfo(random, {
      ...{ status: 'success', isFailure: random() < 0.01, revision: index === 0 ? revision : runIn(revision) },
    }),
    catalog: catalog(random, columnsPerModel),
  };
}

const testKind = (index: number) => GENERIC[index % GENERIC.length] ?? 'not_null';
const isSingular = (index: number) => index % 50 === 49;

function testName(index: number, { models }: Size): string {
  if (isSingular(index)) return `assert_${words(seeded(`test ${index}`), 4).join('_')}_${index}`;
  return `${testKind(index)}_${modelName(index % models)}_column_${index}`;
}

function testId(index: number, size: Size): string {
  const suffix = isSingular(index)
    ? ''
    : `.${below(seeded(`hash ${index}`), 0xffff_ffff)
        .toString(16)
        .padStart(10, '0')}`;
  return `test.${PROJECT}.${testName(index, size)}${suffix}`;
}

const testColumn = (index: number) => (isSingular(index) ? null : `column_${index % 20}`);
const testWord = (index: number) => (isSingular(index) ? 'SINGULAR_DATA_TEST' : 'GENERIC_DATA_TEST');

function testParents(index: number, { models }: Size): NodeJson[] {
  const own = index % models;
  const parents = [parent('model', modelId(own), modelName(own))];
  const other = (index * 7 + 3) % models;
  const isRelation = testKind(index) === 'relationships' && !isSingular(index) && other !== own;
  if (isRelation) parents.unshift(parent('model', modelId(other), modelName(other)));
  return parents;
}

function definitionTest(index: number, size: Size, revision: number): NodeJson {
  const random = seeded(`definition test ${index}`);
  return {
    ...common('test', testId(index, size), testName(index, size)),
    ...described(random, 'models/marts/_marts.yml', revision),
    meta: {},
    tags: [],
    description: '',
    dbtVersion: '1.9.4',
    testType: testWord(index),
    columnName: testColumn(index),
    testedNodeUniqueId: isSingular(index) ? null : modelId(index % size.models),
    rawCode: isSingular(index)
      ? query(random, `{{ ref('${modelName(index % size.models)}') }}`, 500)
      : `{{ test_${testKind(index)}(**_dbt_generic_test_kwargs) }}`,
    parents: testParents(index, size),
  };
}

function appliedTest(index: number, size: Size, revision: number): NodeJson {
  const random = seeded(`applied test ${index}`);
  const metadata = {
    name: testKind(index),
    namespace: index % 10 === 0 ? 'dbt_utils' : null,
    kwargs: {
      column_name: testColumn(index),
      model: `{{ get_where_subquery(ref('${modelName(index % size.models)}')) }}`,
    },
  };
  return {
    ...common('test', testId(index, size), testName(index, size)),
    dbtVersion: '1.9.4',
    testType: testWord(index),
    columnName: testColumn(index),
    testMetadata: isSingular(index) ? null : metadata,
    config: config(random, 'test'),
    compiledCode: query(random, 'analytics.marts.other_model', 300),
    testedNodeUniqueId: isSingular(index) ? null : modelId(index % size.models),
    executionInfo: {
      ...executionInfo(random, { status: 'pass', isFailure: random() < 0.02, revision: runIn(revision) }),
      lastRunFailures: 0,
    },
  };
}

function definitionSource(index: number, revision: number): NodeJson {
  const random = seeded(`source ${index}`);
  const { runId: _, ...texts } = described(random, 'models/staging/_sources.yml', revision);
  return {
    ...common('source', sourceId(index), `table_${index}`),
    ...texts,
    dbtVersion: '1.9.4',
    sourceName: 'erp',
    identifier: `table_${index}`,
    database: 'raw',
    schema: 'erp',
    loader: 'fivetran',
  };
}

function appliedSource(index: number, { columnsPerModel }: Size): NodeJson {
  const random = seeded(`applied source ${index}`);
  return {
    ...common('source', sourceId(index), `table_${index}`),
    dbtVersion: '1.9.4',
    catalog: catalog(random, columnsPerModel),
    freshness: {
      freshnessStatus: pick(random, ['Pass', 'Pass', 'Pass', 'Warn']),
      maxLoadedAt: '2025-06-01T02:51:40.000Z',
      maxLoadedAtTimeAgoInS: 4_800 + below(random, 900),
      snapshottedAt: '2025-06-01T04:12:11.482Z',
      freshnessRunId: 70403104000201,
      freshnessJobDefinitionId: 70403103900001,
      freshnessRunGeneratedAt: '2025-06-01T04:12:13.020Z',
      criteria: { warnAfter: { count: 12, period: 'hour' }, errorAfter: { count: 2, period: 'day' } },
    },
  };
}

function exposure(index: number, size: Size, revision: number): { applied: NodeJson; definition: NodeJson } {
  const random = seeded(`exposure ${index}`);
  const { runId: _, ...texts } = described(random, 'models/marts/exposures.yml', revision);
  const id = `exposure.${PROJECT}.dashboard_${index}`;
  const applied = { ...common('exposure', id, `dashboard_${index}`), dbtVersion: '1.9.4' };
  const model = below(random, size.models);
  const told = {
    label: sentence(random, 3),
    exposureType: 'dashboard',
    maturity: 'high',
    url: `https://bi.example.com/dashboards/${index}`,
    ownerName: 'Analytics',
    ownerEmail: 'analytics@example.com',
    packageName: PROJECT,
    meta: meta(random),
    parents: [parent('model', modelId(model), modelName(model))],
  };
  const manifestGeneratedAt = texts.runGeneratedAt;
  return {
    applied: { ...applied, manifestGeneratedAt },
    definition: { ...applied, ...texts, manifestGeneratedAt, ...told },
  };
}

/**
 * Every connection of an environment, by the name of the operation that asks for it. Nodes are made from their index
 * alone, so that any two processes make the same environment. Revision 0 is the first state; each later one is a new
 * manifest in which nothing but the first model has other code and another result.
 */
export function connectionsOf(size: Size, revision: number): Connection[] {
  const { models, tests, sources } = size;
  const exposures = Math.ceil(models / 100);
  return [
    {
      operation: 'DefinitionModels',
      path: 'definition.models',
      total: models,
      node: (i) => definitionModel(i, size, revision),
    },
    { operation: 'AppliedModels', path: 'applied.models', total: models, node: (i) => appliedModel(i, size, revision) },
    {
      operation: 'DefinitionTests',
      path: 'definition.tests',
      total: tests,
      node: (i) => definitionTest(i, size, revision),
    },
    { operation: 'AppliedTests', path: 'applied.tests', total: tests, node: (i) => appliedTest(i, size, revision) },
    {
      operation: 'DefinitionSources',
      path: 'definition.sources',
      total: sources,
      node: (i) => definitionSource(i, revision),
    },
    { operation: 'AppliedSources', path: 'applied.sources', total: sources, node: (i) => appliedSource(i, size) },
    {
      operation: 'DefinitionExposures',
      path: 'definition.exposures',
      total: exposures,
      node: (i) => exposure(i, size, revision).definition,
    },
    {
      operation: 'AppliedExposures',
      path: 'applied.exposures',
      total: exposures,
      node: (i) => exposure(i, size, revision).applied,
    },
    ...otherConnections(size, revision, (i) => parent('model', modelId(i % models), modelName(i % models))),
  ];
}
