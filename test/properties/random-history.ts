import fc from 'fast-check';
import * as mini from '../e2e/mini-history.ts';

type Json = Record<string, unknown>;

const MODELS = ['a', 'b', 'c'] as const;
const CRITERIA = { warn_after: { count: 12, period: 'hour' }, error_after: { count: null, period: null } };
/** Few values, so that they come again and again: what goes away, comes back and looks alike is where mistakes hide. */
const text = fc.constantFrom('', 'one', 'two');
const someOf = <T>(...items: T[]) => fc.subarray(items);

const facts = fc.record({
  description: text,
  tags: someOf('x', 'y'),
  meta: fc.constantFrom({}, { owner: 'ada' }, { owner: 'bob', n: 1 }),
  raw_code: fc.constantFrom('select 1', 'select 2', 'select 3'),
  parents: someOf('model.shop.a', 'model.shop.b', 'source.shop.raw.s', 'model.shop.gone'),
});

type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never;

function modelOf(name: string, { parents, ...stated }: Facts): Json {
  const nodes = parents.filter((id) => id !== `model.shop.${name}`);
  return mini.model(name, { ...stated, depends_on: { nodes } });
}

function testOf(name: string, { parents, ...stated }: Facts): Json {
  return mini.dataTest(name, { ...stated, depends_on: { nodes: parents.slice(0, 2) } });
}

const models = fc
  .record({ names: someOf(...MODELS), facts: fc.tuple(facts, facts, facts) })
  .map(({ names, facts: told }) => names.map((name) => modelOf(name, told[MODELS.indexOf(name)] ?? told[0])));
const tests = fc.option(facts, { nil: undefined }).map((told) => (told === undefined ? [] : [testOf('t', told)]));
const sources = fc
  .boolean()
  .map((is) => (is ? [mini.source('s', { description: 'raw', tags: [], meta: {}, freshness: CRITERIA })] : []));
/** Every manifest has something that stays, if only dbt's own macros. */
const LASTING = mini.model('lasting', { description: 'stays', tags: [], meta: {}, raw_code: 'select 0' });
const nodes = fc.tuple(models, tests, sources).map((lists) => [LASTING, ...lists.flat()]);

const results = fc.record({
  models: fc.tuple(...MODELS.map(() => fc.constantFrom(null, 'success', 'error', 'skipped'))),
  test: fc.constantFrom(null, 'pass', 'fail', 'warn', 'error', 'skipped'),
});

/** dbt speaks only of what the project defines. */
type Defined = ReadonlySet<unknown>;

function resultsOf(day: number, defined: Defined, told: { models: (string | null)[]; test: string | null }): Json {
  const ran = MODELS.map((name, index) => [`model.shop.${name}`, told.models[index] ?? null] as const);
  const all = [...ran, ['test.shop.t', told.test] as const].flatMap(([id, status]) => {
    const more = { ...(status === 'fail' ? { failures: 3 } : {}), message: `${status} on day ${day}` };
    return status === null || !defined.has(id) ? [] : [[id, mini.executed(day, status, more)] as const];
  });
  return mini.runResults(day, 'build', Object.fromEntries(all));
}

const columnTypes = fc.option(fc.constantFrom('integer', 'text'), { nil: null });
const catalog = fc.tuple(columnTypes, columnTypes);

function catalogOf(day: number, defined: Defined, types: readonly (string | null)[]): Json {
  const columns = types.flatMap((type, index) =>
    type === null ? [] : [[`c${index}`, { name: `c${index}`, type, index: index + 1, comment: null }]],
  );
  const entry = { metadata: {}, columns: Object.fromEntries(columns), stats: {} };
  return {
    metadata: { generated_at: mini.at(day, '06:25:00') },
    nodes: only(defined, { 'model.shop.a': entry, 'model.shop.b': entry }),
    sources: only(defined, { 'source.shop.raw.s': entry }),
  };
}

function only(defined: Defined, entries: Json): Json {
  return Object.fromEntries(Object.entries(entries).filter(([id]) => defined.has(id)));
}

function freshnessOf(day: number, defined: Defined, status: string): Json {
  const row = { unique_id: 'source.shop.raw.s', status, snapshotted_at: mini.at(day, '06:05:00'), criteria: CRITERIA };
  const loaded = { max_loaded_at: mini.at(day, '01:00:00'), max_loaded_at_time_ago_in_s: 18_300 };
  return {
    metadata: { generated_at: mini.at(day, '06:05:00') },
    results: defined.has(row.unique_id) ? [{ ...row, ...loaded }] : [],
  };
}

const run = fc.record({
  kind: fc.constantFrom('build', 'build', 'build', 'build', 'parse', 'nothing', 'ci'),
  nodes,
  results,
  catalog: fc.option(catalog, { nil: undefined }),
  freshness: fc.option(fc.constantFrom('pass', 'warn', 'error'), { nil: undefined }),
});

type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

function miniRun({ kind, nodes: defined, results: ran, catalog: types, freshness }: Run, day: number): mini.MiniRun {
  if (kind === 'nothing') return { day, steps: [], status: 20 };
  const manifest = mini.manifest(day, defined);
  const ids = new Set(defined.map((node) => node.unique_id));
  if (kind === 'parse') return { day, steps: [{ manifest }] };
  const step = {
    manifest,
    run_results: resultsOf(day, ids, ran),
    ...(types === undefined ? {} : { catalog: catalogOf(day, ids, types) }),
    ...(freshness === undefined ? {} : { sources: freshnessOf(day, ids, freshness) }),
  };
  return { day, steps: [step], ...(kind === 'ci' ? { job: mini.CI, cause: 'ci' } : {}) };
}

/** The past of a small project, in which everything may change from day to day. It begins with a build. */
export const randomRuns: fc.Arbitrary<mini.MiniRun[]> = fc
  .array(run, { minLength: 2, maxLength: 5 })
  .map((runs) => runs.map((one, index) => miniRun(index === 0 ? { ...one, kind: 'build' } : one, index + 1)));
