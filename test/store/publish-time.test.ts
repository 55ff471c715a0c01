import { describe, expect, it } from 'vitest';
import {
  build,
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
const RAW = 'source.shop.raw.orders';

const description = async (store: TestStore) =>
  (await store.row<{ description: string | null }>('select description from dbt.nodes where unique_id = $1', [ORDERS]))
    .description;
const says = (text: string | null | undefined, at: string) => definition(ORDERS, { description: text }, { at });

describe('an older pass', () => {
  it('publishes results, catalog and freshness, and no definition, build, edge or removal', async () => {
    const store = await openStore();
    await store.sync([
      definition(ORDERS, { description: 'new' }, { at: minute(5) }),
      definition(RAW, {}, { at: minute(5) }),
    ]);
    await store.sync([
      definition(ORDERS, { description: 'old', label: 'old' }, { at: minute(4), parents: [RAW] }),
      definition('model.shop.more', {}, { at: minute(4) }),
      build(ORDERS, { compiledCode: 'select old' }, minute(9)),
      catalog(ORDERS, [column('id')], minute(4)),
      result(ORDERS, { status: 'error', executedAt: minute(4) }),
      freshness(RAW),
    ]);
    expect(await store.rows('select unique_id, description from dbt.nodes order by 1')).toEqual([
      { unique_id: ORDERS, description: 'new' },
      { unique_id: RAW, description: 'About raw.orders' },
    ]);
    expect(await store.row('select last_run_status, compiled_code, columns from dbt.models')).toEqual({
      last_run_status: 'error',
      compiled_code: null,
      columns: 1,
    });
    expect(await store.row('select freshness_status from dbt.sources')).toEqual({ freshness_status: 'pass' });
    expect(await store.rows('select * from dbt.lineage')).toEqual([]);
    expect(await changesOf(store)).toEqual([]);
  });

  it('keeps the results of its nodes that are not defined any more', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS, {}, { at: minute(5) })]);
    await store.sync([definition('model.shop.gone', {}, { at: minute(4) }), result('model.shop.gone')]);
    expect(await store.row("select state from dbt.nodes where name = 'gone'")).toEqual({ state: 'placeholder' });
  });

  it('makes a node of what a catalog alone has where nothing is defined', async () => {
    const store = await openStore();
    await store.sync([catalog(ORDERS, [column('ID')], minute(0))]);
    expect(await store.row('select state from dbt.nodes')).toEqual({ state: 'placeholder' });
  });

  it('leaves the time of the definitions', async () => {
    const store = await openStore();
    await store.sync([says('new', minute(5))]);
    await store.sync([says('new', minute(4))]);
    expect(await store.row('select definition_at from dbt.nodes')).toEqual({ definition_at: new Date(minute(5)) });
  });
});

describe('a definition', () => {
  it('replaces an earlier one, whichever source says it', async () => {
    const store = await openStore();
    await store.sync([says('a', minute(0))]);
    await store.sync([says('b', minute(1))], { source: 'artifacts' });
    expect(await description(store)).toBe('b');
    await store.sync([says('c', minute(2))]);
    expect(await description(store)).toBe('c');
  });

  it('of the same time and source replaces', async () => {
    const store = await openStore();
    await store.sync([says('a', minute(0))]);
    await store.sync([says('b', minute(0))]);
    expect(await description(store)).toBe('b');
  });

  it('of the same time and the other source only fills what is unknown', async () => {
    const store = await openStore();
    const from = (text: string | null, label: string | undefined) =>
      definition(ORDERS, { description: text, label, tags: label === undefined ? ['a'] : ['b'] }, { parents: [] });
    await store.sync([from(null, undefined)]);
    await store.sync([{ ...from('b', 'Filled'), parents: [RAW] }], { source: 'artifacts' });
    expect(await store.row('select description, label, tags from dbt_store.node')).toEqual({
      description: null,
      label: 'Filled',
      tags: ['a'],
    });
    expect(await store.rows('select * from dbt.lineage')).toEqual([]);
    expect(await store.sync([from('b', 'Filled')], { source: 'artifacts' })).toMatchObject({ rowsWritten: 0 });
    expect(await store.sync([from(null, undefined)])).toMatchObject({ rowsWritten: 0 });
  });

  it('fills properties that the other source does not have, even when every field is known', async () => {
    const store = await openStore();
    const exposure = (properties: { [key: string]: string }) => definition('exposure.shop.board', { properties });
    await store.sync([exposure({ maturity: 'low' })]);
    await store.sync([exposure({ maturity: 'high', url: 'https://x' })], { source: 'artifacts' });
    expect(await store.row('select maturity, url from dbt.exposures')).toEqual({ maturity: 'low', url: 'https://x' });
  });

  it('of the same time, the other source and a newer normalizer replaces', async () => {
    const store = await openStore();
    await store.sync([says('a', minute(0))], { normalizerVersion: 1 });
    await store.sync([says('b', minute(0))], { source: 'artifacts', normalizerVersion: 2 });
    expect(await description(store)).toBe('b');
    await store.sync([says('c', minute(0))], { normalizerVersion: 2 });
    expect(await description(store)).toBe('b');
  });

  it('is compared at millisecond precision', async () => {
    const store = await openStore();
    const at = (fraction: string) => `2026-01-01T00:00:00.${fraction}Z`;
    await store.sync([says('micro', at('123900'))]);
    await store.sync([says('milli', at('123'))], { source: 'artifacts' });
    expect(await description(store)).toBe('micro');
    await store.sync([says('same source', at('123'))]);
    expect(await description(store)).toBe('same source');
    await store.sync([says('next', at('124'))], { source: 'artifacts' });
    expect(await description(store)).toBe('next');
  });

  it('that is older than its node only fills, in a pass that is newer', async () => {
    const store = await openStore();
    await store.sync([says('new', minute(5))]);
    await store.sync([says('old', minute(4)), definition(RAW, {}, { at: minute(9) })]);
    expect(await description(store)).toBe('new');
    expect(await changesOf(store)).toMatchObject([{ unique_id: RAW, aspect: 'added' }]);
  });

  it('does not undo by an older statement what a newer one said with the same content', async () => {
    const store = await openStore();
    await store.sync([says('a', minute(0)), definition(RAW)]);
    await store.sync([says('a', minute(5)), definition(RAW, {}, { at: minute(5) })]);
    await store.sync([says('b', minute(3)), definition(RAW, {}, { at: minute(6) })]);
    expect(await description(store)).toBe('a');
  });
});

