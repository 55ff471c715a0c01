import { describe, expect, it } from 'vitest';
import type { Reject } from '../../src/domain/records.ts';
import { definition, openStore, scope, start, type TestStore } from './builders.ts';

const ORDERS = 'model.shop.orders';

const reject = (reason: string, raw: unknown = { a: 1 }): Reject => ({
  resourceType: 'model',
  uniqueId: ORDERS,
  reason,
  raw,
});

const runs = ({ rows }: TestStore) =>
  rows(`select outcome, rejects, rejects_sync_run_id - min(sync_run_id) over () as met from dbt.sync_runs
    where kind = 'sync' order by sync_run_id`);

const kept = async ({ rows }: TestStore) => (await rows('select reason from dbt.rejects order by reject_id')).length;

/** A pass that was told these pieces in that order. */
const pass = (store: TestStore, ...reasons: string[]) =>
  store.sync([definition(ORDERS)], { rejects: reasons.map((reason) => reject(reason)), partialReasons: ['Some.'] });

describe('what a pass rejected', () => {
  it('is not kept again by one that rejects the very same, which refers to it', async () => {
    const store = await openStore();
    await pass(store, 'one', 'two');
    expect(await pass(store, 'two', 'one')).toMatchObject({ outcome: 'partial', rejects: 2, rowsWritten: 0 });
    await pass(store, 'one', 'two');
    expect(await kept(store)).toBe(2);
    expect(await runs(store)).toEqual(Array(3).fill({ outcome: 'partial', rejects: 2, met: '0' }));
  });

  it.each([
    ['more', ['one', 'two']],
    ['less', []],
    ['something else', ['two']],
  ])('is kept anew after a pass that rejected %s', async (_, others) => {
    const store = await openStore();
    for (const reasons of [['one'], others, ['one']]) await pass(store, ...reasons);
    expect(await runs(store)).toEqual([
      { outcome: 'partial', rejects: 1, met: '0' },
      { outcome: 'partial', rejects: others.length, met: '1' },
      { outcome: 'partial', rejects: 1, met: '2' },
    ]);
    expect(await kept(store)).toBe(2 + others.length);
  });

  it('is told apart by what was received', async () => {
    const store = await openStore();
    for (const raw of [{ a: 1 }, { a: 2 }]) await store.sync([definition(ORDERS)], { rejects: [reject('one', raw)] });
    expect(await kept(store)).toBe(2);
  });

  it('is of the integration alone', async () => {
    const store = await openStore();
    for (const name of ['shop', 'other']) {
      await store.sync([definition(ORDERS)], { rejects: [reject('one')], scope: { name } });
    }
    expect(await kept(store)).toBe(2);
  });

  it('is referred to across passes that found nothing new or failed', async () => {
    const store = await openStore();
    await pass(store, 'one');
    for (const end of ['unchanged', 'fail'] as const) {
      const other = await store.store.begin(scope(), start());
      const traffic = { requests: 0, bytes: 0 };
      await (end === 'fail' ? other.fail('failed', 'It is down.', traffic) : other.unchanged(traffic));
      await other.release();
    }
    await pass(store, 'one');
    expect((await runs(store)).map((run) => ({ ...run }))).toMatchObject([
      { outcome: 'partial', rejects: 1, met: '0' },
      { outcome: 'unchanged', rejects: 0 },
      { outcome: 'failed', rejects: 0 },
      { outcome: 'partial', rejects: 1, met: '0' },
    ]);
  });

  it('is kept anew when the rows of it are gone', async () => {
    const store = await openStore();
    await pass(store, 'one');
    await store.rows('delete from dbt_store.reject');
    await pass(store, 'one');
    expect(await runs(store)).toMatchObject([{ rejects: 0 }, { rejects: 1, met: '1' }]);
  });

  it('is kept by no dry run', async () => {
    const store = await openStore();
    await pass(store, 'one');
    await store.sync([definition(ORDERS)], { rejects: [reject('two')], dryRun: true });
    expect([await kept(store), await runs(store)]).toMatchObject([1, [{ rejects: 1 }]]);
  });

  it('is kept as deep as anybody looks, however deep it is', async () => {
    const deep = JSON.parse(`${'{"a":['.repeat(5_000)}1${']}'.repeat(5_000)}`);
    const store = await openStore();
    await store.sync([definition(ORDERS)], { rejects: [reject('deep', { meta: deep })] });
    const { raw } = await store.row<{ raw: string }>('select raw::text from dbt.rejects');
    expect(raw).toMatch(/^\{"meta": (\{"a": \[)+\{"a": "\[…\]"(\}\])+\}\}$/);
  });
});
