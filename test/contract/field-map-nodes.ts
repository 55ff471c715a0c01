/** A column is filled by fields (`Document.path.in.the.node`), or it is `derived: …`, or it is `not in Discovery: …`. */
export type Origin = readonly string[] | `derived: ${string}` | `not in Discovery: ${string}`;
export type Columns = { readonly [column: string]: Origin };

/** What Discovery does not have; a column without a source must be one of these. */
export const GAPS = [
  'relation_name',
  'config of what is no model, snapshot or test',
  'what is declared of columns',
  'group and access of non-models',
  'labels of metrics and of what is built on them',
  'what an invocation alone knows: thread_id, invocation_id, adapter_response, rows_affected, batches',
  'shas of runs and the name of the environment (Admin API)',
  'details',
  'jobs, and of runs all but id, job and results (Admin API)',
] as const;

type Gap = (typeof GAPS)[number];
export const absent = (gap: Gap): Origin => `not in Discovery: ${gap}`;
export const derived = (how: string): Origin => `derived: ${how}`;

export const of = (state: 'Definition' | 'Applied', types: string, path: string) =>
  types.split(' ').map((type) => `${state}${type}.${path}`);
export const both = (types: string, path: string) => [...of('Definition', types, path), ...of('Applied', types, path)];

const BUILT = 'Models Seeds Snapshots';
export const APPLIED = `${BUILT} Sources Tests Exposures`;
export const DEFINED_ONLY = 'Metrics SemanticModels SavedQueries Macros';
export const RUN = `${BUILT} Tests`;
export const CATALOGED = `${BUILT} Sources`;

export const everywhere = (path: string) => [
  ...both(APPLIED, path),
  ...of('Definition', `${DEFINED_ONLY} Groups`, path),
];
/** Fields of parents; those of other projects become nodes by them. */
export const parents = (path: string) => [
  ...both('Models Snapshots Tests Exposures', `parents.${path}`),
  ...of('Definition', 'Metrics SemanticModels SavedQueries', `parents.${path}`),
];

export const configured = derived('the configuration of the integration');
export const counted = derived('a count over other views');
export const worst = derived('the results of its tests');

export const linked = derived('the access URL, the ids of account and project, and unique_id');

export const identity: Columns = {
  integration: configured,
  unique_id: everywhere('uniqueId'),
  name: everywhere('name'),
};
const owner: Columns = {
  owner_name: [...both('Exposures', 'ownerName'), ...of('Definition', 'Groups', 'ownerName')],
  owner_email: [...both('Exposures', 'ownerEmail'), ...of('Definition', 'Groups', 'ownerEmail')],
};

export const nodes: Columns = {
  integration: configured,
  unique_id: [...everywhere('uniqueId'), ...parents('uniqueId')],
  resource_type: derived('the connection in which it came'),
  name: [...everywhere('name'), ...parents('name')],
  package_name: [
    ...both(`${BUILT} Exposures`, 'packageName'),
    ...of('Definition', `${DEFINED_ONLY} Groups`, 'packageName'),
    ...parents('packageName'),
  ],
  description: [
    ...everywhere('description'),
    ...of('Applied', 'Models', 'isDescriptionInherited'),
    ...parents('description'),
  ],
  tags: [...both(APPLIED, 'tags'), ...of('Definition', DEFINED_ONLY, 'tags'), ...parents('tags')],
  meta: [...everywhere('meta'), ...parents('meta')],
  config: of('Applied', 'Models Snapshots Tests', 'config'),
  database_name: [...both(CATALOGED, 'database'), ...parents('database')],
  schema_name: [...both(CATALOGED, 'schema'), ...parents('schema')],
  identifier: [...both(BUILT, 'alias'), ...both('Sources', 'identifier'), ...parents('identifier')],
  relation_name: absent('relation_name'),
  materialization: both('Models', 'materializedType'),
  access: both('Models', 'access'),
  group_name: [...both('Models', 'group'), ...of('Definition', 'Metrics SavedQueries', 'group')],
  layer: derived('name and folder'),
  ...owner,
  file_path: [...everywhere('filePath'), ...parents('filePath')],
  version: [...both('Models', 'version'), ...parents('version')],
  latest_version: [...both('Models', 'latestVersion'), ...parents('latestVersion')],
  deprecation_date: both('Models', 'deprecationDate'),
  contract_enforced: both('Models', 'contractEnforced'),
  state: derived('its results, and __typename of parents'),
  definition_at: [
    ...of('Definition', `${APPLIED} ${DEFINED_ONLY} Groups`, 'runGeneratedAt'),
    ...both('Exposures', 'manifestGeneratedAt'),
    ...parents('runGeneratedAt'),
  ],
  catalog_at: of('Applied', CATALOGED, 'catalog.runGeneratedAt'),
  dbt_url: linked,
  first_seen_at: derived('the first statement of it'),
  changed_at: derived('the last change of it'),
  details: absent('details'),
};

/** The columns of nodes in a view of one type: what fills them there, and what has no meaning for the type. */
export function nodesOf(type: string, without: Columns = {}): Columns {
  const isTold = (path: string) =>
    [`Definition${type}`, `Applied${type}`].includes(path.split('.')[0] ?? '') ||
    (type === 'Models' && path.includes('.parents.'));
  const narrowed = Object.entries(nodes).map(([column, origin]) => [
    column,
    typeof origin === 'string' ? origin : origin.filter(isTold),
  ]);
  return {
    ...Object.fromEntries(narrowed),
    owner_name: derived('group or meta'),
    owner_email: derived('group or meta'),
    ...without,
  };
}

const onlyModels = derived('only models have one');
export const typeName = derived("the type's name");
export const NO_MODEL: Columns = {
  access: absent('group and access of non-models'),
  group_name: absent('group and access of non-models'),
  version: onlyModels,
  latest_version: onlyModels,
  deprecation_date: onlyModels,
  contract_enforced: onlyModels,
};
export const NO_CONFIG: Columns = { config: absent('config of what is no model, snapshot or test') };
export const NO_CODE: Columns = { raw_code: derived('it has no code'), compiled_code: derived('it has no code') };

export const testCounts: Columns = {
  tests: counted,
  tests_passed: counted,
  tests_warned: counted,
  tests_failed: counted,
  tests_errored: counted,
  test_status: worst,
};

export const execution = (types: string, field: string) => of('Applied', types, `executionInfo.${field}`);

export const builtOf = (type: string, without: Columns = {}): Columns => ({
  ...nodesOf(type, without),
  raw_code: both(type, 'rawCode'),
  compiled_code: of('Applied', type, 'compiledCode'),
  last_run_id: execution(type, 'lastRunId'),
  last_job_id: [...execution(type, 'lastJobDefinitionId'), ...execution(type, 'lastSuccessJobDefinitionId')],
  last_run_status: execution(type, 'lastRunStatus'),
  last_run_at: execution(type, 'lastRunGeneratedAt'),
  last_run_error: execution(type, 'lastRunError'),
  last_executed_at: [...execution(type, 'lastRunGeneratedAt'), ...execution(type, 'runGeneratedAt')],
  last_success_run_id: execution(type, 'lastSuccessRunId'),
  last_success_at: execution(type, 'runGeneratedAt'),
  status_since: derived('its results'),
  consecutive_failures: derived('its results'),
  execution_time_s: execution(type, 'executionTime'),
  row_count: of('Applied', type, 'catalog.rowCountStat'),
  bytes: of('Applied', type, 'catalog.bytesStat'),
  columns: counted,
  documented_columns: counted,
  ...testCounts,
  ...without,
});
