import { describe, expect, it } from 'vitest';
import { changesOf, definition, minute, openStore } from './builders.ts';

const ORDERS = 'model.shop.orders';

describe('types that only artifacts state', () => {
  const ANALYSIS = 'analysis.shop.sales';
  const states = { source: 'artifacts', states: ['model', 'analysis'] } as const;
  const both = (at: string) => [definition(ORDERS, {}, { at }), definition(ANALYSIS, {}, { at })];

  it('are not added when artifacts are read for the first time', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS)]);
    await store.sync(both(minute(1)), states);
    expect(await changesOf(store)).toEqual([]);
  });

  it('are added when artifacts were read before', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS)], states);
    await store.sync(both(minute(1)), states);
    expect(await changesOf(store)).toMatchObject([{ unique_id: ANALYSIS, aspect: 'added' }]);
  });
});
