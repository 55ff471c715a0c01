import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HistoryRecord, StoreRecord } from '../../src/domain/records.ts';
import type { Store } from '../../src/domain/store.ts';
import { createStore } from '../../src/store/pass.ts';
import { numRuns } from '../properties/runs.ts';
import {
  build,
  catalog,
  column,
  definition,
  freshness,
  minute,
  openStore,
  report,
  result,
  run,
  scope,
  start,
} from './builders.ts';

const IDS = ['model.shop.a', 'model.shop.b', 'test.shop.c', 'model.shop.d\0', 'source.shop.raw.e'];

const uniqueId = fc.constantFrom(...IDS);
const at = fc.constantFrom(minute(0), minute(1), minute(2), null);
const known = fc.constantFrom(minute(0), minute(1), minute(2));
const text = fc.constantFrom('one', 'two\\n\t', '', null);

const DECLARED = { declaredType: 'int', tags: [], meta: {} };

/**
 * Anything that a pass may tell of a handful of nodes. What columns mean is told either by definitions, as artifacts do
 * it, or by catalogs.
 */
const records = (isDeclared: boolean): fc.Arbitrary<StoreRecord> =>
  fc.oneof(
    fc
      .record({
        uniqueId,
        at,
        text,
        parent: uniqueId,
        state: fc.constantFrom('defined', 'defined', 'external'),
        names: fc.option(fc.array(fc.constantFrom('x', 'X', 'y', 'y\0', 'z'), { maxLength: 3 })),
      })
      .map(({ uniqueId: id, at: time, text: said, parent, state, names }) =>
        definition(
          id,
          { description: said, rawCode: said, meta: { said } },
          {
            at: time,
            parents: [parent],
            state: state as 'defined',
            ...(isDeclared &&
              names &&
              state === 'defined' && { columns: names.map((name) => ({ name, ...DECLARED, description: said })) }),
          },
        ),
      ),
    fc
      .record({ uniqueId, at, text })
      .map(({ uniqueId: id, at: time, text: said }) => build(id, { compiledCode: said, config: { said } }, time)),
    fc.record({
      kind: fc.constant('compiled' as const),
      uniqueId,
      at,
      code: fc.constantFrom('one', 'two\\n\t'),
      isBuilt: fc.boolean(),
    }),
    fc
      .record({ uniqueId, at, columns: fc.array(fc.constantFrom('x', 'y', 'y\0', 'y\uFFFD'), { maxLength: 3 }) })
      .map(({ uniqueId: id, at: time, columns }) => ({
        ...catalog(
          id,
          columns.map((name) => (isDeclared ? { name, position: 1, dataType: 'text', comment: null } : column(name))),
        ),
        at: time,
      })),
    fc
      .record({
        uniqueId,
        at: known,
        runId: fc.constantFrom('1', '2'),
        step: fc.constantFrom(0, 0, -1, 1),
        status: fc.constantFrom('success', 'error'),
        jobId: fc.constantFrom(7, 8, null),
      })
      .map(({ uniqueId: id, at: time, ...rest }) => result(id, { ...rest, executedAt: time })),
    known.map((time) => freshness('source.shop.raw.e', { snapshottedAt: time })),
  );

/** A source tells each thing once; only external models come with each of their children. */
const identityOf = (told: StoreRecord): string =>
  JSON.stringify([
    told.kind,
    told.uniqueId,
    'state' in told && told.state,
    'isBuilt' in told && told.isBuilt,
    'runId' in told && told.runId,
    'step' in told && told.step,
    'snapshottedAt' in told && told.snapshottedAt,
  ]);

/** The pages of a pass, cut anywhere. */
const pagesOf = (record: fc.Arbitrary<StoreRecord>) =>
  fc
    .tuple(fc.uniqueArray(record, { selector: identityOf, maxLength: 16 }), fc.integer({ min: 1, max: 6 }))
    .map(([records, size]) =>
      Array.from({ length: Math.ceil(records.length / size) }, (_, page) =>
        records.slice(page * size, (page + 1) * size),
      ),
    );

