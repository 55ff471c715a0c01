/** Nodes as the Discovery API sends them, one builder per document; every argument replaces top-level fields. */
export type Raw = Record<string, unknown>;
export type Build = (fields?: Raw) => Raw;

export const DEFINED_AT = '2026-03-01T04:00:00.111Z';
export const FAILED_AT = '2026-03-02T04:00:00.222Z';
export const BUILT_AT = '2026-03-01T05:00:00.333Z';

const identity = (resourceType: string, name: string): Raw => ({
  uniqueId: `${resourceType}.shop.${name}`,
  name,
  resourceType,
  accountId: 11,
  projectId: 22,
});

const definition = (resourceType: string, name: string): Raw => ({
  ...identity(resourceType, name),
  runId: 700,
  runGeneratedAt: DEFINED_AT,
  jobDefinitionId: 7,
  packageName: 'shop',
  description: `what ${name} is`,
  tags: ['daily'],
  meta: {},
  filePath: `models/${name}.sql`,
});

/** A parent of this project. */
export const parentNode = (uniqueId: string, fields: Raw = {}): Raw => ({
  __typename: 'ModelDefinitionNestedNode',
  uniqueId,
  resourceType: uniqueId.split('.')[0],
  name: uniqueId.split('.').at(-1),
  ...fields,
});

/** A parent of another project of the account. */
export const externalParent = (uniqueId: string, fields: Raw = {}): Raw =>
  parentNode(uniqueId, {
    __typename: 'ExternalModelNode',
    accountId: 11,
    projectId: 33,
    dbtProjectName: 'finance',
    packageName: 'finance',
    description: 'public model',
    database: 'prod',
    schema: 'finance',
    identifier: 'ledger',
    version: null,
    latestVersion: null,
    filePath: '',
    tags: [],
    meta: {},
    runGeneratedAt: DEFINED_AT,
    ...fields,
  });

/** An attempt that failed after a success: both clocks differ. */
export const execution: Build = (fields = {}) => ({
  lastRunId: 902,
  lastRunStatus: 'error',
  lastRunError: 'relation does not exist',
  lastRunGeneratedAt: FAILED_AT,
  lastJobDefinitionId: 8,
  runGeneratedAt: BUILT_AT,
  executeStartedAt: '2026-03-01T04:59:00.000Z',
  executeCompletedAt: '2026-03-01T04:59:30.000Z',
  executionTime: 30.5,
  lastSuccessRunId: 901,
  lastSuccessJobDefinitionId: 9,
  ...fields,
});

/** A node that dbt never ran. */
export const neverRan: Build = (fields = {}) =>
  Object.fromEntries(Object.keys(execution()).map((key) => [key, fields[key] ?? null]));

export const catalogColumn = (name: string, fields: Raw = {}): Raw => ({
  name,
  index: 1,
  type: 'TEXT',
  comment: null,
  description: '',
  tags: [],
  meta: {},
  ...fields,
});

export const catalogNode: Build = (fields = {}) => ({
  runId: 950,
  runGeneratedAt: '2026-03-01T06:00:00.444Z',
  bytesStat: 2048,
  rowCountStat: 10,
  comment: null,
  owner: 'loader',
  type: 'table',
  columns: [catalogColumn('ID')],
  ...fields,
});

const relation = { database: 'prod', schema: 'marts', alias: 'orders' };

export const modelDefinitionNode: Build = (fields = {}) => ({
  ...definition('model', 'orders'),
  ...relation,
  materializedType: 'table',
  access: 'protected',
  group: null,
  version: null,
  latestVersion: null,
  deprecationDate: null,
  contractEnforced: false,
  rawCode: 'select 1',
  parents: [],
  ...fields,
});

export const modelAppliedNode: Build = (fields = {}) => ({
  ...identity('model', 'orders'),
  dbtVersion: '1.9.0',
  config: { materialized: 'table' },
  compiledCode: 'select 1',
  isDescriptionInherited: false,
  executionInfo: execution(),
  catalog: catalogNode(),
  ...fields,
});

/** A model that only the applied state knows, asked for its definition too. */
export const modelAppliedDefinitionNode: Build = (fields = {}) => {
  const { runId: _run, runGeneratedAt: _at, jobDefinitionId: _job, ...told } = modelDefinitionNode();
  return { ...modelAppliedNode(), ...told, ...fields };
};

export const seedDefinitionNode: Build = (fields = {}) => ({ ...definition('seed', 'zones'), ...relation, ...fields });

export const seedAppliedNode: Build = (fields = {}) => ({
  ...identity('seed', 'zones'),
  dbtVersion: '1.9.0',
  executionInfo: execution(),
  catalog: catalogNode(),
  ...fields,
});

export const snapshotDefinitionNode: Build = (fields = {}) => ({
  ...definition('snapshot', 'orders_snapshot'),
  ...relation,
  rawCode: 'select 1',
  parents: [],
  ...fields,
});

