import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../src/domain/records.ts';
import { changesOf, definition, minute, openStore } from './builders.ts';

const ORDERS = 'model.shop.orders';

type Facts = NonNullable<Parameters<typeof definition>[1]>;

const change = (before: unknown, after: unknown) => ({
  unique_id: ORDERS,
  aspect: 'owner',
  item: null,
  before,
  after,
  changed_at: new Date(minute(1)),
});

describe('the owner of a model', () => {
  const FINANCE = 'group.shop.finance';
  const owner = (name: string | null) => ({ ownerName: name, ownerEmail: null });
  const of = (name: string) => ({ name, email: null });
  const group = (name: string | null, at: number, id = FINANCE) =>
    definition(id, { ...owner(name), name: id.split('.')[2] }, { at: minute(at) });
  const member = (at: number, facts: Facts = {}) =>
    definition(ORDERS, { groupName: 'finance', ...facts }, { at: minute(at) });

  /** The owner changes of the model between two passes. */
  async function between(first: readonly StoreRecord[], second: readonly StoreRecord[], source?: 'artifacts') {
    const store = await openStore();
    for (const records of [first, second]) await store.sync(records, source && { source });
    const found = (await changesOf(store)) as ReturnType<typeof change>[];
    return found.filter(({ unique_id: id, aspect }) => id === ORDERS && aspect === 'owner');
  }

  it.each(['artifacts', undefined] as const)('is that of its group, which may change alone (%s)', async (source) => {
    const found = await between([group('Ada', 0), member(0)], [group('Bob', 1), member(1)], source);
    expect(found).toEqual([change(of('Ada'), of('Bob'))]);
  });

  it('is its own when the group goes or names none', async () => {
    const own = { ownerName: 'Eve', ownerEmail: null };
    const first = [group('Ada', 0), member(0, own)];
    expect(await between(first, [member(1, own)])).toEqual([change(of('Ada'), of('Eve'))]);
    expect(await between(first, [group(null, 1), member(1, own)])).toEqual([change(of('Ada'), of('Eve'))]);
  });

  it('changes with its group, and not with an own one that does not count', async () => {
    const groups = (at: number) => [group('Ada', at), group('Bob', at, 'group.shop.sales')];
    const first = [...groups(0), member(0, owner('Eve'))];
    expect(await between(first, [...groups(1), member(1, { ...owner('Eve'), groupName: 'sales' })])).toEqual([
      change(of('Ada'), of('Bob')),
    ]);
    expect(await between(first, [...groups(1), member(1, owner('Zoe'))])).toEqual([]);
  });

  it('is no change where the group is learnt of, the model is new or an older pass says another one', async () => {
    const unstated = { groupName: undefined };
    expect(await between([group('Ada', 0), member(0, unstated)], [group('Ada', 1), member(1)])).toEqual([]);
    expect(await between([group('Ada', 0)], [group('Bob', 1), member(1)])).toEqual([]);
    expect(await between([group('Bob', 1), member(1)], [group('Ada', 0), member(0)])).toEqual([]);
  });
});