const pages = fc.oneof(pagesOf(records(true)), pagesOf(records(false)));

const history = fc
  .option(fc.record({ runId: fc.constantFrom('1', '2'), resultsComplete: fc.boolean() }))
  .map((told) => (told === null ? [] : [run(told.runId, told)]));

const passes = fc.array(fc.record({ pages, history, complete: fc.boolean() }), { minLength: 1, maxLength: 2 });

interface Told {
  readonly pages: readonly (readonly StoreRecord[])[];
  readonly history: readonly HistoryRecord[];
  readonly complete: boolean;
}

/** Gives how many results were written. */
async function publish(store: Store, { pages, history, complete }: Told): Promise<number> {
  const pass = await store.begin(scope(), start());
  for (const [page, records] of [[], ...pages].entries()) {
    const counted = { received: records.length, total: records.length };
    const told = { records, history: page === 0 ? history : [] };
    await pass.stage({ resourceType: 'model', ...counted, ...told, rejects: [], incomplete: [] });
  }
  // Without definitions the pass has this time, and not now().
  const environment = { adapterType: null, projectName: null, gitSha: null, updatedAt: minute(3) };
  const { results } = await pass.publish(report({ environment, complete }));
  await pass.release();
  return results;
}

const TABLES = {
  node: 't.unique_id',
  node_column: '(select unique_id from dbt_store.node n where n.node_id = t.node_id), t.name',
  edge: '(select unique_id from dbt_store.node n where n.node_id = t.parent_id), (select unique_id from dbt_store.node n where n.node_id = t.child_id)',
  run: 't.run_id',
  run_result: 't.run_id, t.step, (select unique_id from dbt_store.node n where n.node_id = t.node_id)',
  node_status: '(select unique_id from dbt_store.node n where n.node_id = t.node_id)',
  node_change: '(select unique_id from dbt_store.node n where n.node_id = t.node_id), t.changed_at, t.aspect, t.item',
  integration: 't.name',
  run_count: 't.run_id, t.day::text, t.resource_type, t.package_name',
  node_day: '(select unique_id from dbt_store.node n where n.node_id = t.node_id), t.day::text',
  status_change:
    '(select unique_id from dbt_store.node n where n.node_id = t.node_id), t.changed_at::text, t.run_id, t.step::text',
};

/** Every row by what it is of, without the ids that a store gives and the time at which it heard of an integration. */
async function contents(rows: (statement: string) => Promise<unknown[]>): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const [table, key] of Object.entries(TABLES)) {
    found[table] = await rows(
      `select to_jsonb(array[${key.replaceAll(/\), \(/g, ')::text, (')}]::text[]) as key,
        to_jsonb(t) - '{node_id,parent_id,child_id,last_node_id,known_since}'::text[] as row
      from dbt_store.${table} t order by 1`,
    );
  }
  return found;
}

it('writes a first pass ahead as it would have published it from the stage', async () => {
  const ahead = await openStore();
  const staged = await openStore();
  const stores = { ahead: createStore(ahead.pool, { waiting: 2 }), staged: createStore(staged.pool, { waiting: 0 }) };
  await fc.assert(
    fc.asyncProperty(passes, async (told) => {
      for (const { rows } of [ahead, staged]) {
        await rows(
          'truncate dbt_store.integration, dbt_store.node, dbt_store.node_column, dbt_store.edge, dbt_store.run_result, dbt_store.node_status, dbt_store.node_change, dbt_store.freshness_result, dbt_store.run_count, dbt_store.node_day, dbt_store.status_change, dbt_store.coverage_day restart identity cascade',
        );
      }
      for (const pass of told) {
        const results = await publish(stores.ahead, pass);
        expect(results).toBe(await publish(stores.staged, pass));
        expect(await contents(ahead.rows)).toEqual(await contents(staged.rows));
      }
    }),
    numRuns(10),
  );
}, 300_000);
