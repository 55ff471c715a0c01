import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../src/domain/records.ts';
import {
  catalog,
  changesOf,
  column,
  definition,
  freshness,
  minute,
  openStore,
  result,
  type TestStore,
} from './builders.ts';

const ORDERS = 'model.shop.orders';
const PAYMENTS = 'model.shop.payments';

const idsOf = async ({ rows }: TestStore, view: string) =>
  (await rows<{ unique_id: string }>(`select unique_id from dbt.${view} order by 1`)).map((row) => row.unique_id);

const models = (minutes: number, ...names: string[]): StoreRecord[] =>
  names.map((name) => definition(`model.shop.${name}`, {}, { at: minute(minutes) }));

describe('a node that a complete pass does not see', () => {
  it('is removed at the time of the pass, and its edges go', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), definition(PAYMENTS, {}, { parents: [ORDERS] })]);
    await store.sync([definition(ORDERS, {}, { at: minute(1) })]);
    expect(await store.rows('select unique_id, removed_at, changed_at from dbt.removed_nodes')).toEqual([
      { unique_id: PAYMENTS, removed_at: new Date(minute(1)), changed_at: new Date(minute(1)) },
    ]);
    expect(await idsOf(store, 'models')).toEqual([ORDERS]);
    expect(await store.rows('select * from dbt.lineage')).toEqual([]);
    expect(await changesOf(store)).toEqual([
      {
        unique_id: PAYMENTS,
        aspect: 'removed',
        item: null,
        before: null,
        after: null,
        changed_at: new Date(minute(1)),
      },
    ]);
  });

  it('is removed once: the same pass again writes nothing', async () => {
    const store = await openStore();
    await store.sync(models(0, 'a', 'b'));
    await store.sync(models(1, 'a'));
    expect(await store.sync(models(1, 'a'))).toMatchObject({ rowsWritten: 0, changes: {} });
  });

  it('keeps its results and the time of its definition', async () => {
    const store = await openStore();
    await store.sync([...models(0, 'a', 'b'), result('model.shop.b', { status: 'error' })]);
    await store.sync(models(1, 'a'));
    expect(await store.rows("select status from dbt.run_results where unique_id = 'model.shop.b'")).toHaveLength(1);
    expect(await store.row('select definition_at from dbt.removed_nodes')).toEqual({
      definition_at: new Date(minute(0)),
    });
  });

  it('stays when the pass is incomplete', async () => {
    const store = await openStore();
    await store.sync(models(0, 'a', 'b'));
    await store.sync(models(1, 'a'), { complete: false });
    expect(await idsOf(store, 'models')).toEqual(['model.shop.a', 'model.shop.b']);
    expect(await changesOf(store)).toEqual([]);
  });

  it('stays when the source does not state its type', async () => {
    const store = await openStore();
    await store.sync([...models(0, 'a'), definition('analysis.shop.x'), definition('macro.shop.m')]);
    await store.sync(models(1, 'a'), { states: ['model', 'macro'] });
    expect(await idsOf(store, 'nodes')).toEqual(['analysis.shop.x', 'model.shop.a']);
  });

  it('stays when it could not be read but was seen', async () => {
    const store = await openStore();
    await store.sync([...models(0, 'a', 'b')]);
    await store.sync([...models(1, 'a'), { kind: 'seen', uniqueId: 'model.shop.b' }]);
    expect(await idsOf(store, 'models')).toEqual(['model.shop.a', 'model.shop.b']);
  });

  it('stays when it is a placeholder or a node of another project', async () => {
    const store = await openStore();
    const external = definition('model.other.x', {}, { state: 'external' });
    await store.sync([definition(ORDERS, {}, { parents: ['model.other.x', 'source.shop.raw.y'] }), external]);
    await store.sync([definition(ORDERS, {}, { at: minute(1) })]);
    expect(await idsOf(store, 'nodes')).toEqual(['model.other.x', ORDERS, 'source.shop.raw.y']);
  });

  it('is not looked for in an older pass', async () => {
    const store = await openStore();
    await store.sync(models(5, 'a', 'b'));
    await store.sync(models(4, 'a'));
    expect(await idsOf(store, 'models')).toEqual(['model.shop.a', 'model.shop.b']);
  });
});

