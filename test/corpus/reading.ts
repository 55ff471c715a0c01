import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

// A second opinion on artifacts: it parses whole files and shares no code with the product.

// biome-ignore lint/suspicious/noExplicitAny: whatever dbt wrote
type Any = any;
type Pairs = readonly (readonly [string, Any])[];

/** Name, type and position. */
type CatalogColumn = readonly [string, string | null, number | null];

/** Name, type and description. */
type DeclaredColumn = readonly [string, string | null, string];

/** What a set of artifacts says, in the words of the comparison. Lists are sorted. */
export interface Reading {
  /** Type, name and code ('' for none) of everything that is defined here. */
  readonly nodes: { readonly [id: string]: readonly [string, string, string] };
  readonly external: readonly string[];
  /** `parent > child`, each once. */
  readonly edges: readonly string[];
  /** Of each test the tested node and the column. */
  readonly tested: { readonly [test: string]: readonly [string | null, string | null] };
  readonly tags: { readonly [id: string]: readonly string[] };
  readonly declared: { readonly [id: string]: readonly DeclaredColumn[] };
  /** Of each relation of the catalog its rows and columns. */
  readonly catalog: { readonly [id: string]: readonly [number | null, readonly CatalogColumn[]] };
  /** Node and status. */
  readonly results: readonly (readonly [string, string])[];
  /** Id of each invocation that has one and wrote results or checks, and whether any of them is an error or a failure. */
  readonly runs: readonly (readonly [string, 'success' | 'error'])[];
  /** Source, status, maximum and age in seconds of each freshness check. */
  readonly freshness: readonly (readonly [string, string, string | null, number | null])[];
}

function load(dir: string, name: string): Any {
  const path = join(dir, `${name}.json.gz`);
  return existsSync(path) ? JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) : {};
}

const entries = (value: Any): Pairs => Object.entries(value ?? {});

function nodesOf(manifest: Any): Pairs {
  const { nodes, sources, exposures, metrics, groups, macros, functions } = manifest;
  const { semantic_models, saved_queries, unit_tests } = manifest;
  const places = [
    nodes,
    sources,
    exposures,
    metrics,
    semantic_models,
    saved_queries,
    unit_tests,
    functions,
    groups,
    macros,
  ];
  return places.flatMap(entries);
}

function typeOf(node: Any): string {
  return ({ unit_test: 'test', data_test: 'test' } as Any)[node.resource_type] ?? node.resource_type;
}

const codeOf = (node: Any): string => node.raw_code ?? node.raw_sql ?? node.macro_sql ?? '';

/** A model that has no file lies in another project. */
const isExternal = (node: Any) => node.resource_type === 'model' && node.path === '' && node.original_file_path === '';

function parentsOf(node: Any): string[] {
  if (['group', 'macro', 'source'].includes(node.resource_type) || isExternal(node)) return [];
  return [...new Set<string>(node.depends_on?.nodes ?? [])].filter((id) => id && !id.startsWith('macro.'));
}

