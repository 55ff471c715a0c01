import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FULL } from '../size.ts';
import { storeDifferences } from './both-sources-differences.ts';
import { openTwoStores, type Reader, type TwoStores } from './two-stores.ts';

const folder = (name: string) => fileURLToPath(new URL(`../../demo/histories/${name}`, import.meta.url));
const runsOf = (name: string): number => JSON.parse(readFileSync(`${folder(name)}/history.json`, 'utf8')).runs.length;
const everyRun = (name: string) => Array.from({ length: runsOf(name) }, (_, index) => index + 1);

/** The past as readers see it, row by row; which node a row is of is told by its unique id. */
const PAST = [
  'select * from dbt.jobs order by job_id',
  'select * from dbt.runs order by run_id',
  'select * from dbt.run_steps order by run_id, step',
  'select * from dbt.run_results order by run_id, step, unique_id',
  'select * from dbt.freshness_results order by unique_id, snapshotted_at',
  'select integration, unique_id, from_status, to_status, changed_at, run_id from dbt.status_changes order by changed_at, unique_id',
];

/** Results of nodes that the Discovery API does not tell are there without what a definition tells. */
const withoutDefinition = (rows: readonly Readonly<Record<string, unknown>>[]) =>
  rows.map(({ name: _, resource_type: __, ...row }) => row);

/** Operations have results in the runs, and no definition in the Discovery API. */
const UNTOLD = /^nodes\.\w+ of operation\./;

async function pastOf(reader: Reader) {
  const found: unknown[] = [];
  for (const statement of PAST) found.push(withoutDefinition(await reader.rows(statement)));
  return found;
}

describe.each([
  ['duckdb', FULL ? 'after every run' : 'after runs 6, 9 and 15 only', FULL ? everyRun('duckdb') : [6, 9, 15]],
  ['duckdb', 'after the last run only', [15]],
  ['postgres', 'after every run', everyRun('postgres')],
  ['troubles', 'after every run', everyRun('troubles')],
])('with run history, the store of the %s history, synced %s', (name, _when, runs) => {
  let stores: TwoStores;
  let discovery: Reader;
  let artifacts: Reader;

  beforeAll(async () => {
    stores = openTwoStores(folder(name));
    discovery = await stores.reader('discovery', { runHistory: true });
    artifacts = await stores.reader('artifacts', { runHistory: true });
  });

  afterAll(() => stores?.close());

  it.each(runs)('tells after run %i the same past, whoever is asked for the state', async (run) => {
    stores.advance(run);
    const read = await discovery.sync();
    expect([read.outcome, read.partialReasons, read.warnings]).toEqual(['done', [], []]);
    expect(await artifacts.sync()).toMatchObject({ source: 'artifacts', outcome: 'done', rejects: 0 });
    expect(await pastOf(discovery)).toEqual(await pastOf(artifacts));
    const compared = { discovery, artifacts, withGaps: false, used: new Set<string>() };
    expect((await storeDifferences(compared)).filter((line) => !UNTOLD.test(line))).toEqual([]);
  });

  it('holds every run and nothing that the Discovery API told of results', async () => {
    const told = await discovery.rows('select run_id, sets_state from dbt.runs order by run_id');
    const { runs: known } = JSON.parse(readFileSync(`${folder(name)}/history.json`, 'utf8'));
    const production = known.slice(0, runs.at(-1)).map((run: { id: number }) => String(run.id));
    expect(told.map(({ run_id: id }) => id)).toEqual(production.sort());
    expect(await discovery.rows('select * from dbt.run_results where step <= 0')).toEqual([]);
  });

  it('is not written again by a second sync', async () => {
    expect(await discovery.sync({ full: true })).toMatchObject({ outcome: 'done', rowsWritten: 0, changes: {} });
    expect(await discovery.sync()).toMatchObject({
      outcome: 'unchanged',
      rowsWritten: 0,
      requests: expect.any(Number),
    });
  });
});
