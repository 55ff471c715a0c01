import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FULL } from '../size.ts';
import { storeDifferences } from './both-sources-differences.ts';
import { COLUMN_EXCEPTIONS, ROW_EXCEPTIONS } from './both-sources-exceptions.ts';
import { openTwoStores, type Reader, type TwoStores } from './two-stores.ts';

const folder = (name: string) => fileURLToPath(new URL(`../../demo/histories/${name}`, import.meta.url));
const runsOf = (name: string): number => JSON.parse(readFileSync(`${folder(name)}/history.json`, 'utf8')).runs.length;
const everyRun = (name: string) => Array.from({ length: runsOf(name) }, (_, index) => index + 1);

const used = new Set<string>();

type Case = readonly [history: string, when: string, runs: readonly number[], withGaps: boolean];

const CASES: readonly Case[] = [
  ['duckdb', 'after every run', everyRun('duckdb'), false],
  ['duckdb', 'after runs 2, 5, 9 and 14 only', [2, 5, 9, 14], true],
  ['duckdb', 'after the last run only', [15], true],
  ['postgres', 'after every run', everyRun('postgres'), false],
  // Of a run that tries again the Discovery API tells the second attempt alone.
  ['troubles', 'after every run', everyRun('troubles'), true],
];

describe.each(
  FULL ? CASES : CASES.slice(1),
)('the store of the %s history, synced %s', (name, _when, runs, withGaps) => {
  let stores: TwoStores;
  let discovery: Reader;
  let artifacts: Reader;

  beforeAll(async () => {
    stores = openTwoStores(folder(name));
    discovery = await stores.reader('discovery');
    artifacts = await stores.reader('artifacts');
  });

  afterAll(() => stores?.close());

  it.each(runs)('tells after run %i the same, whoever is asked', async (run) => {
    stores.advance(run);
    await discovery.sync();
    expect(await artifacts.sync()).toMatchObject({ source: 'artifacts', outcome: 'done', rejects: 0 });
    expect(await storeDifferences({ discovery, artifacts, withGaps, used })).toEqual([]);
  });

  it.each(['discovery', 'artifacts'])('is not written again by a second sync through %s', async (source) => {
    const reader = source === 'discovery' ? discovery : artifacts;
    expect(await reader.sync({ full: true })).toMatchObject({ outcome: 'done', rowsWritten: 0, changes: {} });
    expect(await reader.sync()).toMatchObject({ outcome: 'unchanged', rowsWritten: 0 });
  });
});

it('no exception is made that is not needed', () => {
  const reasons = [...COLUMN_EXCEPTIONS, ...ROW_EXCEPTIONS].map(({ reason }) => reason);
  expect(reasons.filter((reason) => !used.has(reason))).toEqual([]);
});
