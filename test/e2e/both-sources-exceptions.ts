/** A row of a reader view, as it is in the store that was filled through the Discovery API, or through artifacts. */
export type Row = Readonly<Record<string, unknown>>;

/** Why two stores of the same history may differ in some columns. */
export interface ColumnException {
  /** Tells the columns, written `view.column`. */
  readonly columns: RegExp;
  /** Tells the rows by their values in both stores; left out: all. */
  readonly rows?: (discovery: Row, artifacts: Row) => boolean;
  readonly reason: string;
  /** True only of stores between whose syncs more than one run ended. */
  readonly withGaps?: boolean;
}

/** Why one store may have rows that the other does not have. */
export interface RowException {
  readonly view: string;
  readonly only: 'discovery' | 'artifacts';
  readonly rows?: (row: Row) => boolean;
  readonly reason: string;
  readonly withGaps?: boolean;
}

const NODES = '(nodes|removed_nodes|models|seeds|snapshots|sources)';
const isType =
  (...types: string[]) =>
  ({ resource_type: type }: Row) =>
    types.includes(String(type));
const UNTOLD = ['analysis', 'operation', 'function'];
const neverBuilt = ({ last_executed_at: at }: Row) => at === null;
const isNull = (column: string) => (discovery: Row) => discovery[column] === null;

/** Without the members that the Discovery API leaves out of entities, dimensions and measures. */
function withoutExpressions(value: unknown): string {
  const members = value as Record<string, unknown>[];
  return JSON.stringify(members.map(({ expr: _, agg_params: __, ...told }) => Object.entries(told).sort()));
}
const alikeIn = (column: string) => (discovery: Row, artifacts: Row) =>
  withoutExpressions(discovery[column]) === withoutExpressions(artifacts[column]);

/** What both stores cannot but differ in. */
export const COLUMN_EXCEPTIONS: readonly ColumnException[] = [
  { columns: new RegExp(`^${NODES}\\.details$`), reason: 'details are told by artifacts alone' },
  { columns: new RegExp(`^${NODES}\\.relation_name$`), reason: 'the Discovery API has no relation_name' },
  {
    columns: /^(nodes|removed_nodes|seeds|sources)\.config$/,
    rows: (row, artifacts) => row.config === null && !isType('model', 'snapshot', 'test')(artifacts),
    reason: 'the Discovery API has the config of models, snapshots and tests alone',
  },
  {
    columns: /^nodes\.config$/,
    rows: ({ config, materialization: word }) => config === null && word === 'ephemeral',
    reason: 'the config of an ephemeral model, which is never built',
  },
  {
    columns: /^models\.(config|compiled_code)$/,
    rows: neverBuilt,
    reason: 'config and compiled code of what was never built',
  },
  {
    columns: /^(nodes|removed_nodes)\.group_name$/,
    rows: (row) => row.group_name === null && !isType('model')(row),
    reason: 'group of what is no model',
  },
  { columns: /^metrics\.label$/, rows: isNull('label'), reason: 'the Discovery API has no label of metrics' },
  { columns: /^saved_queries\.label$/, rows: isNull('label'), reason: 'the Discovery API has no label of these' },
  { columns: /^columns\.declared_type$/, rows: isNull('declared_type'), reason: 'declared types' },
  {
    columns: /^semantic_models\.entities$/,
    rows: alikeIn('entities'),
    reason: 'expr of entities',
  },
  { columns: /^semantic_models\.dimensions$/, rows: alikeIn('dimensions'), reason: 'expr of dimensions' },
  { columns: /^semantic_models\.measures$/, rows: alikeIn('measures'), reason: 'agg_params of measures' },
  {
    columns: /^tests\.message$/,
    rows: ({ status, message }) => status === 'warn' && message === null,
    reason: 'the Discovery API tells the message of what failed (lastRunError), and a warning is no failure',
  },
  { columns: /^tests\.since_is_exact$/, reason: 'earlier results are not told, so a streak may be older' },
  { columns: /^changes\.git_sha$/, rows: isNull('git_sha'), reason: 'git shas are those of runs' },
  { columns: /^sources\.age_now_s$/, reason: 'counted from the moment of reading' },
  { columns: /^integrations\.nodes$/, reason: 'analyses, operations and functions are counted' },
  { columns: /^integrations\.environment_name$/, rows: isNull('environment_name'), reason: 'told by the Admin API' },
  { columns: /^integrations\.(last_(sync|success)_|known_since)/, reason: 'of the sync, not of dbt' },
  {
    columns: /^(models|seeds|snapshots|tests)\.status_since$/,
    reason: 'the beginning of a streak in a run that was not seen',
    withGaps: true,
  },
  {
    columns: /^(nodes|models|seeds|snapshots|sources)\.first_seen_at$/,
    reason: 'first seen in a run that the Discovery API no longer tells of',
    withGaps: true,
  },
  {
    columns: /^(relations\.(verdict|reason)|exposures\.(health|reason))$/,
    reason: 'the usual interval of builds is not known of less than three that were seen',
    withGaps: true,
  },
  {
    columns: /^status_changes\.from_status$/,
    rows: ({ from_status: told }, { from_status: real }) => told === 'success' && real === 'pass',
    reason: 'the last success of a test has the word success in the Discovery API',
    withGaps: true,
  },
];

export const ROW_EXCEPTIONS: readonly RowException[] = [
  { view: 'nodes', only: 'artifacts', rows: isType(...UNTOLD), reason: 'analyses, operations, functions' },
  {
    view: 'lineage',
    only: 'artifacts',
    rows: ({ child_resource_type: type }) => UNTOLD.includes(String(type)),
    reason: 'parents of analyses',
  },
  { view: 'status_changes', only: 'artifacts', reason: 'between runs that were not seen', withGaps: true },
  { view: 'status_changes', only: 'discovery', reason: 'between runs that are no neighbours', withGaps: true },
  { view: 'freshness_results', only: 'artifacts', reason: 'checks that were not seen', withGaps: true },
];
