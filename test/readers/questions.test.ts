import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTwoStores, type Reader, type TwoStores } from '../e2e/two-stores.ts';
import { definition, openStore, run } from '../store/builders.ts';
import { ANSWERS_NOW, type Answer } from './answers-now.ts';
import { ANSWERS_PAST } from './answers-past.ts';
import { stopClock } from './clock.ts';
import { demoFacts } from './demo-facts.ts';
import { type Question, questions, readDaysAsUtc, table, unlike, writeOutput } from './document.ts';
import { pastOf } from './past.ts';

/** The answers on the first of them are those of the document. */
const HISTORIES = [
  { name: 'duckdb', runs: 15, now: '2026-11-09T18:00:00Z', isShown: true },
  { name: 'postgres', runs: 3, now: '2026-11-04T18:00:00Z', isShown: false },
  { name: 'troubles', runs: 3, now: '2026-11-04T18:00:00Z', isShown: false },
];
const folderOf = (name: string) => fileURLToPath(new URL(`../../demo/histories/${name}`, import.meta.url));
const ANSWERS: { readonly [question: number]: Answer } = { ...ANSWERS_NOW, ...ANSWERS_PAST };
/** Columns that are words about what the others say, or that artifacts do not tell. */
const LEFT_OUT: { readonly [question: number]: readonly string[] } = { 1: ['reason'], 2: ['reason'], 15: ['url'] };
/** The question that dbt's artifacts cannot answer. */
const OF_THE_SYNC = 23;
const ASKED = questions();
readDaysAsUtc();

describe.each(HISTORIES)('the questions on the history $name, as dbt_reader', ({ name, runs, now, isShown }) => {
  let stores: TwoStores;
  let reader: Reader;
  const past = pastOf(demoFacts(folderOf(name), now));

  beforeAll(async () => {
    stores = openTwoStores(folderOf(name));
    reader = await stores.reader('discovery', { runHistory: true });
    for (let run = 1; run <= runs; run++) {
      stores.advance(run);
      await reader.sync();
    }
    await reader.rows(`set time zone 'UTC'`);
    await reader.rows(
      `update dbt_store.sync_run set started_at = timestamptz '${now}' - interval '2 minutes', finished_at = timestamptz '${now}' - interval '1 minute'`,
    );
    await reader.rows(stopClock(now));
    await reader.rows('set role dbt_reader');
  }, 120_000);

  afterAll(() => stores?.close());

  it.each(ASKED)('$number. $title', async (question) => {
    const { columns, rows } = await answered(question);
    const output = table(columns, rows);
    if (isShown && process.env.UPDATE_DOCS === '1') writeOutput(question, output);
    else if (isShown) expect(question.output).toBe(output);
    const answer = ANSWERS[question.number];
    if (answer !== undefined) expect(unlike(compared(question, { columns, rows }), answer(past))).toEqual([]);
    else expect(question.number).toBe(OF_THE_SYNC);
  });

  async function answered({ query }: Question) {
    const rows = await reader.rows(query);
    const columns = Object.keys(rows[0] ?? {});
    return { columns, rows: rows.map((row) => columns.map((name) => row[name])) };
  }
});

/** What is compared. */
function compared({ number }: Question, { columns, rows }: { columns: readonly string[]; rows: readonly unknown[][] }) {
  const kept = columns.map((name) => LEFT_OUT[number]?.includes(name) !== true);
  return rows.map((row) => row.filter((_, index) => kept[index]));
}

it('says of the sync itself what it could not get', async () => {
  const store = await openStore();
  const at = new Date(Date.now() - 60_000).toISOString();
  const reject = { resourceType: null, uniqueId: null, reason: 'no unique_id', raw: {} };
  const history = [
    run('7', { createdAt: at, finishedAt: at }),
    run('8', { createdAt: at, finishedAt: at, resultsMissingReason: 'its artifacts are gone' }),
  ];
  await store.sync([definition('model.shop.orders')], { history, rejects: [reject], source: 'artifacts' });
  const { query = '' } = ASKED.find(({ number }) => number === OF_THE_SYNC) ?? {};
  const { last_sync_at: finishedAt, ...rest } = await store.row<Record<string, unknown>>(query);
  expect(Date.now() - new Date(String(finishedAt)).getTime()).toBeLessThan(60_000);
  expect(rest).toEqual({
    ...{ last_sync_outcome: 'done', last_sync_error: null, is_stale: null },
    ...{ rejects: '1', runs_with_missing_results: '1' },
  });
});

it('is asked all that readers ask', () => {
  expect(ASKED.map(({ number }) => number)).toEqual(Array.from({ length: 23 }, (_, index) => index + 1));
});
