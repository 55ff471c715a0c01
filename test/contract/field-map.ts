import { analytics } from './field-map-analytics.ts';
import {
  APPLIED,
  absent,
  both,
  builtOf,
  CATALOGED,
  type Columns,
  configured,
  counted,
  DEFINED_ONLY,
  derived,
  everywhere,
  execution,
  identity,
  linked,
  NO_CODE,
  NO_CONFIG,
  NO_MODEL,
  nodes,
  nodesOf,
  of,
  parents,
  testCounts,
  typeName,
  worst,
} from './field-map-nodes.ts';
import { results, runViews } from './field-map-runs.ts';

const walked = derived('the verdicts of what is upstream');
const passMade = derived('the pass itself');

const freshness = (field: string) => of('Applied', 'Sources', `freshness.${field}`);
const limits: Columns = {
  warn_after_s: [...freshness('criteria.warnAfter.count'), ...freshness('criteria.warnAfter.period')],
  error_after_s: [...freshness('criteria.errorAfter.count'), ...freshness('criteria.errorAfter.period')],
};
const check: Columns = {
  max_loaded_at: freshness('maxLoadedAt'),
  snapshotted_at: [...freshness('snapshottedAt'), ...freshness('freshnessRunGeneratedAt')],
  age_s: freshness('maxLoadedAtTimeAgoInS'),
  ...limits,
};

const tests = (path: string) => both('Tests', path);
const tested: Columns = {
  test_name: of('Applied', 'Tests', 'testMetadata.name'),
  column_name: tests('columnName'),
  tested_unique_id: [...tests('testedNodeUniqueId'), ...tests('parents.uniqueId')],
  tested_name: derived('the tested node'),
};

/** A type that has a definition only. */
function definedOf(type: string): Columns {
  const told = (path: string) => of('Definition', type, path);
  return {
    integration: configured,
    unique_id: told('uniqueId'),
    name: told('name'),
    description: told('description'),
    package_name: told('packageName'),
    meta: told('meta'),
    file_path: told('filePath'),
  };
}

const semanticOf = (type: string): Columns => ({
  ...definedOf(type),
  label: absent('labels of metrics and of what is built on them'),
  group_name: of('Definition', type, 'group'),
  owner_name: derived('group or meta'),
  owner_email: derived('group or meta'),
  tags: of('Definition', type, 'tags'),
  dbt_url: linked,
});

const named = (side: 'parent' | 'child'): Columns => ({
  [`${side}_unique_id`]: side === 'parent' ? parents('uniqueId') : everywhere('uniqueId'),
  [`${side}_resource_type`]: derived('the node'),
  [`${side}_name`]: derived('the node'),
});
const relation = (side: 'parent' | 'child'): Columns =>
  Object.fromEntries(
    ['unique_id', 'database', 'schema', 'identifier'].map((part) => [`${side}_${part}`, derived('lineage and nodes')]),
  );

const column = (field: string) => of('Applied', CATALOGED, `catalog.columns.${field}`);
const parts = (type: string, field: string, names: string) =>
  names.split(' ').flatMap((name) => of('Definition', type, `${field}.${name}`));
const project = (field: string) => [...both(APPLIED, field), ...of('Definition', `${DEFINED_ONLY} Groups`, field)];
const SAY_NO_VERSION = ['DefinitionModels', 'DefinitionSeeds', 'DefinitionSnapshots', 'DefinitionGroups'];
const dbtVersions = project('dbtVersion').filter((path) => !SAY_NO_VERSION.includes(path.split('.')[0] ?? ''));

const all = (how: string, names: string): Columns =>
  Object.fromEntries(names.split(' ').map((name) => [name, derived(how)]));

