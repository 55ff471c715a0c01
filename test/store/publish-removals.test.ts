import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../src/domain/records.ts';
import { definition, minute, openStore, type PassOptions, scope, start, type TestStore } from './builders.ts';

const models = (count: number, at: number): StoreRecord[] =>
  Array.from({ length: count }, (_, index) => definition(`model.shop.m${index}`, {}, { at: minute(at) }));

/** What a pass says when the environment took in a run at a minute. */
const updated = (at: number, rest: PassOptions = {}): PassOptions => ({
  environment: { adapterType: null, projectName: null, gitSha: null, updatedAt: minute(at) },
  token: minute(at),
  ...rest,
});

const open = async ({ row }: TestStore) =>
  (await row<{ count: number }>('select count(*)::integer from dbt.nodes')).count;
const closed = async ({ row }: TestStore) =>
  (await row<{ count: number }>('select count(*)::integer from dbt.removed_nodes')).count;

/** A store that holds so many models since minute 0. */
async function storeOf(count: number): Promise<TestStore> {
  const store = await openStore();
  await store.sync(models(count, 0), updated(0));
  return store;
}

describe('a complete pass that misses too many nodes', () => {
  it('closes nothing, says why, and still publishes what it has', async () => {
    const store = await storeOf(10);
    const news = definition('model.shop.m0', { description: 'new' }, { at: minute(1) });
    const { outcome, partialReasons } = await store.sync([news, ...models(4, 1).slice(1)], updated(1));
    expect(outcome).toBe('partial');
    expect(partialReasons).toEqual([
      'Nothing was closed, because 6 of 10 nodes are missing from this pass (6 model; such as model.shop.m4), more than ' +
        'max_removal_ratio 0.5 allows: sync with --allow-removals if they are really gone. Without it they are closed ' +
        'when 3 passes in a row miss the same nodes and dbt took in a run between them; so far one does.',
    ]);
    expect([await open(store), await closed(store)]).toEqual([10, 0]);
    expect(await store.row("select description from dbt.models where name = 'm0'")).toEqual({ description: 'new' });
    expect(await store.row('select outcome, error from dbt.sync_runs order by sync_run_id desc limit 1')).toEqual({
      outcome: 'partial',
      error: partialReasons[0],
    });
  });

  it('closes nothing where as many came instead, now and at its next passes', async () => {
    const store = await storeOf(12);
    const others = (at: number) =>
      Array.from({ length: 14 }, (_, index) => definition(`model.other.n${index}`, {}, { at: minute(at) }));
    const { outcome, partialReasons } = await store.sync(others(1), updated(1));
    expect([outcome, partialReasons]).toEqual([
      'partial',
      [expect.stringMatching(/^Nothing was closed, because 12 of 12 /)],
    ]);
    const again = await store.sync(others(1), updated(1));
    expect(again.partialReasons).toEqual([
      expect.stringMatching(
        /^Nothing was closed, because 12 of 26 nodes are missing .* were there when .* so far 2 do\.$/,
      ),
    ]);
    expect([await open(store), await closed(store)]).toEqual([26, 0]);
    // The third one, after another run, is believed.
    expect((await store.sync(others(2), updated(2))).outcome).toBe('done');
    expect([await open(store), await closed(store)]).toEqual([14, 12]);
  });

  it('closes them where as many came instead, when it is told to', async () => {
    const store = await storeOf(12);
    const others = Array.from({ length: 12 }, (_, index) => definition(`model.other.n${index}`, {}, { at: minute(1) }));
    await store.sync(others, updated(1));
    await store.sync(others, updated(1, { scope: { maxRemovalRatio: 1 } }));
    expect([await open(store), await closed(store)]).toEqual([12, 12]);
  });

  it.each([
    ['exactly the share that is allowed goes', 10, 5, 0.5],
    ['there are fewer than 10 nodes', 9, 1, 0.5],
    ['any share is allowed', 10, 1, 1],
  ])('closes them when %s', async (_when, before, after, maxRemovalRatio) => {
    const store = await storeOf(before);
    const { outcome } = await store.sync(models(after, 1), updated(1, { scope: { maxRemovalRatio } }));
    expect(outcome).toBe('done');
    expect([await open(store), await closed(store)]).toEqual([after, before - after]);
  });

  it('counts the nodes of the types that its source can state, and no others', async () => {
    const store = await storeOf(9);
    const macros = Array.from({ length: 9 }, (_, index) =>
      definition(`macro.shop.x${index}`, {}, { at: minute(1), resourceType: 'macro' }),
    );
    await store.sync([...models(9, 1), ...macros], updated(1));
    const { outcome } = await store.sync(models(1, 2), updated(2, { states: ['model'] }));
    expect(outcome).toBe('done');
    expect([await open(store), await closed(store)]).toEqual([10, 8]);
  });

  it('counts without macros too, for dbt itself brings hundreds of them', async () => {
    const macros = (at: number) =>
      Array.from({ length: 40 }, (_, index) =>
        definition(`macro.dbt.x${index}`, {}, { at: minute(at), resourceType: 'macro' }),
      );
    const store = await openStore();
    await store.sync([...models(10, 0), ...macros(0)], updated(0));
    const { outcome, partialReasons } = await store.sync([...models(4, 1), ...macros(1)], updated(1));
    expect(outcome).toBe('partial');
    expect(partialReasons[0]).toContain('6 of 10 nodes that are no macros are missing');
    const { outcome: other, partialReasons: why } = await store.sync(models(10, 2), updated(2));
    expect(other).toBe('partial');
    expect(why[0]).toContain('40 of 50 nodes are missing from this pass (40 macro; such as macro.dbt.x0)');
  });

  it('lets no probe say that nothing moved, until it is settled', async () => {
    const store = await storeOf(10);
    const lastComplete = async () => {
      const pass = await store.store.begin(scope(), start());
      await pass.release();
      return pass.lastComplete;
    };
    expect((await lastComplete())?.token).toBe(minute(0));
    await store.sync(models(1, 1), updated(1));
    expect(await lastComplete()).toBe(null);
    await store.sync(models(1, 1), updated(1, { scope: { maxRemovalRatio: 1 } }));
    expect((await lastComplete())?.token).toBe(minute(1));
  });
});

