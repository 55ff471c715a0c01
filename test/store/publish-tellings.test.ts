import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../src/domain/records.ts';
import { createStore } from '../../src/store/pass.ts';
import { catalog, changesOf, column, definition, openStore, result, sync, type TestStore } from './builders.ts';

const ORDERS = 'model.shop.orders';
const RAW = 'source.shop.raw.orders';
const RETURNS = 'source.shop.raw.returns';

/** One thing that a pass tells in two ways at the same time. */
type Statement = readonly StoreRecord[];

const fromOrders = definition(ORDERS, { description: 'as 1' }, { parents: [RAW] });
const fromReturns = definition(ORDERS, { description: 'as 2' }, { parents: [RETURNS] });
const withTotal = catalog(ORDERS, [column('id', { description: 'key' }), column('total')]);
const withTax = catalog(ORDERS, [column('id', { description: 'number' }), column('tax', { description: 'of it' })]);
const withMore = catalog(ORDERS, [column('id', { description: 'the key' }), column('total')]);

interface Truth {
  readonly description: unknown;
  readonly parents: unknown;
  readonly columns: unknown;
}

async function truth({ rows }: TestStore, integration: string): Promise<Truth> {
  const of = (columns: string, view: string, id: string) =>
    rows<{ values: unknown }>(
      `select to_jsonb(array[${columns}]) as values from dbt.${view} where integration = $1 and ${id} = $2 order by 1`,
      [integration, ORDERS],
    ).then((found) => found.map(({ values }) => values));
  return {
    description: await of('description', 'nodes', 'unique_id'),
    parents: await of('parent_unique_id', 'lineage', 'child_unique_id'),
    columns: await of('column_name, description', 'columns', 'unique_id'),
  };
}

const sources: Statement = [definition(RAW), definition(RETURNS)];
const orders: { readonly [name: string]: (one: Statement, other: Statement) => Statement } = {
  'one after the other': (one, other) => [...sources, ...one, ...other],
  'the other first': (one, other) => [...sources, ...other, ...one],
  'one of them twice': (one, other) => [...sources, ...one, ...other, ...one],
  'before all else': (one, other) => [...one, ...other, ...sources],
};

const TOTAL = [
  ['id', 'key'],
  ['total', null],
];
const TAX = [
  ['id', 'number'],
  ['tax', 'of it'],
];

const cases: [string, Statement, Statement, Partial<Truth>[]][] = [
  [
    'definition',
    [fromOrders],
    [fromReturns],
    [
      { description: [['as 1']], parents: [[RAW]] },
      { description: [['as 2']], parents: [[RETURNS]] },
    ],
  ],
  ['catalog', [definition(ORDERS), withTotal], [withTax], [{ columns: TOTAL }, { columns: TAX }]],
  ['catalog of a node that nobody defined', [withTotal], [withTax], [{ columns: TOTAL }, { columns: TAX }]],
  [
    'description of the same columns',
    [definition(ORDERS), withTotal],
    [withMore],
    [
      { columns: TOTAL },
      {
        columns: [
          ['id', 'the key'],
          ['total', null],
        ],
      },
    ],
  ],
];

describe.each(cases)('a %s told in two ways in one pass', (_name, one, other, either) => {
  it('is taken as one of them was told, the same in every order, and rewrites nothing when told again', async () => {
    const store = await openStore();
    const seen: Truth[] = [];
    // Written ahead, and staged like every later pass.
    for (const waiting of [2, 0]) {
      const passes = createStore(store.pool, { waiting });
      for (const [name, inOrder] of Object.entries(orders)) {
        const options = { scope: { name: `${name} ${waiting}` } };
        await sync(passes, inOrder(one, other), options);
        seen.push(await truth(store, options.scope.name));
        for (const again of Object.values(orders).slice(1, 3)) {
          expect(await sync(passes, again(one, other), options)).toMatchObject({ rowsWritten: 0, changes: {} });
        }
      }
    }
    expect(seen.filter((told) => !either.some((truth) => holds(told, truth)))).toEqual([]);
    expect(seen).toEqual(seen.map(() => seen[0]));
    expect(await changesOf(store)).toEqual([]);
  });
});

function holds(
  told: Truth,
  { description = told.description, parents = told.parents, columns = told.columns }: Partial<Truth>,
) {
  return JSON.stringify(told) === JSON.stringify({ description, parents, columns });
}

it('takes one of two results that one run has of a node, the same one in either order', async () => {
  const store = await openStore();
  const failed = result(ORDERS, { status: 'error', message: 'Out of memory' });
  const passed = result(ORDERS, { message: 'OK' });
  for (const step of [0, 1]) {
    const [one, other] = [failed, passed].map((told) => ({ ...told, step }));
    await store.sync([definition(ORDERS), one, other] as StoreRecord[], { scope: { name: `${step} one` } });
    await store.sync([definition(ORDERS), other, one] as StoreRecord[], { scope: { name: `${step} other` } });
    const stored = await store.rows<{ said: string }>(
      "select status || ': ' || message as said from dbt.run_results where integration like $1 || ' %'",
      [step],
    );
    expect(['error: Out of memory', 'success: OK']).toContain(stored[0]?.said);
    expect(stored).toEqual([stored[0], stored[0]]);
  }
});
