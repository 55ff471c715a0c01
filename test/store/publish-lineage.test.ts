import { describe, expect, it } from 'vitest';
import type { DefinitionRecord } from '../../src/domain/records.ts';
import { definition, minute, openStore, type TestStore } from './builders.ts';

const id = (name: string | number) => `model.shop.${name}`;
const model = (name: string | number, ...parents: (string | number)[]): DefinitionRecord =>
  definition(id(name), {}, { parents: parents.map(id) });
const ephemeral = (name: string, ...parents: string[]): DefinitionRecord =>
  definition(id(name), { materialization: 'ephemeral' }, { parents: parents.map(id) });

async function walk(
  { rows }: TestStore,
  direction: 'upstream' | 'downstream',
  name: string,
  depth: number | null = null,
): Promise<[string, number][]> {
  const found = await rows<{ name: string; distance: number }>(
    `select name, distance from dbt.${direction}('shop', $1, $2) order by distance, name`,
    [id(name), depth],
  );
  return found.map((row) => [row.name, row.distance]);
}

const links = async ({ rows }: TestStore) =>
  (
    await rows<{ link: string }>(
      "select parent_identifier || ' > ' || child_identifier as link from dbt.relation_lineage order by 1",
    )
  ).map(({ link }) => link);

describe('a walk', () => {
  it('gives each node of a diamond once, at its shortest distance', async () => {
    const store = await openStore();
    await store.sync([model('a'), model('b', 'a'), model('c', 'b'), model('d', 'c', 'a')]);
    expect(await walk(store, 'downstream', 'a')).toEqual([
      ['b', 1],
      ['d', 1],
      ['c', 2],
    ]);
    expect(await walk(store, 'upstream', 'd')).toEqual([
      ['a', 1],
      ['c', 1],
      ['b', 2],
    ]);
  });

  it('ends in a cycle, and leaves out where it began', async () => {
    const store = await openStore();
    await store.sync([model('a', 'c'), model('b', 'a'), model('c', 'b'), model('self', 'self', 'a')]);
    expect(await walk(store, 'downstream', 'a')).toEqual([
      ['b', 1],
      ['self', 1],
      ['c', 2],
    ]);
    expect(await walk(store, 'upstream', 'self')).toEqual([
      ['a', 1],
      ['c', 2],
      ['b', 3],
    ]);
  });

  it('goes no further than it is told', async () => {
    const store = await openStore();
    await store.sync([model('a'), model('b', 'a'), model('c', 'b'), model('d', 'c')]);
    expect(await walk(store, 'downstream', 'a', 2)).toEqual([
      ['b', 1],
      ['c', 2],
    ]);
    expect(await walk(store, 'downstream', 'a', 0)).toEqual([]);
  });

  it('of a node or an integration that is not there is empty', async () => {
    const store = await openStore();
    await store.sync([model('a'), model('b', 'a')]);
    expect(await walk(store, 'downstream', 'gone')).toEqual([]);
    expect(await store.rows("select * from dbt.upstream('other', $1)", [id('b')])).toEqual([]);
  });

  it('does not pass through nodes that were removed', async () => {
    const store = await openStore();
    await store.sync([model('a'), model('b', 'a'), model('c', 'b')]);
    await store.sync([
      { ...model('a'), at: minute(1) },
      { ...model('c', 'b'), at: minute(1) },
    ]);
    expect(await walk(store, 'downstream', 'a')).toEqual([]);
    expect(await walk(store, 'upstream', 'c')).toEqual([]);
  });

  it('stays within its integration', async () => {
    const store = await openStore();
    await store.sync([model('a'), model('b', 'a')]);
    await store.sync([model('a'), model('c', 'a')], { scope: { name: 'other' } });
    expect(await walk(store, 'downstream', 'a')).toEqual([['b', 1]]);
  });

  it('goes along a chain of 5,000', async () => {
    const store = await openStore();
    await store.sync(Array.from({ length: 5_000 }, (_, index) => (index === 0 ? model(0) : model(index, index - 1))));
    expect(await store.row("select count(*)::int, max(distance) from dbt.downstream('shop', $1)", [id(0)])).toEqual({
      count: 4_999,
      max: 4_999,
    });
    expect(await store.row("select max(distance) from dbt.upstream('shop', $1)", [id(4_999)])).toEqual({ max: 4_999 });
  }, 120_000);

  it('finds the same as a walk in memory over 50,000 edges', async () => {
    const store = await openStore();
    const children = randomGraph(5_000, 50_000);
    const parents = new Map<number, number[]>();
    for (const [parent, list] of children) {
      for (const child of list) parents.set(child, [...(parents.get(child) ?? []), parent]);
    }
    await store.sync(Array.from({ length: 5_000 }, (_, index) => model(index, ...(parents.get(index) ?? []))));
    for (const [direction, start, graph] of [
      ['downstream', 0, children],
      ['upstream', 4_999, parents],
    ] as const) {
      const found = await walk(store, direction, `${start}`);
      expect(new Map(found.map(([name, distance]) => [Number(name), distance]))).toEqual(distances(graph, start));
    }
  }, 120_000);
});

/** Edges from lower to higher numbers, by a generator of fixed seed, so that every run sees the same graph. */
function randomGraph(nodes: number, edges: number): Map<number, number[]> {
  const graph = new Map<number, number[]>();
  let state = 42;
  const next = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let index = 0; index < edges; index++) {
    const parent = next(nodes - 1);
    const child = parent + 1 + next(nodes - parent - 1);
    graph.set(parent, [...(graph.get(parent) ?? []), child]);
  }
  return graph;
}

function distances(graph: ReadonlyMap<number, readonly number[]>, start: number): Map<number, number> {
  const found = new Map<number, number>([[start, 0]]);
  const waiting = [start];
  for (let index = 0; index < waiting.length; index++) {
    const node = waiting[index] ?? 0;
    for (const next of graph.get(node) ?? []) {
      if (found.has(next)) continue;
      found.set(next, (found.get(node) ?? 0) + 1);
      waiting.push(next);
    }
  }
  found.delete(start);
  return found;
}

describe('relation lineage', () => {
  it('joins relations through ephemeral models, however many, each pair once', async () => {
    const store = await openStore();
    await store.sync([
      model('raw'),
      ephemeral('e1', 'raw'),
      ephemeral('e2', 'e1'),
      ephemeral('e3', 'e1'),
      model('mart', 'e2', 'e3'),
      model('direct', 'raw', 'e1'),
    ]);
    expect(await links(store)).toEqual(['raw > direct', 'raw > mart']);
  });

  it('ends in a cycle of ephemeral models', async () => {
    const store = await openStore();
    await store.sync([model('raw'), ephemeral('e1', 'raw', 'e2'), ephemeral('e2', 'e1'), model('mart', 'e2')]);
    expect(await links(store)).toEqual(['raw > mart']);
  });

  it('leaves out what has no relation', async () => {
    const store = await openStore();
    await store.sync([
      model('raw'),
      definition('test.shop.t', {}, { parents: [id('raw')] }),
      definition('exposure.shop.e', {}, { parents: [id('raw')] }),
      definition('source.shop.raw.x'),
      definition(id('staged'), {}, { parents: ['source.shop.raw.x', 'model.shop.placeholder'] }),
    ]);
    expect(await links(store)).toEqual(['raw.x > staged']);
  });
});
