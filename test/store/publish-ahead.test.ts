import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StoreRecord } from '../../src/domain/records.ts';
import type { PassReport, Store } from '../../src/domain/store.ts';
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
      .record({ uniqueId, at: known, runId: fc.constantFrom('1', '2') })
      .map(({ uniqueId: id, at: time, runId }) => result(id, { runId, executedAt: time })),
    known.map((time) => freshness('source.shop.raw.e', { snapshottedAt: time })),
  );

/** A source tells each thing once; only external models come with each of their children. */
const identityOf = (told: StoreRecord): string =>
  JSON.stringify([
    told.kind,
    told.uniqueId,
    'state' in told && told.state,
    'runId' in told && told.runId,
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

const passes = fc.array(fc.record({ pages, complete: fc.boolean() }), { minLength: 1, maxLength: 2 });

async function publish(store: Store, pages: readonly (readonly StoreRecord[])[], options: Partial<PassReport>) {
  const pass = await store.begin(scope(), start());
  for (const records of pages) {
    const counted = { received: records.length, total: records.length };
    await pass.stage({ resourceType: 'model', ...counted, records, rejects: [], incomplete: [] });
  }
  // Without definitions the pass has this time, and not now().
  const environment = { adapterType: null, projectName: null, gitSha: null, updatedAt: minute(3) };
  await pass.publish(report({ environment, ...options }));
  await pass.release();
}

const TABLES = {
  node: 't.unique_id',
  node_column: '(select unique_id from dbt_store.node n where n.node_id = t.node_id), t.name',
  edge: '(select unique_id from dbt_store.node n where n.node_id = t.parent_id), (select unique_id from dbt_store.node n where n.node_id = t.child_id)',
  run_result: 't.run_id, t.step, (select unique_id from dbt_store.node n where n.node_id = t.node_id)',
  node_status: '(select unique_id from dbt_store.node n where n.node_id = t.node_id)',
  node_change: '(select unique_id from dbt_store.node n where n.node_id = t.node_id), t.changed_at, t.aspect, t.item',
  integration: 't.name',
};

/** Every row by what it is of, without the ids that a store gives. */
async function contents(rows: (statement: string) => Promise<unknown[]>): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const [table, key] of Object.entries(TABLES)) {
    found[table] = await rows(
      `select to_jsonb(array[${key.replaceAll(/\), \(/g, ')::text, (')}]::text[]) as key,
        to_jsonb(t) - '{node_id,parent_id,child_id}'::text[] as row
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
          'truncate dbt_store.integration, dbt_store.node, dbt_store.node_column, dbt_store.edge, dbt_store.run_result, dbt_store.node_status, dbt_store.node_change, dbt_store.freshness_result restart identity cascade',
        );
      }
      for (const pass of told) {
        await publish(stores.ahead, pass.pages, { complete: pass.complete });
        await publish(stores.staged, pass.pages, { complete: pass.complete });
        expect(await contents(ahead.rows)).toEqual(await contents(staged.rows));
      }
    }),
    numRuns(10),
  );
}, 300_000);
