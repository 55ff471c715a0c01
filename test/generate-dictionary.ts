import pg from 'pg';

/** How the views hang together, by the columns that join them: written by hand, checked against the database. */
const LINKS: readonly (readonly [from: string, to: string, label: string])[] = [
  ['integrations', 'nodes', 'integration'],
  ['integrations', 'jobs', 'integration'],
  ['integrations', 'sync_runs', 'integration'],
  ['sync_runs', 'rejects', 'sync_run_id'],
  ['nodes', 'models', 'unique_id'],
  ['nodes', 'seeds', 'unique_id'],
  ['nodes', 'snapshots', 'unique_id'],
  ['nodes', 'sources', 'unique_id'],
  ['nodes', 'tests', 'unique_id'],
  ['nodes', 'exposures', 'unique_id'],
  ['nodes', 'columns', 'unique_id'],
  ['nodes', 'relations', 'unique_id'],
  ['nodes', 'changes', 'unique_id'],
  ['nodes', 'status_changes', 'unique_id'],
  ['nodes', 'failing_now', 'unique_id'],
  ['models', 'model_timing_daily', 'unique_id'],
  ['models', 'slowest_models', 'unique_id'],
  ['tests', 'test_results', 'unique_id'],
  ['tests', 'test_incidents', 'unique_id'],
  ['tests', 'flaky_tests', 'unique_id'],
  ['sources', 'freshness_results', 'unique_id'],
  ['sources', 'stale_sources', 'unique_id'],
  ['nodes', 'run_results', 'unique_id'],
  ['jobs', 'runs', 'job_id'],
  ['runs', 'run_steps', 'run_id'],
  ['runs', 'run_results', 'run_id'],
  ['runs', 'run_critical_path', 'run_id'],
];

interface Column {
  readonly view: string;
  readonly about: string;
  readonly column: string;
  readonly type: string;
  readonly comment: string;
}

const COLUMNS = `
  select c.relname as view, obj_description(c.oid, 'pg_class') as about, a.attname as column,
    format_type(a.atttypid, a.atttypmod) as type, col_description(c.oid, a.attnum) as comment
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'dbt'::regnamespace and c.relkind = 'v'
  order by c.relname, a.attnum`;

const FUNCTIONS = `
  select p.proname || '(' || pg_get_function_arguments(p.oid) || ')' as name, obj_description(p.oid, 'pg_proc') as comment
  from pg_proc p where p.pronamespace = 'dbt'::regnamespace order by p.proname`;

const STEPS = `
  select a.attname as column, format_type(a.atttypid, a.atttypmod) as type, col_description(a.attrelid, a.attnum) as comment
  from pg_attribute a where a.attrelid = 'dbt.lineage_step'::regclass and a.attnum > 0 order by a.attnum`;

const SHORT: { readonly [type: string]: string } = {
  'timestamp with time zone': 'timestamptz',
  'double precision': 'double',
};
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (column: string, type: string, comment: string) =>
  `| \`${column}\` | ${SHORT[type] ?? type} | ${cell(comment)} |`;

function diagram(views: ReadonlyMap<string, readonly Column[]>): string {
  for (const [from, to, label] of LINKS) {
    for (const view of [from, to]) {
      if (views.get(view)?.some(({ column }) => column === label) !== true)
        throw new Error(`dbt.${view} has no column ${label}: mend the links in test/generate-dictionary.ts.`);
    }
  }
  const lines = LINKS.map(([from, to, label]) => `  ${from} ||--o{ ${to} : "${label}"`);
  const ends = ['parent', 'child'].map((side) => `  nodes ||--o{ lineage : "unique_id = ${side}_unique_id"`);
  const tested = '  nodes ||--o{ tests : "unique_id = tested_unique_id"';
  return ['```mermaid', 'erDiagram', ...lines, ...ends, tested, '```'].join('\n');
}

/** The data dictionary of schema dbt, from the comments of a migrated database. */
export async function dictionaryOf(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows: columns } = await client.query<Column>(COLUMNS);
    const { rows: functions } = await client.query<{ name: string; comment: string }>(FUNCTIONS);
    const { rows: steps } = await client.query<Column>(STEPS);
    const views = new Map<string, Column[]>();
    for (const column of columns) views.set(column.view, [...(views.get(column.view) ?? []), column]);
    const head = ['| column | type | meaning |', '|---|---|---|'];
    const sections = [...views].map(([view, of]) =>
      [`## ${view}`, '', of[0]?.about ?? '', '', ...head, ...of.map((c) => row(c.column, c.type, c.comment))].join(
        '\n',
      ),
    );
    return [
      '# Data dictionary',
      'Every view, column and function of schema `dbt`, from the comments of the database (`npm run codegen` writes this file). Columns are only ever added. Timestamps are `timestamptz`, durations seconds (`_s`), days UTC.',
      'How the views hang together; every join is on `integration` too:',
      diagram(views),
      ...sections,
      ['## Functions', ...functions.map(({ name, comment }) => `**dbt.${name}**: ${comment}`)].join('\n\n'),
      [...head, ...steps.map((c) => row(c.column, c.type, c.comment))].join('\n'),
      '',
    ].join('\n\n');
  } finally {
    await client.end();
  }
}
