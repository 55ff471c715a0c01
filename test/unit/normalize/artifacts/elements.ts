import type { BuildRecord, DefinitionRecord } from '../../../../src/domain/records.ts';
import type { Element } from '../../../../src/normalize/artifacts/collections.ts';
import { normalizeElement } from '../../../../src/normalize/artifacts/collections.ts';
import type { ManifestContext } from '../../../../src/normalize/artifacts/element.ts';

/** Elements as dbt 1.9 writes them into a manifest, one builder per type; every argument replaces top-level fields. */
export type Raw = Record<string, unknown>;
export type Build = (fields?: Raw) => Raw;

export const AT = '2026-03-01T04:00:00.123456Z';

const element = (type: string, name: string): Raw => ({
  unique_id: `${type}.shop.${name}`,
  name,
  resource_type: type,
  package_name: 'shop',
  path: `${name}.sql`,
  original_file_path: `models/${name}.sql`,
  fqn: ['shop', name],
  description: `what ${name} is`,
  tags: ['daily'],
  meta: {},
  created_at: 1772337600.5,
  depends_on: { macros: [null], nodes: [] },
});

const relation = { database: 'prod', schema: 'marts', alias: 'orders', relation_name: '"prod"."marts"."orders"' };

export const model: Build = (fields = {}) => ({
  ...element('model', 'orders'),
  ...relation,
  config: { materialized: 'table', enabled: true, access: 'protected' },
  columns: {},
  raw_code: 'select 1',
  language: 'sql',
  access: 'protected',
  group: null,
  version: null,
  latest_version: null,
  deprecation_date: null,
  contract: { enforced: false, alias_types: true, checksum: null },
  ...fields,
});

export const seed: Build = (fields = {}) => ({
  ...element('seed', 'zones'),
  ...relation,
  alias: 'zones',
  config: { materialized: 'seed' },
  columns: {},
  raw_code: '',
  depends_on: { macros: [] },
  ...fields,
});

export const dataTest: Build = (fields = {}) => ({
  ...element('test', 'not_null_orders_id.abc1234567'),
  name: 'not_null_orders_id',
  config: { severity: 'ERROR', materialized: 'test' },
  columns: {},
  raw_code: '{{ test_not_null(**_dbt_generic_test_kwargs) }}',
  test_metadata: {
    name: 'not_null',
    kwargs: { column_name: 'id', model: "{{ get_where_subquery(ref('orders')) }}" },
    namespace: null,
  },
  column_name: 'id',
  file_key_name: 'models.orders',
  attached_node: 'model.shop.orders',
  depends_on: { macros: ['macro.dbt.test_not_null'], nodes: ['model.shop.orders'] },
  ...fields,
});

export const source: Build = (fields = {}) => ({
  ...element('source', 'raw.orders'),
  name: 'orders',
  source_name: 'raw',
  identifier: 'orders_v3',
  database: 'prod',
  schema: 'raw',
  loader: 'fivetran',
  relation_name: '"prod"."raw"."orders_v3"',
  freshness: { warn_after: { count: 6, period: 'hour' }, error_after: { count: 1, period: 'day' }, filter: null },
  columns: {},
  config: { enabled: true },
  ...fields,
});

export const exposure: Build = (fields = {}) => ({
  ...element('exposure', 'sales_board'),
  type: 'dashboard',
  maturity: 'high',
  url: 'https://bi.example/1',
  label: 'Sales',
  owner: { name: 'Ada', email: 'ada@example.com' },
  config: { enabled: true },
  depends_on: { macros: [], nodes: ['model.shop.orders'] },
  ...fields,
});

export const metric: Build = (fields = {}) => ({
  ...element('metric', 'revenue'),
  type: 'simple',
  label: 'Revenue',
  type_params: { measure: { name: 'amount' } },
  filter: null,
  group: 'finance',
  config: { enabled: true },
  depends_on: { macros: [], nodes: ['semantic_model.shop.orders'] },
  ...fields,
});

export const semanticModel: Build = (fields = {}) => ({
  ...element('semantic_model', 'orders'),
  tags: undefined,
  entities: [{ name: 'order', type: 'primary', description: null, expr: 'order_id', role: null }],
  dimensions: [{ name: 'day', type: 'time', description: null, expr: null, type_params: { time_granularity: 'day' } }],
  measures: [{ name: 'amount', agg: 'sum', expr: 'amount', description: null, create_metric: true, agg_params: null }],
  config: { enabled: true, meta: {} },
  depends_on: { macros: [], nodes: ['model.shop.orders'] },
  ...fields,
});

export const savedQuery: Build = (fields = {}) => ({
  ...element('saved_query', 'by_day'),
  query_params: { metrics: ['revenue'], group_by: ['day'], where: null, order_by: [], limit: null },
  exports: [
    { name: 'by_day', config: { export_as: 'TABLE', schema_name: 'exports', alias: 'by_day', database: null } },
  ],
  group: null,
  config: { enabled: true },
  depends_on: { macros: [], nodes: ['metric.shop.revenue'] },
  ...fields,
});

export const group: Build = (fields = {}) => ({
  ...element('group', 'finance'),
  tags: undefined,
  meta: undefined,
  depends_on: undefined,
  owner: { name: 'Finance', email: 'finance@example.com' },
  ...fields,
});

export const macro: Build = (fields = {}) => ({
  ...element('macro', 'cents_to_euros'),
  macro_sql: '{% macro cents_to_euros(x) %}{% endmacro %}',
  arguments: [{ name: 'x', type: 'string', description: '' }],
  ...fields,
});

export const unitTest: Build = (fields = {}) => ({
  ...element('unit_test', 'orders.sums_up'),
  model: 'orders',
  given: [{ input: "ref('stg_orders')", rows: [{ id: 1 }] }],
  expect: { rows: [{ id: 1 }] },
  config: { enabled: true, tags: ['daily'], meta: {} },
  depends_on: { macros: [], nodes: ['model.shop.orders'] },
  ...fields,
});

export const CONTEXT: ManifestContext = { version: 12, at: AT, runId: 'run-1', isBuild: true };

const COLLECTIONS: Readonly<Record<string, string>> = {
  source: 'sources',
  exposure: 'exposures',
  metric: 'metrics',
  semantic_model: 'semantic_models',
  saved_query: 'saved_queries',
  unit_test: 'unit_tests',
  function: 'functions',
  group: 'groups',
  macro: 'macros',
};

/** Where an element lies, by what it says of itself. */
export function placed(raw: Raw): Element {
  const collection = COLLECTIONS[String(raw.resource_type)] ?? 'nodes';
  return { collection, key: String(raw.unique_id), raw, depth: 3 };
}

export function normalize(raw: Raw, context: Partial<ManifestContext> = {}) {
  return normalizeElement(placed(raw), { ...CONTEXT, ...context });
}

/** The definition and the build group of an element that is taken whole. */
export function readWhole(raw: Raw, context: Partial<ManifestContext> = {}) {
  const { records, rejects = [] } = normalize(raw, context);
  if (rejects.length > 0) throw new Error(rejects.map(({ reason }) => reason).join('; '));
  const definition = records.find((record): record is DefinitionRecord => record.kind === 'definition');
  if (definition === undefined) throw new Error('there is no definition');
  return { definition, build: records.find((record): record is BuildRecord => record.kind === 'build') };
}
