import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { definition, minute, openStore, result, run } from './builders.ts';
import { createEmptyDatabase, query } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations/', import.meta.url));
/** The first migration that counts anything. */
const COUNTED_FROM = '0021';
/** What was stored before anything was counted, and what is compared. */
const STORED = ['integration', 'node', 'job', 'run', 'run_step', 'run_result', 'node_status'];
const COMPARED = ['run_count', 'node_day', 'status_change', 'run_step', 'node_status'];
const MODEL = 'model.shop.orders';
/** Completes when the other one does. */
const TWIN = 'model.shop.refunds';
const TEST = 'test.shop.unique_orders.abc';
const RUNS = [
  { model: 'success', test: 'pass', setsState: true },
  { model: 'success', test: 'fail', setsState: true },
  { model: 'error', test: 'skipped', setsState: true },
  { model: 'success', test: 'fail', setsState: false },
  { model: 'success', test: 'warn', setsState: true },
  { model: 'success', test: 'pass', setsState: true },
];

const rowsOf = (url: string, table: string) =>
  query<{ row: object }>(url, `select to_jsonb(t) as row from dbt_store.${table} t order by to_jsonb(t)::text`);

async function migrateBy(url: string, isAmong: (name: string) => boolean): Promise<void> {
  const names = readdirSync(MIGRATIONS).filter((name) => isAmong(name));
  for (const name of names.sort()) await query(url, readFileSync(`${MIGRATIONS}${name}`, 'utf8'));
}

it('a store of before anything was counted counts what it has when it is migrated', async () => {
  const store = await openStore();
  await store.sync([definition(MODEL), definition(TWIN), definition(TEST, { testedUniqueId: MODEL })]);
  for (const [index, { model, test, setsState }] of RUNS.entries()) {
    const told = { runId: `${index + 1}`, step: 1, executedAt: minute(index * 600), executionTimeS: index };
    const completed = { startedAt: minute(index * 600 - 2), completedAt: minute(index * 600 - 1) };
    const [of, ended] = [{ runId: told.runId, step: 1 }, { finishedAt: told.executedAt }];
    await store.sync(
      [
        ...[MODEL, TWIN].map((id) => result(id, { ...told, ...completed, status: model })),
        result(TEST, { ...told, status: test }),
      ],
      {
        source: 'artifacts',
        history: [
          run(told.runId, { setsState, resultsComplete: index % 2 === 0, createdAt: told.executedAt, ...ended }),
          {
            ...{ kind: 'step', ...of, name: 'Build', command: 'dbt build', which: 'build', status: 'success' },
            ...{ invocationId: `i${index}`, startedAt: null, ...ended },
          } as const,
        ],
      },
    );
  }
  const old = await createEmptyDatabase();
  try {
    await migrateBy(old.url, (name) => name < COUNTED_FROM);
    for (const table of STORED) {
      const rows = (await rowsOf(store.url, table)).map(({ row }) => row);
      await query(
        old.url,
        `insert into dbt_store.${table} overriding system value
        select * from jsonb_populate_recordset(null::dbt_store.${table}, $1::jsonb)`,
        [JSON.stringify(rows)],
      );
    }
    await migrateBy(old.url, (name) => name >= COUNTED_FROM);
    for (const table of COMPARED) {
      const counted = await rowsOf(old.url, table);
      expect(counted.length, table).toBeGreaterThan(0);
      expect(counted, table).toEqual(await rowsOf(store.url, table));
    }
  } finally {
    await old.drop();
  }
});