it('lets a complete pass that defines nothing remove all, and later manifests still count', async () => {
  const store = await openStore();
  await store.sync(models(0, 'a'));
  await store.sync([], { complete: true });
  expect(await idsOf(store, 'models')).toEqual([]);
  await store.sync(models(1, 'a'));
  expect(await store.rows('select unique_id, definition_at from dbt.models')).toEqual([
    { unique_id: 'model.shop.a', definition_at: new Date(minute(1)) },
  ]);
});

describe('a node that comes back', () => {
  const child = (minutes: number, at = minutes) => [
    ...models(minutes, 'a'),
    definition(ORDERS, {}, { at: minute(at), parents: ['model.shop.a'] }),
  ];

  it('is restored with its edges', async () => {
    const store = await openStore();
    await store.sync(child(0));
    await store.sync(models(1, 'a'));
    await store.sync(child(2));
    expect(await idsOf(store, 'removed_nodes')).toEqual([]);
    expect(await store.rows('select parent_unique_id, child_unique_id from dbt.lineage')).toEqual([
      { parent_unique_id: 'model.shop.a', child_unique_id: ORDERS },
    ]);
    const logged = await changesOf(store);
    expect(logged).toMatchObject([
      { unique_id: ORDERS, aspect: 'removed', changed_at: new Date(minute(1)) },
      { unique_id: ORDERS, aspect: 'restored', changed_at: new Date(minute(2)) },
    ]);
    expect(logged).toHaveLength(2);
  });

  it('is restored at the time of the pass, even when its own definition is older than its removal', async () => {
    const store = await openStore();
    await store.sync(child(1));
    await store.sync(models(2, 'a'));
    await store.sync(child(3, 0));
    expect(await idsOf(store, 'removed_nodes')).toEqual([]);
    expect(await store.rows('select child_unique_id as id from dbt.lineage')).toEqual([{ id: ORDERS }]);
    expect((await changesOf(store)).at(-1)).toMatchObject({ aspect: 'restored', changed_at: new Date(minute(3)) });
    expect(await store.sync(child(3, 0))).toMatchObject({ rowsWritten: 0 });
  });

  it('shows what changed while it was away, beside being restored', async () => {
    const store = await openStore();
    await store.sync([...models(0, 'a'), definition(ORDERS)]);
    await store.sync(models(1, 'a'));
    await store.sync([...models(2, 'a'), definition(ORDERS, { description: 'new' }, { at: minute(2) })]);
    const aspects = (await changesOf(store)).map((row) => (row as { aspect: string }).aspect);
    expect(aspects).toEqual(['removed', 'description', 'restored']);
  });

  it('may go again', async () => {
    const store = await openStore();
    await store.sync(child(0));
    await store.sync(models(1, 'a'));
    await store.sync(child(2));
    await store.sync(models(3, 'a'));
    expect(await store.rows('select removed_at from dbt.removed_nodes')).toEqual([{ removed_at: new Date(minute(3)) }]);
    expect(await changesOf(store)).toHaveLength(3);
  });

  it('keeps its columns of the catalog', async () => {
    const store = await openStore();
    await store.sync([...child(0), catalog(ORDERS, [column('id')])]);
    await store.sync(models(1, 'a'));
    await store.sync(child(2));
    expect(await store.rows('select column_name from dbt.columns')).toEqual([{ column_name: 'id' }]);
  });
});

