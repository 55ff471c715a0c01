import { at, byId, executed, type MiniRun, manifest, model, runResults } from './mini-history.ts';

type Json = Record<string, unknown>;

/** The resource types of the Discovery API, as the first word of a unique id. */
const TYPES = [
  ...['model', 'seed', 'snapshot', 'test', 'source', 'exposure'],
  ...['metric', 'semantic_model', 'saved_query', 'group', 'macro'],
];

/** The id of a node of {@link wholeRun}. */
export const idOf = (type: string, name: string) =>
  type === 'source' ? `source.shop.raw.source_${name}` : `${type}.shop.${type}_${name}`;

const MORE: Readonly<Record<string, (name: string) => Json>> = {
  model: (name) => ({
    depends_on: { nodes: name === 'a' ? [idOf('source', 'a')] : [idOf('model', 'a')] },
    group: 'group_a',
  }),
  test: (name) => ({
    test_metadata: { name: 'not_null', kwargs: { column_name: 'id' } },
    attached_node: idOf('model', 'a'),
    column_name: 'id',
    depends_on: { nodes: [idOf('model', 'a')] },
    raw_code: `-- ${name}`,
  }),
  source: (name) => ({
    source_name: 'raw',
    identifier: `source_${name}`,
    loader: 'copy',
    freshness: { warn_after: { count: 1, period: 'day' } },
  }),
  exposure: () => ({
    type: 'dashboard',
    owner: { name: 'Ada', email: 'ada@example.com' },
    depends_on: { nodes: [idOf('model', 'a')] },
  }),
  metric: () => ({
    type: 'simple',
    label: 'Metric',
    type_params: { measure: 'orders' },
    depends_on: { nodes: [idOf('semantic_model', 'a')] },
  }),
  semantic_model: () => ({
    measures: [{ name: 'orders', agg: 'sum' }],
    entities: [{ name: 'id', type: 'primary' }],
    dimensions: [],
    depends_on: { nodes: [idOf('model', 'a')] },
  }),
  saved_query: () => ({
    query_params: { metrics: ['metric_a'], group_by: [] },
    exports: [],
    depends_on: { nodes: [idOf('metric', 'a')] },
  }),
  group: () => ({ owner: { name: 'Grace', email: 'grace@example.com' } }),
  macro: () => ({
    macro_sql: '{% macro m() %}1{% endmacro %}',
    arguments: [{ name: 'x', type: 'string', description: '' }],
  }),
};

/** Three nodes of each type: one never changes, one has a new description, and one is there in this run only. */
function nodesOf(type: string, run: number): Json[] {
  return ['a', 'b', `n${run}`].map((name) =>
    model(`${type}_${name}`, {
      unique_id: idOf(type, name),
      resource_type: type,
      database: 'shop',
      schema: 'main',
      description: name === 'b' ? `as of run ${run}` : 'constant',
      raw_code: `select '${name}' as id`,
      ...MORE[type]?.(name),
    }),
  );
}

const idsOf = (run: number, ...types: string[]) =>
  types.flatMap((type) => nodesOf(type, run).map(({ unique_id: id }) => String(id)));

/** A build of everything that ends with one failing test in every other run, with docs and source freshness. */
export function wholeRun(run: number): MiniRun {
  const nodes = Object.fromEntries(TYPES.map((type) => [type, nodesOf(type, run)]));
  const of = (type: string) => byId(nodes[type] ?? []);
  const results = idsOf(run, 'model', 'seed', 'snapshot').map((id) => [id, executed(run, 'success')]);
  const tests = idsOf(run, 'test').map((id) => [id, verdictOn(id, run)]);
  const generated = { metadata: { generated_at: at(run, '06:25:00') } };
  const catalog = (...types: string[]) => Object.fromEntries(idsOf(run, ...types).map((id) => [id, catalogOf(run)]));
  return {
    day: run,
    steps: [
      {
        manifest: manifest(
          run,
          ['model', 'seed', 'snapshot', 'test', 'source'].flatMap((type) => nodes[type] ?? []),
          {
            exposures: of('exposure'),
            metrics: of('metric'),
            semantic_models: of('semantic_model'),
            saved_queries: of('saved_query'),
            groups: of('group'),
            macros: of('macro'),
          },
        ),
        run_results: runResults(run, 'build', Object.fromEntries([...results, ...tests])),
        catalog: { ...generated, nodes: catalog('model', 'seed', 'snapshot'), sources: catalog('source') },
        sources: { ...generated, results: idsOf(run, 'source').map((id) => freshnessOf(id, run)) },
      },
    ],
  };
}

function verdictOn(test: string, run: number): Json {
  const isFailing = run % 2 === 0 && test === idOf('test', 'b');
  return isFailing
    ? executed(run, 'fail', { failures: 2, message: 'Got 2 results' })
    : executed(run, 'pass', { failures: 0 });
}

function catalogOf(run: number): Json {
  return {
    metadata: { type: 'BASE TABLE', comment: null, owner: 'main' },
    columns: { id: { name: 'id', index: 1, type: 'VARCHAR', comment: null } },
    stats: { row_count: { value: 10 * run } },
  };
}

function freshnessOf(source: string, run: number): Json {
  const times = { max_loaded_at: at(run, '05:00:00'), snapshotted_at: at(run, '06:24:00') };
  return { unique_id: source, status: 'pass', ...times, max_loaded_at_time_ago_in_s: 5_040 };
}
