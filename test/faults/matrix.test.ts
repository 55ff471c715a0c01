import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultInput } from '../../demo/platform/faults.ts';
import { FatalError, SyncError } from '../../src/domain/errors.ts';
import type { SyncResult } from '../../src/sync/sync.ts';
import { idOf } from '../e2e/mini-project.ts';
import { FULL } from '../size.ts';
import { query } from '../store/database.ts';
import { type Cell, COLUMNS, CONNECTIONS, cellOf, type Expected } from './matrix-columns.ts';
import { FIRST_RUN, type Matrix, openMatrix, type Scene, TOKEN } from './matrix-scene.ts';
import { closedNodes, differencesBeside, lastingFacts, lostRows, missingFrom, type States } from './matrix-store.ts';
import { ROWS } from './matrix-table.ts';
import { tableText } from './process-table.ts';
import { differences, type Facts, factsOf } from './stores.ts';

const OUTCOMES: Record<Expected, string> = {
  done: 'done',
  partial: 'partial',
  reject: 'partial',
  down: 'SyncError',
  refused: 'FatalError',
};

let matrix: Matrix;
const told = new Map<string, string>();

beforeAll(async () => {
  matrix = await openMatrix();
});

afterAll(async () => {
  await matrix?.close();
  if (!FULL) return;
  const rows = ROWS.map(({ name }) => [name, ...COLUMNS.map((column) => told.get(`${name} ${column}`) ?? '')]);
  process.stdout.write(tableText(TITLE, ['fault', ...COLUMNS.map(shortName)], rows));
});

const TITLE = `Outcome and rows lost, for each fault and each query it hits
  (d. definition, a. applied; done, part = partial, down = failed with exit code 1, stop = failed with exit code 2)`;
const SHORT: { readonly [outcome: string]: string } = { partial: 'part', SyncError: 'down', FatalError: 'stop' };

function shortName(column: string): string {
  const connection = CONNECTIONS.find(({ operation }) => operation === column);
  return connection ? `${connection.state[0]}.${connection.type.slice(0, 4)}` : column.toLowerCase();
}

/** Columns of a row: all of them, or in a sample one that differs from row to row. */
function columnsOf(index: number): string[] {
  const row = ROWS[index];
  const columns = COLUMNS.filter((column) => row && cellOf(row, column, 2));
  return FULL ? columns : columns.filter((_, at) => at === (7 * index) % columns.length);
}

const isMoving = ({ kind }: FaultInput) => kind === 'moving';

interface Ended {
  readonly outcome: string;
  readonly result: SyncResult | null;
  readonly error: unknown;
}

async function syncUnder({ faults }: Cell, { platform, sync }: Scene): Promise<Ended> {
  for (const fault of faults) platform.fail(fault);
  const isTimedOut = faults.some(({ kind }) => kind === 'hang' || kind === 'slow');
  const timeoutMs = isTimedOut ? 300 : 10_000;
  try {
    const result = await sync({ timeoutMs });
    return { outcome: result.outcome, result, error: null };
  } catch (error) {
    const isOurs = error instanceof FatalError || error instanceof SyncError;
    return { outcome: isOurs ? error.name : 'another error', result: null, error };
  }
}

/** The store after the fault, as the cell expects it. */
async function checkStore(cell: Cell, after: Facts, states: States): Promise<void> {
  if (cell.expected === 'done') expect(differences(after, states.right)).toEqual([]);
  if (cell.expected === 'down' || cell.expected === 'refused') expect(differences(after, states.before)).toEqual([]);
  if (cell.expected === 'partial') {
    expect(closedNodes(after, states)).toEqual([]);
    if (!cell.sentence) expect(missingFrom(after, states, cell)).toEqual([]);
  }
  if (cell.expected === 'reject') {
    expect(differencesBeside(idOf(cell.connection?.type ?? '', 'b'), after, states)).toEqual([]);
  }
}

/** What is said of a partial pass: the connection, or the node as a reject. */
async function checkSaid({ expected, sentence, connection }: Cell, { result }: Ended, url: string): Promise<void> {
  if (expected === 'partial') {
    const about = sentence ?? new RegExp(`^${connection?.state}\\.${connection?.connection}\\b`);
    expect(result?.partialReasons).toContainEqual(expect.stringMatching(about));
  }
  if (expected === 'reject') {
    const rejects = await query(url, 'select resource_type, unique_id from dbt.rejects');
    const type = connection?.type ?? '';
    expect(rejects).toEqual([{ resource_type: type, unique_id: idOf(type, 'b') }]);
  }
}

async function checkNoSecret({ error }: Ended, url: string): Promise<void> {
  const rows = await query<{ text: string }>(
    url,
    'select to_jsonb(s)::text as text from dbt.sync_runs s union all select to_jsonb(r)::text from dbt.rejects r',
  );
  const said = inspect(error, { depth: Infinity, showHidden: true }) + rows.map(({ text }) => text).join('\n');
  expect(said).not.toContain(TOKEN);
}

/** Once the fault is gone the next pass ends where one without faults does. */
async function checkMended({ expected, faults }: Cell, { platform, sync, databaseUrl }: Scene, right: Facts) {
  platform.heal();
  const { outcome, rowsWritten } = await sync();
  if (expected === 'done') return expect([outcome, rowsWritten]).toEqual(['unchanged', 0]);
  expect(outcome).toBe('done');
  const hasOtherPast = faults.some(isMoving);
  const mended = lastingFacts(await factsOf(databaseUrl), { hasOtherPast });
  expect(differences(mended, lastingFacts(right, { hasOtherPast }))).toEqual([]);
}

async function check(cell: Cell, scene: Scene): Promise<void> {
  const ended = await syncUnder(cell, scene);
  const hits = scene.platform.faults().at(-1)?.hits ?? 0;
  const run = FIRST_RUN + 1 + (cell.faults.some(isMoving) ? hits : 0);
  const states = { before: matrix.before, right: await matrix.after(run) };
  const after = await factsOf(scene.databaseUrl);
  const lost = lostRows(after, states);
  told.set(`${cell.row.name} ${cell.column}`, `${SHORT[ended.outcome] ?? ended.outcome} ${lost.length}`);
  expect(hits).toBeGreaterThan(0);
  expect(ended.outcome, inspect(ended.error ?? ended.result?.partialReasons)).toBe(OUTCOMES[cell.expected]);
  expect(lost).toEqual([]);
  await checkStore(cell, after, states);
  await checkSaid(cell, ended, scene.databaseUrl);
  await checkNoSecret(ended, scene.databaseUrl);
  await checkMended(cell, scene, states.right);
}

describe.concurrent.each(ROWS.map((row, index) => ({ name: row.name, row, columns: columnsOf(index) })))('$name', ({
  row,
  columns,
}) => {
  it.each(columns)('in %s leads to what it must', { timeout: 60_000 }, async (column) => {
    const cell = cellOf(row, column, matrix.probes);
    if (!cell) throw new Error(`There is no cell of ${row.name} and ${column}.`);
    const scene = await matrix.open(FIRST_RUN + 1);
    try {
      await check(cell, scene);
    } finally {
      await scene.close();
    }
  });
});