describe('a build', () => {
  const compiled = async (store: TestStore) =>
    (await store.row<{ code: string | null }>('select compiled_code as code from dbt.models')).code;
  const pass = (code: string, at: string | null) => [definition(ORDERS), build(ORDERS, { compiledCode: code }, at)];

  it('replaces an earlier one, and not a later one', async () => {
    const store = await openStore();
    await store.sync(pass('b', minute(2)));
    await store.sync(pass('a', minute(1)));
    expect(await compiled(store)).toBe('b');
    await store.sync(pass('c', minute(3)));
    expect(await compiled(store)).toBe('c');
  });

  it('does not undo by an older statement what a newer run said with the same content', async () => {
    const store = await openStore();
    const ran = (run: number) => result(ORDERS, { runId: String(run), executedAt: minute(run) });
    await store.sync([...pass('a', minute(1)), ran(1)]);
    await store.sync([...pass('a', minute(5)), ran(5)]);
    await store.sync([...pass('b', minute(3)), ran(3)]);
    expect(await compiled(store)).toBe('a');
  });

  it.each([[[5]], [[5, 9]]])('is told by its own statement, not by results that came before it (%j)', async (runs) => {
    const store = await openStore();
    const ran = (run: number) => result(ORDERS, { runId: String(run), executedAt: minute(run) });
    const told = (text: string, at: number) => [
      definition(ORDERS),
      build(ORDERS, { compiledCode: text, config: { text } }, minute(at)),
    ];
    await store.sync([...told('a', 1), ran(1)]);
    await store.sync([...told('a', 1), ran(1), ...runs.map(ran)]);
    await store.sync([...told('b', 5), ...runs.map(ran)]);
    expect(await store.row('select compiled_code, config from dbt.models')).toEqual({
      compiled_code: 'b',
      config: { text: 'b' },
    });
  });

  it('takes what its runs compiled from a pass that defines nothing', async () => {
    const store = await openStore();
    const compiledIn = (code: string, at: number) =>
      ({ kind: 'compiled', uniqueId: ORDERS, at: minute(at), code, isBuilt: true }) as const;
    await store.sync([definition(ORDERS)]);
    await store.sync([result(ORDERS, { step: 1, executedAt: minute(3) }), compiledIn('b', 3)], { complete: false });
    expect(await compiled(store)).toBe('b');
    await store.sync([compiledIn('a', 2)], { complete: false });
    expect(await compiled(store)).toBe('b');
  });

  it('keeps what it does not state: no compiled code does not wipe compiled code', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), build(ORDERS, { compiledCode: 'a', relationName: 'r' }, minute(1))]);
    await store.sync([definition(ORDERS), build(ORDERS, { relationName: null, config: {} }, minute(2))]);
    expect(await store.row('select compiled_code, relation_name, config from dbt.models')).toEqual({
      compiled_code: 'a',
      relation_name: null,
      config: {},
    });
  });

  it('of the same time and the other source only fills', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), build(ORDERS, { compiledCode: 'a' }, minute(1))]);
    await store.sync([definition(ORDERS), build(ORDERS, { compiledCode: 'b', relationName: 'r' }, minute(1))], {
      source: 'artifacts',
    });
    expect(await store.row('select compiled_code, relation_name from dbt.models')).toEqual({
      compiled_code: 'a',
      relation_name: 'r',
    });
  });
});

it('gives the same definitions whatever came between, when the newest manifest is told last', async () => {
  const seen = [];
  for (const times of [[0, 1, 2], [1, 0, 2], [2], [2, 0, 1], [2, 1, 0]]) {
    const store = await openStore();
    for (const time of times) await store.sync([says(`at ${time}`, minute(time))]);
    seen.push(await store.row('select description, definition_at from dbt.nodes'));
  }
  expect(seen).toEqual(Array(5).fill({ description: 'at 2', definition_at: new Date(minute(2)) }));
});

it('keeps what the environment said of itself when an older pass says something else', async () => {
  const store = await openStore();
  const pass = (at: number, dbtVersion: string, adapterType: string | null) =>
    store.sync([definition(ORDERS, {}, { at: minute(at) })], {
      environment: { adapterType, projectName: 'shop', gitSha: null, updatedAt: minute(at) },
      project: { accountId: null, projectId: null, dbtVersion },
    });
  const said = () => store.row('select dbt_version, adapter_type, dbt_updated_at from dbt.integrations');
  await pass(5, '1.11.0', null);
  await pass(1, '1.9.0', 'postgres');
  const kept = { dbt_version: '1.11.0', adapter_type: 'postgres', dbt_updated_at: new Date(minute(5)) };
  expect(await said()).toEqual(kept);
  await pass(6, '1.12.0', 'duckdb');
  expect(await said()).toEqual({
    dbt_version: '1.12.0',
    adapter_type: 'duckdb',
    dbt_updated_at: new Date(minute(6)),
  });
});
