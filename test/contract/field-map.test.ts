import { readdirSync, readFileSync } from 'node:fs';
import { type FragmentDefinitionNode, type OperationDefinitionNode, parse, type SelectionSetNode } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, query, type TestDatabase } from '../store/database.ts';
import { FIELD_MAP } from './field-map.ts';
import { GAPS, type Origin } from './field-map-nodes.ts';

const folder = new URL('../../queries/', import.meta.url);
const files = readdirSync(folder).filter((name) => name !== 'schema.graphql');
const { definitions } = parse(files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n'));
const operations = definitions.filter(
  (found): found is OperationDefinitionNode => found.kind === 'OperationDefinition',
);
const fragments = new Map(
  definitions
    .filter((found): found is FragmentDefinitionNode => found.kind === 'FragmentDefinition')
    .map((fragment) => [fragment.name.value, fragment.selectionSet]),
);

/** Where the nodes of a connection begin; of the probe, the environment itself. */
const NODE = /^environment\.(?:(?:applied|definition)\.\w+\.edges\.node\.)?/;
const PAGING = /^environment\.\w+\.\w+\.(totalCount|pageInfo\.\w+)$/;

function leaves(set: SelectionSetNode, path: readonly string[]): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === 'InlineFragment') return leaves(selection.selectionSet, path);
    if (selection.kind === 'FragmentSpread') {
      const fragment = fragments.get(selection.name.value);
      return fragment === undefined ? [] : leaves(fragment, path);
    }
    const here = [...path, selection.name.value];
    return selection.selectionSet === undefined ? [here.join('.')] : leaves(selection.selectionSet, here);
  });
}

/** Every leaf that the documents select, as `Document.path`; what pages a connection is left out. */
const selected = new Set(
  operations.flatMap(({ name, selectionSet }) =>
    leaves(selectionSet, [])
      .filter((path) => !PAGING.test(path))
      .map((path) => `${name?.value}.${path.replace(NODE, '')}`),
  ),
);

/** Selected for other ends than a column: they tell nodes apart, order what is said of them, or say that all moved. */
const NEEDED = [
  /\.(resourceType|__typename)$/,
  /^Definition\w+\.runId$/,
  /^AppliedSources\.freshness\.freshnessJobDefinitionId$/,
  /^Probe\.definition\.lastUpdatedAt$/,
];

const origins: readonly (readonly [string, Origin])[] = Object.entries(FIELD_MAP).flatMap(([view, columns]) =>
  Object.entries(columns).map(([column, origin]) => [`${view}.${column}`, origin] as const),
);
const used = new Set(origins.flatMap(([, origin]) => (typeof origin === 'string' ? [] : origin)));
const isAmong = (patterns: readonly RegExp[], path: string) => patterns.some((pattern) => pattern.test(path));

describe('the columns of the reader views', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  it('are all mapped, and only they', async () => {
    const columns = await query<{ name: string }>(
      database.url,
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'dbt' and table_name in (select table_name from information_schema.views)`,
    );
    expect(origins.map(([name]) => name).toSorted()).toEqual(columns.map(({ name }) => name).toSorted());
  });

  it('are each filled by a field, derived, or a known gap', () => {
    const known = new Set<string>(GAPS.map((gap) => `not in Discovery: ${gap}`));
    const unexplained = origins.filter(([, origin]) =>
      typeof origin === 'string' ? !origin.startsWith('derived: ') && !known.has(origin) : origin.length === 0,
    );
    expect(unexplained.map(([name]) => name)).toEqual([]);
  });

  it('have no gap that no column shows', () => {
    const shown = new Set<unknown>(origins.map(([, origin]) => origin));
    expect(GAPS.filter((gap) => !shown.has(`not in Discovery: ${gap}`))).toEqual([]);
  });
});

describe('the fields of the documents', () => {
  it('are selected wherever the map names them', () => {
    expect([...used].filter((path) => !selected.has(path))).toEqual([]);
  });

  it('are selected for a column, or for an end that is listed', () => {
    const idle = [...selected].filter((path) => !used.has(path) && !isAmong(NEEDED, path));
    expect(idle).toEqual([]);
  });

  it('are listed as needed only while they are selected', () => {
    expect(NEEDED.filter((pattern) => ![...selected].some((path) => pattern.test(path)))).toEqual([]);
  });
});