export const snapshotAppliedNode: Build = (fields = {}) => ({
  ...modelAppliedNode(),
  ...identity('snapshot', 'orders_snapshot'),
  ...fields,
});

export const sourceDefinitionNode: Build = (fields = {}) => ({
  ...definition('source', 'raw.orders'),
  name: 'orders',
  sourceName: 'raw',
  identifier: 'orders',
  database: 'prod',
  schema: 'raw',
  loader: 'fivetran',
  sourceDescription: '',
  ...fields,
});

export const freshnessNode: Build = (fields = {}) => ({
  freshnessStatus: 'Warn',
  freshnessChecked: true,
  maxLoadedAt: '2026-03-01T00:00:00.000Z',
  maxLoadedAtTimeAgoInS: 21_600.25,
  snapshottedAt: '2026-03-01T06:00:00.250Z',
  freshnessRunId: 960,
  freshnessJobDefinitionId: 6,
  freshnessRunGeneratedAt: '2026-03-01T06:00:01.000Z',
  criteria: { warnAfter: { count: 6, period: 'hour' }, errorAfter: { count: 1, period: 'day' } },
  ...fields,
});

export const sourceAppliedNode: Build = (fields = {}) => ({
  ...identity('source', 'raw.orders'),
  dbtVersion: '1.9.0',
  catalog: catalogNode(),
  freshness: freshnessNode(),
  ...fields,
});

export const testDefinitionNode: Build = (fields = {}) => ({
  ...definition('test', 'not_null_orders_id.abc123'),
  testType: 'GENERIC_DATA_TEST',
  columnName: 'id',
  testedNodeUniqueId: 'model.shop.orders',
  rawCode: '{{ test_not_null(**_dbt_generic_test_kwargs) }}',
  model: null,
  parents: [parentNode('model.shop.orders')],
  ...fields,
});

export const testAppliedNode: Build = (fields = {}) => ({
  ...identity('test', 'not_null_orders_id.abc123'),
  dbtVersion: '1.9.0',
  testType: 'GENERIC_DATA_TEST',
  columnName: 'id',
  testedNodeUniqueId: 'model.shop.orders',
  testMetadata: { name: 'not_null', namespace: null, kwargs: { column_name: 'id' }, columnName: 'id' },
  config: { severity: 'ERROR' },
  compiledCode: 'select 1',
  executionInfo: execution({ lastRunStatus: 'fail', lastRunFailures: 3 }),
  ...fields,
});

export const exposureDefinitionNode: Build = (fields = {}) => ({
  ...definition('exposure', 'sales_board'),
  manifestGeneratedAt: '2026-03-01T03:00:00.000Z',
  label: 'Sales',
  exposureType: 'dashboard',
  maturity: 'high',
  url: 'https://bi.example/1',
  ownerName: 'Ada',
  ownerEmail: 'ada@example.com',
  parents: [parentNode('model.shop.orders')],
  ...fields,
});

export const metricDefinitionNode: Build = (fields = {}) => ({
  ...definition('metric', 'revenue'),
  group: 'finance',
  type: 'simple',
  typeParams: { measure: { name: 'amount' } },
  filter: null,
  formula: null,
  parents: [parentNode('semantic_model.shop.orders')],
  ...fields,
});

export const semanticModelDefinitionNode: Build = (fields = {}) => ({
  ...definition('semantic_model', 'orders'),
  entities: [{ name: 'order', type: 'primary', description: null }],
  dimensions: [{ name: 'day', type: 'time', description: null, typeParams: { time_granularity: 'day' } }],
  measures: [{ name: 'amount', agg: 'sum', expr: 'amount', description: null, createMetric: true }],
  parents: [parentNode('model.shop.orders')],
  ...fields,
});

export const savedQueryDefinitionNode: Build = (fields = {}) => ({
  ...definition('saved_query', 'by_day'),
  group: null,
  queryParams: { metrics: ['revenue'], groupBy: ['day'], orderBy: null, limit: null, where: null },
  exports: [{ name: 'by_day', config: { alias: 'by_day', database: null, exportAs: 'TABLE', schema: 'exports' } }],
  parents: [parentNode('metric.shop.revenue')],
  ...fields,
});

export const groupDefinitionNode: Build = (fields = {}) => ({
  ...definition('group', 'finance'),
  ownerName: 'Finance',
  ownerEmail: 'finance@example.com',
  modelCount: 3,
  ...fields,
});

export const macroDefinitionNode: Build = (fields = {}) => ({
  ...definition('macro', 'cents_to_euros'),
  macroSql: '{% macro cents_to_euros(x) %}{% endmacro %}',
  arguments: [{ name: 'x', type: 'string', description: '' }],
  ...fields,
});
