import { expect, it } from 'vitest';
import type { StoreRecord } from '../../src/domain/records.ts';
import { definition, minute, openStore, type TestStore } from './builders.ts';

const DAY = 24 * 60;
const ORDERS = 'model.shop.orders';
const CUSTOMERS = 'model.shop.customers';
const TEST = 'test.shop.unique_orders.abc';

const model = (uniqueId: string, day: number, description = 'Told') =>
  definition(uniqueId, { description }, { at: minute(day * DAY) });

const testOf = (uniqueId: string, day: number) =>
  definition(TEST, { testedUniqueId: uniqueId, testType: 'generic' }, { at: minute(day * DAY) });

async function shop({ rows }: TestStore): Promise<string[]> {
  const told = await rows<{ day: string; models: number; tested: number; documented: number }>(
    `select day::text, models, tested_models as tested, documented_models as documented from dbt.coverage_daily
    where dimension = 'package' and value = 'shop' and day <= '2026-01-08' order by day`,
  );
  return told.map(({ day, models, tested, documented }) => `${day.slice(8)}: ${models} ${tested} ${documented}`);
}

const sync = (store: TestStore, records: readonly StoreRecord[]) => store.sync(records);

it('tells for each day what was covered at its end, and for the days since the last change what is now', async () => {
  const store = await openStore();
  await sync(store, [model(ORDERS, 0)]);
  expect((await shop(store)).slice(0, 3)).toEqual(['01: 1 0 1', '02: 1 0 1', '03: 1 0 1']);
  await sync(store, [model(ORDERS, 2), model(CUSTOMERS, 2, '')]);
  await sync(store, [model(ORDERS, 2.5), model(CUSTOMERS, 2.5, ''), testOf(ORDERS, 2.5)]);
  await sync(store, [model(ORDERS, 5)]);
  const past = ['01: 1 0 1', '02: 1 0 1', '03: 2 1 1', '04: 2 1 1', '05: 2 1 1'];
  expect(await shop(store)).toEqual([...past, '06: 1 0 1', '07: 1 0 1', '08: 1 0 1']);
});

it('keeps numbers that go on as they were in one row, and is not written by a pass that says nothing new', async () => {
  const store = await openStore();
  await sync(store, [model(ORDERS, 0)]);
  await sync(store, [model(ORDERS, 1, 'Told in other words')]);
  await sync(store, [model(ORDERS, 2, 'And in others')]);
  expect((await sync(store, [model(ORDERS, 2, 'And in others')])).rowsWritten).toBe(0);
  await sync(store, [model(ORDERS, 3, 'And in others')]);
  const stored = "select day::text, until::text from dbt_store.coverage_day where dimension = 'package'";
  expect(await store.rows(stored)).toEqual([{ day: '2026-01-01', until: '2026-01-03' }]);
});

it('ends a package that has no models any more', async () => {
  const store = await openStore();
  await sync(store, [model(ORDERS, 0), model('model.other.items', 0)]);
  await sync(store, [model(ORDERS, 1)]);
  const days = "select max(day)::text as day from dbt.coverage_daily where dimension = 'package' and value = 'other'";
  expect(await store.rows(days)).toEqual([{ day: '2026-01-01' }]);
});

it('is told of owners as models have them: that of the group of their package, of the first of its name, or their own', async () => {
  const store = await openStore();
  const owner = (ownerName: string | null, ownerEmail: string | null = null) => ({ ownerName, ownerEmail });
  const group = (uniqueId: string, facts: ReturnType<typeof owner>) =>
    definition(uniqueId, { ...facts, name: uniqueId.split('.')[2] });
  const member = (uniqueId: string, groupName: string | null, facts = owner('Eve')) =>
    definition(uniqueId, { ...facts, groupName });
  await sync(store, [
    group('group.shop.finance', owner('Ada')),
    group('group.other.finance', owner(null, 'finance@other.example')),
    group('group.shop.nobody', owner(null)),
    member('model.shop.own_group', 'finance'),
    member('model.other.own_group', 'finance'),
    member('model.third.first_group', 'finance'),
    member('model.shop.unnamed_group', 'nobody'),
    member('model.shop.none', null, owner(null, 'eve@shop.example')),
    member('model.shop.nobody', null, owner(null)),
    { ...member('model.else.external', null), state: 'external' },
  ]);
  const byOwner = `select value, models from dbt.coverage where dimension = 'owner' order by value collate "C"`;
  expect(await store.rows(byOwner)).toEqual([
    { value: 'Ada', models: 1 },
    { value: 'Eve', models: 1 },
    { value: 'eve@shop.example', models: 1 },
    { value: 'finance@other.example', models: 2 },
    { value: null, models: 1 },
  ]);
  const ofModels = `select value, count(*)::integer as models
    from (select coalesce(owner_name, owner_email) as value from dbt.models where state <> 'external') m
    group by value order by value collate "C"`;
  expect(await store.rows(ofModels)).toEqual(await store.rows(byOwner));
});
