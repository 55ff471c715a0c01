import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedAfter } from '../oracle/expected.ts';
import { loadHistory } from '../oracle/load.ts';
import { differences } from './differences.ts';
import { type Loop, openLoop } from './loop.ts';

const folder = (name: string) => fileURLToPath(new URL(`../../demo/histories/${name}`, import.meta.url));
const runsOf = (name: string): number => JSON.parse(readFileSync(`${folder(name)}/history.json`, 'utf8')).runs.length;
const everyRun = (name: string) => Array.from({ length: runsOf(name) }, (_, index) => index + 1);

/** Every node's ancestors and descendants by the functions, against the oracle's own walk. */
async function walkDifferences(client: pg.Client, name: string, run: number): Promise<string[]> {
  const expected = expectedAfter(loadHistory(folder(name)), run, { integration: name });
  const found: string[] = [];
  for (const direction of ['upstream', 'downstream'] as const) {
    const { rows } = await client.query(
      `select n.unique_id as origin, w.unique_id, w.distance from dbt.nodes n, dbt.${direction}(n.integration, n.unique_id) w
      where n.resource_type in ('model', 'source', 'exposure', 'metric')`,
    );
    const walked = new Map<string, Map<string, number>>();
    for (const { origin, unique_id: id, distance } of rows) {
      walked.set(origin, (walked.get(origin) ?? new Map()).set(id, distance));
    }
    const { rows: origins } = await client.query(
      "select unique_id from dbt.nodes where resource_type in ('model', 'source', 'exposure', 'metric')",
    );
    for (const { unique_id: origin } of origins) {
      const actual = JSON.stringify([...(walked.get(origin) ?? [])].sort());
      const right = JSON.stringify([...expected[direction](origin)].sort());
      if (actual !== right) found.push(`${direction}(${origin}): ${actual}, expected ${right}`);
    }
  }
  return found;
}

describe.each([
  ['duckdb', 'after every run', everyRun('duckdb')],
  ['duckdb', 'after runs 2 and 14 only', [2, 14]],
  ['duckdb', 'after runs 3, 4, 7 and 13 only', [3, 4, 7, 13]],
  ['postgres', 'after every run', everyRun('postgres')],
  ['troubles', 'after every run', everyRun('troubles')],
])('the store of the %s history, synced %s', (name, _when, runs) => {
  let loop: Loop;
  let client: pg.Client;

  beforeAll(async () => {
    loop = await openLoop(folder(name), name);
    client = new pg.Client(loop.databaseUrl);
    await client.connect();
  });

  afterAll(async () => {
    await client?.end();
    await loop?.close();
  });

  it.each(runs)('holds after run %i exactly what the artifacts say', async (run) => {
    await loop.advance(run);
    await loop.sync();
    const history = loadHistory(folder(name));
    expect(await differences(client, history, { integration: name, run, syncsAfter: runs })).toEqual([]);
  });

  it('walks lineage in both directions over every distance', async () => {
    const last = runs.at(-1) ?? 0;
    expect(await walkDifferences(client, name, last)).toEqual([]);
  });

  it('writes nothing when everything is read again', async () => {
    expect(await loop.sync({ full: true })).toMatchObject({ outcome: 'done', rowsWritten: 0, changes: {} });
    expect(await loop.sync()).toMatchObject({ outcome: 'unchanged', requests: 1 });
  });
});