describe('a node that nobody defined', () => {
  it('is a placeholder when it is somebody’s parent', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS, {}, { parents: ['source.shop.raw.orders.v1', 'odd', 'shop-on-run-end'] })]);
    expect(
      await store.rows(
        "select unique_id, resource_type, name, package_name, state, definition_at, (select source_name from dbt.sources s where s.unique_id = nodes.unique_id) from dbt.nodes where state = 'placeholder' order by 1 desc",
      ),
    ).toEqual([
      {
        unique_id: 'source.shop.raw.orders.v1',
        resource_type: 'source',
        name: 'orders.v1',
        source_name: 'raw',
        package_name: 'shop',
        state: 'placeholder',
        definition_at: null,
      },
      {
        unique_id: 'shop-on-run-end',
        resource_type: 'operation',
        name: 'shop-on-run-end',
        source_name: null,
        package_name: null,
        state: 'placeholder',
        definition_at: null,
      },
      {
        unique_id: 'odd',
        resource_type: 'odd',
        name: 'odd',
        source_name: null,
        package_name: null,
        state: 'placeholder',
        definition_at: null,
      },
    ]);
    expect(await store.rows('select * from dbt.lineage')).toHaveLength(3);
  });

  it('keeps results, freshness and catalog that speak of it', async () => {
    const store = await openStore();
    await store.sync([
      result('unit_test.shop.orders.x', { status: 'pass' }),
      freshness('source.shop.raw.y'),
      catalog('source.shop.raw.y', [column('id')]),
    ]);
    expect(await store.rows('select unique_id, resource_type from dbt.run_results')).toEqual([
      { unique_id: 'unit_test.shop.orders.x', resource_type: 'test' },
    ]);
    expect(await store.rows('select unique_id from dbt.freshness_results')).toEqual([
      { unique_id: 'source.shop.raw.y' },
    ]);
    expect(await store.rows('select unique_id, column_name from dbt.columns')).toEqual([
      { unique_id: 'source.shop.raw.y', column_name: 'id' },
    ]);
  });

  it('is added once it is defined, and keeps its results', async () => {
    const store = await openStore();
    await store.sync([definition(PAYMENTS), result(ORDERS, { status: 'error', message: 'no' })]);
    await store.sync([definition(PAYMENTS, {}, { at: minute(1) }), definition(ORDERS, {}, { at: minute(1) })]);
    expect(await changesOf(store)).toMatchObject([
      { unique_id: ORDERS, aspect: 'added', changed_at: new Date(minute(1)) },
    ]);
    expect(await changesOf(store)).toHaveLength(1);
    const shown = await store.row(
      "select state, first_seen_at, changed_at, last_run_status, last_run_error, description from dbt.models where name = 'orders'",
    );
    expect(shown).toEqual({
      state: 'defined',
      first_seen_at: new Date(minute(0)),
      changed_at: new Date(minute(1)),
      last_run_status: 'error',
      last_run_error: 'no',
      description: 'About orders',
    });
  });

  it('takes the edges of its definition, and keeps those it was known by', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS, {}, { parents: [PAYMENTS] })]);
    await store.sync([
      definition(ORDERS, {}, { at: minute(1), parents: [PAYMENTS] }),
      definition(PAYMENTS, {}, { at: minute(1), parents: ['seed.shop.s'] }),
    ]);
    expect(await store.rows('select parent_unique_id as p, child_unique_id as c from dbt.lineage order by 1')).toEqual([
      { p: PAYMENTS, c: ORDERS },
      { p: 'seed.shop.s', c: PAYMENTS },
    ]);
  });
});

describe('a node of another project', () => {
  const external = (at = minute(0)) => definition('model.other.x', {}, { state: 'external', at });

  it('is shown as external and is not logged as added', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS)]);
    await store.sync([definition(ORDERS, {}, { at: minute(1), parents: ['model.other.x'] }), external(minute(1))]);
    expect(await store.row("select state from dbt.nodes where unique_id = 'model.other.x'")).toEqual({
      state: 'external',
    });
    expect(await changesOf(store)).toMatchObject([{ unique_id: ORDERS, aspect: 'parent' }]);
    expect(await changesOf(store)).toHaveLength(1);
  });

  it('is what its own definition says when the pass has both', async () => {
    const store = await openStore();
    const own = definition('model.other.x', { description: 'own' });
    await store.sync([external(minute(9)), own, external(minute(9))]);
    expect(await store.row('select state, description from dbt.nodes')).toEqual({
      state: 'defined',
      description: 'own',
    });
  });
});

it('logs a new node as added, with the run that defined it', async () => {
  const store = await openStore();
  await store.sync(models(0, 'a'));
  const { changes } = await store.sync([...models(1, 'a'), definition(ORDERS, {}, { at: minute(1), runId: '77' })]);
  expect(changes).toEqual({ added: 1 });
  expect(await store.row('select run_id from dbt_store.node_change')).toEqual({ run_id: '77' });
});