/** Which field of the Discovery API fills which column a reader sees: kept by hand, and apart from the normalizers. */
export const FIELD_MAP: { readonly [view: string]: Columns } = {
  nodes,
  removed_nodes: { ...nodes, removed_at: derived('a complete pass that did not see it') },
  models: builtOf('Models'),
  seeds: builtOf('Seeds', { ...NO_MODEL, ...NO_CONFIG, ...NO_CODE, materialization: typeName }),
  snapshots: builtOf('Snapshots', { ...NO_MODEL, materialization: typeName }),
  sources: {
    ...nodesOf('Sources', {
      ...NO_MODEL,
      ...NO_CONFIG,
      materialization: derived('sources are not built'),
      package_name: derived('unique_id'),
    }),
    source_name: both('Sources', 'sourceName'),
    row_count: of('Applied', 'Sources', 'catalog.rowCountStat'),
    bytes: of('Applied', 'Sources', 'catalog.bytesStat'),
    loader: both('Sources', 'loader'),
    freshness_status: freshness('freshnessStatus'),
    ...check,
    age_now_s: derived('max_loaded_at and the clock'),
    ...testCounts,
  },
  tests: {
    integration: configured,
    unique_id: tests('uniqueId'),
    name: tests('name'),
    test_type: tests('testType'),
    test_namespace: of('Applied', 'Tests', 'testMetadata.namespace'),
    arguments: of('Applied', 'Tests', 'testMetadata.kwargs'),
    severity: of('Applied', 'Tests', 'config'),
    ...tested,
    tested_resource_type: derived('the tested node'),
    owner_name: derived('the tested node, or meta'),
    owner_email: derived('the tested node, or meta'),
    status: execution('Tests', 'lastRunStatus'),
    failures: execution('Tests', 'lastRunFailures'),
    message: execution('Tests', 'lastRunError'),
    last_run_id: execution('Tests', 'lastRunId'),
    last_job_id: [...execution('Tests', 'lastJobDefinitionId'), ...execution('Tests', 'lastSuccessJobDefinitionId')],
    last_run_at: execution('Tests', 'lastRunGeneratedAt'),
    last_executed_at: execution('Tests', 'lastRunGeneratedAt'),
    last_pass_at: execution('Tests', 'runGeneratedAt'),
    ...all('its results', 'status_since failing_since since_is_exact consecutive_failures'),
    raw_code: tests('rawCode'),
    compiled_code: of('Applied', 'Tests', 'compiledCode'),
    file_path: tests('filePath'),
    tags: tests('tags'),
    meta: tests('meta'),
    dbt_url: linked,
  },
  columns: {
    ...identity,
    resource_type: derived('the node'),
    column_name: column('name'),
    position: column('index'),
    data_type: column('type'),
    declared_type: absent('what is declared of columns'),
    description: column('description'),
    comment: column('comment'),
    tags: column('tags'),
    meta: column('meta'),
    tests: counted,
    test_status: worst,
  },
  exposures: {
    integration: configured,
    ...Object.fromEntries(
      Object.entries({
        unique_id: 'uniqueId',
        name: 'name',
        label: 'label',
        exposure_type: 'exposureType',
        maturity: 'maturity',
        url: 'url',
        description: 'description',
        owner_name: 'ownerName',
        owner_email: 'ownerEmail',
        tags: 'tags',
        meta: 'meta',
      }).map(([name, path]) => [name, both('Exposures', path)]),
    ),
    upstream_models: counted,
    upstream_sources: counted,
    ...Object.fromEntries(
      'failing_tests errored_models stale_sources health reason'.split(' ').map((name) => [name, walked]),
    ),
  },
  metrics: {
    ...semanticOf('Metrics'),
    metric_type: of('Definition', 'Metrics', 'type'),
    type_params: of('Definition', 'Metrics', 'typeParams'),
    filter: of('Definition', 'Metrics', 'filter'),
  },
  semantic_models: {
    ...semanticOf('SemanticModels'),
    group_name: absent('group and access of non-models'),
    model_unique_id: of('Definition', 'SemanticModels', 'parents.uniqueId'),
    entities: parts('SemanticModels', 'entities', 'name type description'),
    dimensions: parts('SemanticModels', 'dimensions', 'name type description typeParams'),
    measures: parts('SemanticModels', 'measures', 'name agg expr description createMetric'),
  },
  saved_queries: {
    ...semanticOf('SavedQueries'),
    query_params: [
      ...parts('SavedQueries', 'queryParams', 'metrics groupBy orderBy limit'),
      ...parts('SavedQueries', 'queryParams.where.whereFilters', 'whereSqlTemplate'),
    ],
    exports: [
      ...parts('SavedQueries', 'exports', 'name'),
      ...parts('SavedQueries', 'exports.config', 'alias database exportAs schema'),
    ],
  },
  groups: {
    ...definedOf('Groups'),
    owner_name: of('Definition', 'Groups', 'ownerName'),
    owner_email: of('Definition', 'Groups', 'ownerEmail'),
    models: counted,
  },
  macros: {
    ...definedOf('Macros'),
    tags: of('Definition', 'Macros', 'tags'),
    arguments: parts('Macros', 'arguments', 'name type description'),
  },
  lineage: { integration: configured, ...named('parent'), ...named('child') },
  relation_lineage: { integration: configured, ...relation('parent'), ...relation('child') },
  relations: {
    integration: configured,
    ...all('nodes', 'database_name schema_name identifier unique_id resource_type'),
    ...all(
      'results, freshness and lineage',
      'last_built_at last_tested_at freshness_status test_status verdict reason',
    ),
  },
  ...runViews,
  test_results: { ...results, ...tested },
  freshness_results: {
    integration: configured,
    unique_id: both('Sources', 'uniqueId'),
    source_name: both('Sources', 'sourceName'),
    name: both('Sources', 'name'),
    status: freshness('freshnessStatus'),
    ...check,
    run_id: freshness('freshnessRunId'),
  },
  changes: {
    ...identity,
    resource_type: derived('the node'),
    ...all('two passes compared', 'changed_at aspect item'),
    before: [...both('Models Snapshots Tests', 'rawCode'), ...of('Definition', 'Macros', 'macroSql')],
    after: [...both('Models Snapshots Tests', 'rawCode'), ...of('Definition', 'Macros', 'macroSql')],
    git_sha: absent('shas of runs and the name of the environment (Admin API)'),
  },
  status_changes: all(
    'run_results and nodes',
    'integration unique_id name resource_type from_status to_status changed_at run_id owner_name',
  ),
  ...analytics,
  sync_runs: all(
    'the pass itself',
    'integration sync_run_id kind reason source fallback_reason outcome started_at finished_at duration_s requests bytes rows_written nodes results rejects error rejects_sync_run_id',
  ),
  rejects: all(
    'what could not be read',
    'integration reject_id sync_run_id seen_at resource_type unique_id reason raw',
  ),
  integrations: {
    ...all('the configuration', 'integration environment_id job_id schedule time_zone'),
    account_id: project('accountId'),
    project_id: project('projectId'),
    project_name: ['Probe.dbtProjectName'],
    environment_name: absent('shas of runs and the name of the environment (Admin API)'),
    adapter_type: ['Probe.adapterType'],
    dbt_version: dbtVersions,
    git_sha: ['Probe.applied.latestGitSha'],
    dbt_updated_at: ['Probe.applied.lastUpdatedAt'],
    last_sync_at: passMade,
    last_sync_outcome: passMade,
    last_sync_source: passMade,
    last_sync_error: passMade,
    last_success_at: passMade,
    nodes: counted,
    is_stale: passMade,
    known_since: passMade,
  },
};
