import { expect, it } from 'vitest';
import type { HistoryRecord, StoreRecord } from '../../src/domain/records.ts';
import { catalog, column, definition, freshness, openStore, result, run, type TestStore } from '../store/builders.ts';
import { ANSWERS_NOW, type Answer } from './answers-now.ts';
import { ANSWERS_PAST } from './answers-past.ts';
import { stopClock } from './clock.ts';
import { questions, readDaysAsUtc, unlike } from './document.ts';
import type { FactNode, Facts } from './facts.ts';
import { generatedFacts } from './generated-facts.ts';
import { pastOf } from './past.ts';

const ANSWERS: { readonly [question: number]: Answer } = { ...ANSWERS_NOW, ...ANSWERS_PAST };
const LEFT_OUT: { readonly [question: number]: readonly string[] } = { 1: ['reason'], 2: ['reason'], 15: ['url'] };
readDaysAsUtc();
const JOBS: { readonly [name: string]: number } = { Daily: 7, Checks: 8 };

/** The first manifest is of the first run, so that all is as old as the project. */
const definitionsOf = ({ nodes, runs }: Facts): StoreRecord[] =>
  nodes.flatMap((node) => {
    const at = runs[0]?.createdAt ?? null;
    const facts = {
      description: node.description,
      databaseName: node.database,
      schemaName: node.schema,
      identifier: node.identifier,
      // A test has the owner of what it tests.
      ownerName: node.type === 'test' ? null : node.owner,
      filePath: `models/${node.name}.sql`,
      contractEnforced: node.contract,
      deprecationDate: node.isDeprecated ? '2026-01-01T00:00:00.000Z' : null,
      ...kindOf(node),
    };
    const told = node.columns.map(({ name, description }) => column(name, { description }));
    const defined = definition(node.id, facts, { at, parents: node.parents });
    return told.length === 0 ? [defined] : [defined, catalog(node.id, told, at)];
  });

function kindOf(node: FactNode): object {
  if (node.type === 'test') return { testedUniqueId: node.tested, columnName: node.column, testType: 'generic' };
  if (node.type === 'exposure') return { properties: { exposure_type: 'dashboard', url: node.url } };
  return node.type === 'source' ? { sourceName: 'shop' } : {};
}

const historyOf = ({ runs }: Facts): HistoryRecord[] => [
  ...Object.entries(JOBS).map(([name, jobId]): HistoryRecord => {
    return {
      kind: 'job',
      jobId,
      name,
      jobType: 'scheduled',
      environmentId: 3,
      schedule: null,
      steps: [],
      deactivated: false,
    };
  }),
  ...runs.flatMap(({ id, job, status, createdAt, startedAt, finishedAt, gitSha, retryOf, counts }): HistoryRecord[] => [
    run(id, {
      jobId: JOBS[job] ?? null,
      status,
      createdAt,
      startedAt,
      finishedAt,
      gitSha,
      retryOfRunId: retryOf,
      setsState: counts,
    }),
    {
      ...{ kind: 'step', runId: id, step: 1, name: 'Build', command: 'dbt build', which: 'build', status },
      ...{ invocationId: `i${id}`, startedAt, finishedAt },
    },
  ]),
];

const resultsOf = ({ results, checks }: Facts): StoreRecord[] => [
  ...results.map((one) =>
    result(one.id, {
      ...{ runId: one.runId, step: one.step, status: one.status, failures: one.failures, executedAt: one.at },
      ...{ startedAt: one.startedAt, completedAt: one.completedAt, executionTimeS: one.seconds },
    }),
  ),
  ...checks.map((check) =>
    freshness(check.id, {
      snapshottedAt: check.at,
      status: check.status,
      maxLoadedAt: check.loadedAt,
      ageS: check.ageS,
    }),
  ),
];

async function fill(store: TestStore, facts: Facts): Promise<void> {
  await store.sync(definitionsOf(facts));
  const history = historyOf(facts);
  // Half of the past comes first, as of a backfill, so that what is kept of it is counted in two passes.
  const [early, late] = [(id: number) => id < 1_040, (id: number) => id >= 1_040];
  for (const isNow of [late, early]) {
    const part = {
      ...facts,
      results: facts.results.filter(({ runId }) => isNow(Number(runId))),
      checks: isNow === late ? facts.checks : [],
    };
    await store.sync(resultsOf(part), { source: 'artifacts', history });
  }
}

it.each([1, 2, 3])('answers every question of a generated history as it was made (seed %i)', async (seed) => {
  const facts = generatedFacts(seed);
  const store = await openStore();
  await fill(store, facts);
  await store.rows(stopClock(facts.now));
  const past = pastOf(facts);
  const wrong: { [question: number]: unknown } = {};
  let rowsSeen = 0;
  for (const { number, query } of questions()) {
    const answer = ANSWERS[number];
    if (answer === undefined) continue;
    const rows = await store.rows<Record<string, unknown>>(query);
    const names = Object.keys(rows[0] ?? {}).filter((name) => LEFT_OUT[number]?.includes(name) !== true);
    const all = rows.map((row) => names.map((name) => row[name]));
    const found = unlike(number === 17 ? all.slice(-1) : all, answer(past));
    rowsSeen += rows.length;
    if (found.length > 0) wrong[number] = found;
  }
  expect(wrong).toEqual({});
  expect(rowsSeen).toBeGreaterThan(100);
}, 60_000);
