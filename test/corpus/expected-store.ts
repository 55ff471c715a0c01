import type { Reading } from './reading.ts';

/** What a store of a set of artifacts holds; each line is a row as JSON, and the lines are sorted. */
export interface Aspects {
  /** Id, type and name of what the manifest defines. */
  readonly nodes: readonly string[];
  /** Id and code, where there is any. */
  readonly code: readonly string[];
  /** Id and state of the nodes that are more, or less, than defined. */
  readonly states: readonly string[];
  /** Parent and child, each pair once. */
  readonly edges: readonly string[];
  /** Test, tested node and column. */
  readonly tested: readonly string[];
  readonly tags: readonly string[];
  /** Id, name, type, position, declared type, description ('' where nothing is said). */
  readonly columns: readonly string[];
  /** Id and number of rows of what dbt builds. */
  readonly rows: readonly string[];
  /** Id and status of each result. */
  readonly results: readonly string[];
  /** The same of each node that is built or tested, as its current status. */
  readonly statuses: readonly string[];
  /** Id and status of each invocation that has an id. */
  readonly runs: readonly string[];
  /** Source, status, maximum and age of each check. */
  readonly freshness: readonly string[];
}

/** Rows as the comparison wants them. */
export function linesOf(rows: readonly (readonly unknown[])[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

type Column = readonly [string, string | null, number | null, string | null, string];

/** The declared column of each of the catalog's: the one of its very name first, then one in another case. */
function mergedColumns({ declared, catalog }: Reading, id: string): Column[] {
  const shown = catalog[id]?.[1] ?? [];
  const left = new Map((declared[id] ?? []).map((column) => [column[0], column]));
  const found = new Map<string, readonly [string, string | null, string]>();
  const take = (name: string, key: string | undefined) => {
    const column = key === undefined ? undefined : left.get(key);
    if (column === undefined) return;
    found.set(name, column);
    left.delete(column[0]);
  };
  for (const [name] of shown) take(name, name);
  const inOtherCase = (name: string) => [...left.keys()].find((key) => key.toLowerCase() === name.toLowerCase());
  for (const [name] of shown.filter(([name]) => !found.has(name))) take(name, inOtherCase(name));
  return [
    ...shown.map(([name, type, position]): Column => {
      const [, declaredType = null, description = ''] = found.get(name) ?? [];
      return [name, type, position, declaredType, description];
    }),
    ...[...left.values()].map(([name, type, description]): Column => [name, null, null, type, description]),
  ];
}

const BUILT = ['success', 'pass', 'warn', 'partial success'];
const EXECUTED: Readonly<Record<string, readonly string[]>> = {
  model: BUILT,
  seed: BUILT,
  snapshot: BUILT,
  test: ['pass', 'warn', 'fail', 'error'],
};

/** The type of a node, by its id where nobody defined it. */
function typeOf({ nodes }: Reading, id: string): string {
  const [prefix = ''] = id.split('.');
  return nodes[id]?.[0] ?? (prefix === 'unit_test' ? 'test' : prefix);
}

/** Who was built or tested, who lies in another project, and who is only spoken of. */
function statesOf(reading: Reading): [string, string][] {
  const { nodes, external, edges, results, freshness, catalog } = reading;
  const known = new Set([...Object.keys(nodes), ...external]);
  const parents = edges.map((edge) => edge.split(' > ')[0] ?? '');
  const others = [...parents, ...results.map(([id]) => id), ...freshness.map(([id]) => id), ...Object.keys(catalog)];
  const placeholders = new Set(others.filter((id) => !known.has(id)));
  const applied = results.filter(([id, status]) => id in nodes && EXECUTED[typeOf(reading, id)]?.includes(status));
  return [
    ...external.map((id): [string, string] => [id, 'external']),
    ...[...placeholders].map((id): [string, string] => [id, 'placeholder']),
    ...applied.map(([id]): [string, string] => [id, 'applied']),
  ];
}

const instant = (text: string | null) => (text === null ? null : new Date(text));

/** What the store must hold after a set was synced, by an independent reading of its files. */
export function expectedAspects(reading: Reading): Aspects {
  const { nodes, edges, tested, tags, declared, catalog, results, runs, freshness } = reading;
  const isExecuted = (id: string) => typeOf(reading, id) in EXECUTED;
  const isBuilt = (id: string) => isExecuted(id) && typeOf(reading, id) !== 'test';
  // Tests that store their failures are in catalogs, and analyses declare columns: neither is a relation of the project.
  const hasColumns = (id: string) => ['model', 'seed', 'snapshot', 'source'].includes(typeOf(reading, id));
  const described = new Set([...Object.keys(declared), ...Object.keys(catalog)].filter(hasColumns));
  return {
    nodes: linesOf(Object.entries(nodes).map(([id, [type, name]]) => [id, type, name])),
    code: linesOf(
      Object.entries(nodes).flatMap(([id, [, , code]]) => (isExecuted(id) && code !== '' ? [[id, code]] : [])),
    ),
    states: linesOf(statesOf(reading)),
    edges: linesOf(edges.map((edge) => edge.split(' > '))),
    tested: linesOf(Object.entries(tested).map(([id, facts]) => [id, ...facts])),
    tags: linesOf(Object.entries(tags)),
    columns: linesOf([...described].flatMap((id) => mergedColumns(reading, id).map((column) => [id, ...column]))),
    rows: linesOf(
      Object.entries(catalog).flatMap(([id, [rows]]) => (rows !== null && isBuilt(id) ? [[id, rows]] : [])),
    ),
    results: linesOf(results),
    statuses: linesOf(results.filter(([id]) => isExecuted(id))),
    runs: linesOf(runs),
    freshness: linesOf(freshness.map(([id, status, maximum, age]) => [id, status, instant(maximum), age])),
  };
}
