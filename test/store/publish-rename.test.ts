import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../src/domain/records.ts';
import { changesOf, definition, minute, openStore } from './builders.ts';

describe('a rename', () => {
  const of = (minutes: number, name: string, rawCode: string | null) =>
    definition(`model.shop.${name}`, { rawCode }, { at: minute(minutes) });
  const renames = async (first: StoreRecord[], second: StoreRecord[]) => {
    const store = await openStore();
    await store.sync(first);
    await store.sync(second);
    return store.rows("select unique_id, before, after from dbt.changes where aspect = 'renamed'");
  };

  it('is logged on the new id, beside removed and added', async () => {
    const store = await openStore();
    await store.sync([of(0, 'old', 'select 1')]);
    await store.sync([of(1, 'new', 'select 1')]);
    expect(await changesOf(store)).toMatchObject([
      { unique_id: 'model.shop.new', aspect: 'added', changed_at: new Date(minute(1)) },
      { unique_id: 'model.shop.new', aspect: 'renamed', before: 'model.shop.old', after: null },
      { unique_id: 'model.shop.old', aspect: 'removed' },
    ]);
  });

  it('needs code that is unique among the removed', async () => {
    const first = [of(0, 'old', 'select 1'), of(0, 'old2', 'select 1')];
    expect(await renames(first, [of(1, 'new', 'select 1')])).toEqual([]);
  });

  it('needs code that is unique among the added', async () => {
    const second = [of(1, 'new', 'select 1'), of(1, 'new2', 'select 1')];
    expect(await renames([of(0, 'old', 'select 1')], second)).toEqual([]);
  });

  it.each([null, ''])('needs code: %j is none', async (rawCode) => {
    expect(await renames([of(0, 'old', rawCode)], [of(1, 'new', rawCode)])).toEqual([]);
  });

  it('needs the same resource type', async () => {
    const seed = definition('seed.shop.new', { rawCode: 'select 1' }, { at: minute(1) });
    expect(await renames([of(0, 'old', 'select 1')], [seed])).toEqual([]);
  });

  it('is for models, seeds and snapshots alone', async () => {
    const test = (name: string, at: string) => definition(`test.shop.${name}`, { rawCode: 'select 1' }, { at });
    expect(await renames([test('old', minute(0))], [test('new', minute(1))])).toEqual([]);
  });

  it('does not mind line ends', async () => {
    expect(await renames([of(0, 'old', 'select\r\n1')], [of(1, 'new', 'select\n1')])).toHaveLength(1);
  });
});
