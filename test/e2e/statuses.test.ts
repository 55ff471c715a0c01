import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTwoStores, type Reader, type TwoStores } from './two-stores.ts';

const HISTORIES = ['duckdb', 'postgres', 'troubles'];
const folder = (name: string) => fileURLToPath(new URL(`../../demo/histories/${name}`, import.meta.url));

interface Step {
  readonly index: number;
  readonly name: string;
}

interface RunResults {
  readonly args: { readonly which: string };
  readonly results: readonly { readonly unique_id: string; readonly status: string }[];
}

/** Invocations that execute nothing. */
const WITHOUT_RESULTS = ['generate', 'compile', 'parse', 'list'];

/** The results of one step, as dbt wrote them; none when the step left no file. */
function resultsOf(name: string, run: number, step: number): RunResults['results'] {
  const file = `${folder(name)}/runs/${run}/${step}/run_results.json.gz`;
  if (!existsSync(file)) return [];
  const { args, results } = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as RunResults;
  return WITHOUT_RESULTS.includes(args.which) ? [] : results;
}

interface Told {
  readonly results: string[];
  readonly runs: readonly { readonly id: number; readonly steps: readonly Step[] }[];
}

/** Every result of a history: `run step node status`. */
function toldBy(name: string): Told {
  const { runs } = JSON.parse(readFileSync(`${folder(name)}/history.json`, 'utf8')) as Told;
  const results = runs.flatMap(({ id, steps }) =>
    steps.flatMap(({ index }) =>
      resultsOf(name, id, index).map(({ unique_id: node, status }) => `${id} ${index} ${node} ${status}`),
    ),
  );
  return { results: results.sort(), runs };
}

const stores: TwoStores[] = [];
const readers = new Map<string, Reader>();

beforeAll(async () => {
  for (const name of HISTORIES) {
    const opened = openTwoStores(folder(name));
    stores.push(opened);
    const reader = await opened.reader('artifacts', { runHistory: true });
    readers.set(name, reader);
    opened.advance(toldBy(name).runs.length);
    await reader.sync();
  }
});

afterAll(async () => {
  for (const opened of stores) await opened.close();
});

it.each(HISTORIES)('every result of every step of the %s history is stored with its status', async (name) => {
  const rows = (await readers.get(name)?.rows('select run_id, step, unique_id, status from dbt.run_results')) ?? [];
  const stored = rows.map((row) => `${row.run_id} ${row.step} ${row.unique_id} ${row.status}`).sort();
  expect(stored).toEqual(toldBy(name).results);
});

it.each([
  ['tests that pass', /^test\..* pass$/],
  ['tests that warn', /^test\..* warn$/],
  ['tests that fail', /^test\..* fail$/],
  ['tests that cannot be executed', /^test\..* error$/],
  ['tests that are skipped', /^test\..* skipped$/],
  ['models that fail', /^model\..* error$/],
  ['models that are skipped', /^model\..* skipped$/],
])('the histories show %s ten times or more', (_, pattern) => {
  const results = HISTORIES.flatMap((name) => toldBy(name).results.map((line) => line.replace(/^\d+ \d+ /, '')));
  expect(results.filter((line) => pattern.test(line)).length).toBeGreaterThanOrEqual(10);
});

it('the histories show nodes that are executed twice in a run, and docs as the last step, ten times or more', () => {
  const all = HISTORIES.map(toldBy);
  const nodes = all.flatMap(({ results }) => results.map((line) => line.replace(/^(\d+) \d+ (\S+) .*/, '$1 $2')));
  const last = all.flatMap(({ runs }) => runs.map(({ steps }) => steps.at(-1)?.name ?? ''));
  expect(nodes.length - new Set(nodes).size).toBeGreaterThanOrEqual(10);
  expect(last.filter((name) => name.includes('dbt docs generate')).length).toBeGreaterThanOrEqual(10);
});