describe('passes that agree', () => {
  const passes = async (store: TestStore, states: readonly number[]) => {
    const outcomes: string[] = [];
    for (const at of states) outcomes.push((await store.sync(models(3, at), updated(at))).outcome);
    return outcomes;
  };

  it('are believed at the third, when they saw two states', async () => {
    const store = await storeOf(10);
    expect(await passes(store, [1, 1, 2])).toEqual(['partial', 'partial', 'done']);
    expect([await open(store), await closed(store)]).toEqual([3, 7]);
    expect(await passes(store, [2])).toEqual(['done']);
  });

  it('are not believed over one state, however often it is read', async () => {
    const store = await storeOf(10);
    expect(await passes(store, [1, 1, 1, 1])).toEqual(Array(4).fill('partial'));
    expect(await closed(store)).toBe(0);
    expect(await passes(store, [2])).toEqual(['done']);
  });

  it('start again when one misses other nodes', async () => {
    const store = await storeOf(10);
    expect(await passes(store, [1, 2])).toEqual(['partial', 'partial']);
    expect((await store.sync(models(2, 3), updated(3))).outcome).toBe('partial');
    expect(await passes(store, [4, 5])).toEqual(['partial', 'partial']);
    expect(await passes(store, [6])).toEqual(['done']);
  });

  it('start again when the nodes were there in between', async () => {
    const store = await storeOf(10);
    expect(await passes(store, [1, 2])).toEqual(['partial', 'partial']);
    expect((await store.sync(models(10, 3), updated(3))).outcome).toBe('done');
    expect(await passes(store, [4, 5])).toEqual(['partial', 'partial']);
  });

  it('are not forgotten for one that is older than what is stored', async () => {
    const store = await storeOf(10);
    expect(await passes(store, [2, 3])).toEqual(['partial', 'partial']);
    expect((await store.sync(models(10, 1), updated(1))).outcome).toBe('done');
    expect(await passes(store, [4])).toEqual(['done']);
  });

  it('are not helped by an incomplete one', async () => {
    const store = await storeOf(10);
    expect(await passes(store, [1, 2])).toEqual(['partial', 'partial']);
    await store.sync(models(3, 3), updated(3, { complete: false }));
    expect(await closed(store)).toBe(0);
    expect(await passes(store, [3])).toEqual(['done']);
  });
});
