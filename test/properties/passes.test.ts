import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStore } from '../../src/store/pass.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { differences } from '../e2e/differences.ts';
import { miniHistory } from '../e2e/mini-history.ts';
import { loadHistory } from '../oracle/load.ts';
import { createTestDatabase, type TestDatabase } from '../store/database.ts';
import { randomRuns } from './random-history.ts';
import { recordStates, type State, syncState } from './recorded-states.ts';
import { numRuns } from './runs.ts';

const RECORDED = fileURLToPath(new URL('../../demo/histories/duckdb', import.meta.url));

let database: TestDatabase;
let pool: Pool;
let client: pg.Client;
let integrations = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url);
  client = new pg.Client(database.url);
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await pool?.end();
  await database?.drop();
});

/** Takes the passes in a store of their own, and says what then differs from the artifacts. */
async function afterPasses(folder: string, states: readonly State[], passes: readonly number[]): Promise<string[]> {
  const integration = `i${++integrations}`;
  const store = createStore(pool);
  for (const pass of passes) {
    const state = states[pass - 1];
    if (state === undefined) throw new Error(`There is no run ${pass}`);
    expect(await syncState(store, integration, state)).toMatchObject({ outcome: 'done', rejects: 0 });
  }
  const options = { integration, run: states.length, syncsAfter: passes };
  return differences(client, loadHistory(folder), options);
}

/** Passes by the number of the run whose state they meet, in any order and as often as it comes. */
const passesOf = (runs: number, maxLength: number) =>
  fc.array(fc.integer({ min: 1, max: runs }), { minLength: 1, maxLength });

it('a past of which nothing is known is told right by passes in any order and repetition', {
  timeout: 600_000,
}, async () => {
  const withPasses = randomRuns.chain((runs) => fc.tuple(fc.constant(runs), passesOf(runs.length, 7)));
  const holds = fc.asyncProperty(withPasses, async ([runs, passes]) => {
    const folder = miniHistory(runs);
    expect(await afterPasses(folder, await recordStates(folder), passes)).toEqual([]);
  });
  await fc.assert(holds, numRuns(20));
});

it('a recorded past is told right by passes in any order and repetition', { timeout: 600_000 }, async () => {
  const states = await recordStates(RECORDED);
  const holds = fc.asyncProperty(passesOf(states.length, 5), async (passes) => {
    expect(await afterPasses(RECORDED, states, passes)).toEqual([]);
  });
  await fc.assert(holds, numRuns(4));
});
