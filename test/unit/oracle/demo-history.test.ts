import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectedAfter, type Row } from '../../oracle/expected.ts';
import { loadHistory } from '../../oracle/load.ts';

// What must come out is taken from the titles of the runs, which say in words what each run shows.
const history = loadHistory(join(import.meta.dirname, '../../../demo/histories/duckdb'));

function after(k: number) {
  return expectedAfter(history, k);
}

function count(rows: readonly Row[], column: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[String(row[column])] = (counts[String(row[column])] ?? 0) + 1;
  return counts;
}

test('run 1, all well: every test passes and no change is logged', () => {
  const { tests, changes, exposures } = after(1);
  expect(Object.keys(count(tests, 'status'))).toEqual(['pass']);
  expect(changes).toEqual([]);
  expect(Object.keys(count(exposures, 'health'))).toEqual(['pass']);
});

test('run 3: one test fails, three warn, one cannot run; fct_orders has another description, tag and meta', () => {
  const { tests, changes } = after(3);
  expect(count(tests, 'status')).toMatchObject({ fail: 1, warn: 3, error: 1 });
  expect(changes.map((row) => [row.name, row.aspect]).sort()).toEqual([
    ['fct_orders', 'description'],
    ['fct_orders', 'meta'],
    ['fct_orders', 'tag'],
  ]);
});

test('run 4: a model fails, dependants are skipped and a source is too old', () => {
  const { models, sources, exposures } = after(4);
  expect(count(models, 'last_run_status')).toMatchObject({ error: 1 });
  expect(count(models, 'last_run_status').skipped).toBeGreaterThan(0);
  expect(count(sources, 'freshness_status')).toMatchObject({ error: 1 });
  expect(count(exposures, 'health')).toMatchObject({ fail: 1 });
});

test('run 5: the retry within the run is what counts', () => {
  expect(count(after(5).models, 'consecutive_failures')).toEqual({ 0: 32 });
});

test('run 6 is CI: nothing differs from before', () => {
  const rowsOf = (k: number) => JSON.stringify(after(k));
  expect(rowsOf(6)).toBe(rowsOf(5));
});

test('run 7: a model added, two removed, one with another materialization, columns that came and changed', () => {
  const changes = after(7).changes.slice(after(6).changes.length);
  const models = changes.filter((row) => row.resource_type === 'model');
  expect(count(models, 'aspect')).toMatchObject({ added: 1, removed: 2, materialization: 1 });
  const columns = models.filter((row) => row.aspect === 'column');
  expect(columns.some((row) => row.before === null)).toBe(true);
  expect(columns.some((row) => row.before !== null && row.after !== null)).toBe(true);
});

test('run 9: a model is renamed and an exposure has another owner', () => {
  const changes = after(9).changes.slice(after(8).changes.length);
  expect(count(changes, 'aspect')).toMatchObject({ renamed: 1, owner: 1, code: 1 });
});

test('run 10, parse only, gives definitions a new time and no results', () => {
  const [before, now] = [after(9), after(10)];
  expect(now.run_results).toEqual(before.run_results);
  expect(now.models[0]?.definition_at).not.toBe(before.models[0]?.definition_at);
});

test('run 11: a model comes back', () => {
  const changes = after(11).changes.slice(after(10).changes.length);
  expect(
    count(
      changes.filter((row) => row.resource_type === 'model'),
      'aspect',
    ),
  ).toEqual({ restored: 1 });
});

test('run 14, a part of the project: one test of fct_orders fails and the rest keeps its state', () => {
  const [before, now] = [after(13), after(14)];
  const failing = now.tests.filter((row) => row.status === 'fail');
  expect(failing).toMatchObject([{ tested_name: 'fct_orders' }]);
  expect(now.status_changes.length - before.status_changes.length).toBe(1);
  expect(count(now.tests, 'status').pass).toBe((count(before.tests, 'status').pass ?? 0) - 1);
});
