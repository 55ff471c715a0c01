import { isDeepStrictEqual } from 'node:util';
import { COLUMN_EXCEPTIONS, ROW_EXCEPTIONS, type Row } from './both-sources-exceptions.ts';
import { VIEW_KEYS } from './differences.ts';
import type { Reader } from './two-stores.ts';

/** Two stores of the same history: one knows it from the Discovery API alone, the other from artifacts, too. */
export interface Compared {
  readonly discovery: Reader;
  readonly artifacts: Reader;
  /** More than one run ended between two syncs. */
  readonly withGaps: boolean;
  /** Takes the reason of every exception that was needed. */
  readonly used: Set<string>;
}

/** Results are compared in a way of their own. */
const RESULTS = ['run_results', 'test_results'] as const;
const KEYS: Record<string, readonly string[]> = { ...VIEW_KEYS, integrations: ['integration'] };
const VIEWS = Object.keys(KEYS).filter((view) => !RESULTS.some((results) => results === view));
/** What tells a result apart in both stores: the Discovery API knows of no step. */
const RESULT_KEY = ['run_id', 'unique_id', 'executed_at'];
/** What only the invocation knows, or what says who told it. */
const RESULT_EXCEPTIONS = [
  'step',
  'invocation_id',
  'thread_id',
  'adapter_response',
  'rows_affected',
  'batches_successful',
  'batches_failed',
  'results_source',
];

const cell = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value));

function byKey(rows: readonly Row[], key: readonly string[]): Map<string, Row> {
  return new Map(rows.map((row) => [key.map((column) => cell(row[column])).join(' | '), row]));
}

function excused({ withGaps, used }: Compared, columns: string, [discovery, artifacts]: readonly [Row, Row]): boolean {
  const found = COLUMN_EXCEPTIONS.find(
    (one) =>
      (withGaps || !one.withGaps) && one.columns.test(columns) && (one.rows?.(discovery, artifacts) ?? true) !== false,
  );
  if (found !== undefined) used.add(found.reason);
  return found !== undefined;
}

function missing({ withGaps, used }: Compared, view: string, discovery?: Row, artifacts?: Row): boolean {
  const only = discovery === undefined ? 'artifacts' : 'discovery';
  const row = discovery ?? artifacts ?? {};
  const found = ROW_EXCEPTIONS.find(
    (one) => one.view === view && one.only === only && (withGaps || !one.withGaps) && (one.rows?.(row) ?? true),
  );
  if (found !== undefined) used.add(found.reason);
  return found === undefined;
}

const shown = (value: unknown) => (JSON.stringify(value) ?? 'undefined').slice(0, 200);

async function viewDifferences(compared: Compared, view: string): Promise<string[]> {
  const rowsOf = async (reader: Reader) => byKey(await reader.rows(`select * from dbt.${view}`), KEYS[view] ?? []);
  const [discovery, artifacts] = [await rowsOf(compared.discovery), await rowsOf(compared.artifacts)];
  return [...new Set([...discovery.keys(), ...artifacts.keys()])].flatMap((id) => {
    const [left, right] = [discovery.get(id), artifacts.get(id)];
    if (left === undefined || right === undefined) {
      return missing(compared, view, left, right)
        ? [`${view}: ${id} only in ${left === undefined ? 'artifacts' : 'discovery'}`]
        : [];
    }
    return Object.keys(left)
      .filter((column) => !isDeepStrictEqual(left[column], right[column]))
      .filter((column) => !excused(compared, `${view}.${column}`, [left, right]))
      .map((column) => `${view}.${column} of ${id}: ${shown(left[column])} and ${shown(right[column])}`);
  });
}

/** Where a last success is not the last attempt, its word is `success` for tests, too. */
function isSameStatus(discovery: Row, artifacts: Row): boolean {
  const isSuccess = discovery.step === -1 && discovery.status === 'success';
  return discovery.status === artifacts.status || (isSuccess && ['pass', 'warn'].includes(String(artifacts.status)));
}

/** The Discovery API tells few results, but what it tells of them is what artifacts tell. */
async function resultDifferences({ discovery, artifacts }: Compared, view: string): Promise<string[]> {
  const told = byKey(await discovery.rows(`select * from dbt.${view}`), RESULT_KEY);
  const known = byKey(await artifacts.rows(`select * from dbt.${view}`), RESULT_KEY);
  return [...told].flatMap(([id, left]) => {
    const right = known.get(id);
    if (right === undefined) return [`${view}: ${id} only in discovery`];
    const columns = Object.keys(left).filter((column) => !RESULT_EXCEPTIONS.includes(column) && left[column] !== null);
    return columns
      .filter((column) =>
        column === 'status' ? !isSameStatus(left, right) : !isDeepStrictEqual(left[column], right[column]),
      )
      .map((column) => `${view}.${column} of ${id}: ${shown(left[column])} and ${shown(right[column])}`);
  });
}

/** What differs between the stores, one line each, but for what they cannot but differ in. */
export async function storeDifferences(compared: Compared): Promise<string[]> {
  const found: string[] = [];
  for (const view of VIEWS) found.push(...(await viewDifferences(compared, view)));
  for (const view of RESULTS) found.push(...(await resultDifferences(compared, view)));
  return found;
}