/** Which of a test's parents its Jinja argument names. */
function isNamed(parent: Any, argument: string): boolean {
  const source = /source\(\s*['"]([^'"]+)['"]\s*,\s*['"]([^'"]+)['"]/.exec(argument);
  if (source) return parent.source_name === source[1] && parent.name === source[2];
  const [, first, second] = /ref\(\s*['"]([^'"]+)['"](?:\s*,\s*['"]([^'"]+)['"])?/.exec(argument) ?? [];
  const version = /v(?:ersion)?\s*=\s*['"]?(\w+)/.exec(argument)?.[1];
  if (second ? parent.package_name !== first || parent.name !== second : parent.name !== first) return false;
  return version === undefined || String(parent.version) === version;
}

function testedBy(test: Any, byId: Map<string, Any>): string | null {
  if (test.attached_node) return test.attached_node;
  const parents = parentsOf(test);
  const known = parents.filter((id) => byId.has(id));
  const only = (ids: string[]) => (ids.length === 1 ? ids[0] : undefined);
  const [section, name] = (test.file_key_name ?? '.').split('.');
  const byKey = known.filter((id) => {
    const node = byId.get(id);
    return `${node.resource_type}s` === section && (section === 'sources' ? node.source_name : node.name) === name;
  });
  const argument = test.test_metadata?.kwargs?.model;
  const byArgument = argument ? known.filter((id) => isNamed(byId.get(id), argument)) : [];
  const byName = known.filter((id) => test.resource_type === 'unit_test' && byId.get(id).name === test.model);
  return only(byKey) ?? only(byArgument) ?? only(byName) ?? only(parents) ?? null;
}

/** Tags that users gave: dbt itself gave tests two up to 0.21. */
function tagsOf(node: Any, version: number): string[] {
  const tags: string[] = node.tags?.length ? node.tags : [node.config?.tags ?? []].flat();
  const own = [node.config?.tags ?? []].flat();
  const isOld = version <= 3 && node.resource_type === 'test';
  return tags.filter((tag) => !isOld || own.includes(tag) || (tag !== 'schema' && tag !== 'data')).sort();
}

const NO_RESULTS = ['generate', 'docs.generate', 'compile', 'parse', 'list', 'docs'];

function resultsOf({ results = [], args = {} }: Any): [string, string][] {
  const which = args.which ?? args.rpc_method ?? args.command;
  const isTest = (row: Any) => row.unique_id?.startsWith('test.');
  if (which === undefined && results.some((row: Any) => isTest(row) && row.status === 'success')) return [];
  if (NO_RESULTS.includes(which)) return [];
  // Before 0.19 a row held its node, and said nothing where nothing was executed.
  const executed = results.filter((row: Any) => row.unique_id || (row.unique_id === undefined && row.status));
  return executed.map((row: Any) => [row.unique_id ?? row.node.unique_id, String(row.status).toLowerCase()]).sort();
}

function freshnessOf({ results = [] }: Any): Reading['freshness'] {
  const checks = results.map((row: Any) => {
    const { unique_id: id, status, max_loaded_at: maximum = null, max_loaded_at_time_ago_in_s: age = null } = row;
    return [id, status, maximum, age];
  });
  return checks.sort();
}

const BAD = ['error', 'fail', 'runtime error', 'partial success'];

function runsOf(files: readonly (readonly [Any, readonly (readonly Any[])[]])[]): Reading['runs'] {
  const invocations = files.filter(([metadata]) => metadata?.invocation_id);
  return invocations
    .map(([{ invocation_id: id }, rows]) => {
      return [id, rows.some(([, status]) => BAD.includes(status)) ? 'error' : 'success'] as const;
    })
    .sort();
}

function catalogOf(catalog: Any): Reading['catalog'] {
  const relations = [...entries(catalog.nodes), ...entries(catalog.sources)].map(([id, { stats, columns }]) => {
    const rows = (stats?.row_count ?? stats?.num_rows ?? stats?.rows)?.value;
    const named = Object.entries<Any>(columns).map(([name, { type, index }]) => [name, type, index] as const);
    return [id, [typeof rows === 'number' ? Math.round(rows) : null, named.sort()]] as const;
  });
  return Object.fromEntries(relations);
}

const packageOf = (id: string) => id.split('.')[1];

/** A file that speaks of packages alone of which the manifest has no node is another project's. */
function isStrange(ids: readonly string[], nodes: Pairs): boolean {
  const own = new Set(nodes.flatMap(([id, { resource_type }]) => (resource_type === 'macro' ? [] : packageOf(id))));
  const packages = ids.map(packageOf).filter((name) => name !== undefined);
  return own.size > 0 && packages.length > 0 && !packages.some((name) => own.has(name));
}

const fromEntries = <Value>(pairs: readonly (readonly [string, Value])[]) =>
  Object.fromEntries([...pairs].sort(([left], [right]) => (left < right ? -1 : 1)));

/** Reads a set of gzipped artifacts. */
export function readSet(dir: string): Reading {
  const manifest = load(dir, 'manifest');
  const version = Number(/v(\d+)/.exec(manifest.metadata?.dbt_schema_version ?? '')?.[1] ?? 0);
  const nodes = nodesOf(manifest);
  const own = (name: string, idsOf: (file: Any) => string[]) => {
    const file = load(dir, name);
    return isStrange(idsOf(file), nodes) ? {} : file;
  };
  const rowIds = ({ results = [] }: Any) => results.flatMap((row: Any) => row.unique_id ?? row.node?.unique_id ?? []);
  const [runResults, sources] = [own('run_results', rowIds), own('sources', rowIds)];
  const catalog = own('catalog', (file) => [...entries(file.nodes), ...entries(file.sources)].map(([id]) => id));
  const [results, freshness] = [resultsOf(runResults), freshnessOf(sources)];
  const byId = new Map(nodes);
  const tests = nodes.filter(([, node]) => typeOf(node) === 'test');
  const withColumns = nodes.filter(([, node]) => Object.keys(node.columns ?? {}).length > 0 && !isExternal(node));
  return {
    nodes: fromEntries(
      nodes
        .filter(([, node]) => !isExternal(node))
        .map(([id, node]) => [id, [typeOf(node), node.name, codeOf(node)]] as const),
    ),
    external: nodes.flatMap(([id, node]) => (isExternal(node) ? [id] : [])).sort(),
    edges: nodes.flatMap(([id, node]) => parentsOf(node).map((parent) => `${parent} > ${id}`)).sort(),
    tested: fromEntries(
      tests.map(([id, test]) => {
        const column = test.column_name ?? test.test_metadata?.kwargs?.column_name;
        return [id, [testedBy(test, byId), typeof column === 'string' ? column : null]] as const;
      }),
    ),
    tags: fromEntries(
      nodes.map(([id, node]) => [id, tagsOf(node, version)] as const).filter(([, tags]) => tags.length > 0),
    ),
    declared: fromEntries(
      withColumns.map(([id, { columns }]) => {
        const named = Object.entries<Any>(columns).map(
          ([name, column]) => [name, column.data_type ?? null, column.description ?? ''] as const,
        );
        return [id, named.sort()] as const;
      }),
    ),
    catalog: catalogOf(catalog),
    results,
    runs: runsOf([
      [runResults.metadata, results],
      [sources.metadata, freshness],
    ]),
    freshness,
  };
}
