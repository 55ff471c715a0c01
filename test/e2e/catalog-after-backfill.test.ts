import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTwoStores, type Reader } from './two-stores.ts';

const DUCKDB = fileURLToPath(new URL('../../demo/histories/duckdb', import.meta.url));

/** What a catalog tells, and what came of its columns. */
const CATALOG = [
  'select unique_id, catalog_at from dbt.nodes order by unique_id',
  'select * from dbt.columns order by unique_id, column_name',
  'select unique_id, row_count, bytes from dbt.models order by unique_id',
  "select unique_id, aspect, item, changed_at from dbt.changes where aspect like '%column%' order by 1, 2, 3, 4",
  'select catalog_at from dbt_store.integration',
];

async function catalogOf(reader: Reader) {
  const found = [];
  for (const statement of CATALOG) found.push(await reader.rows(statement));
  return found;
}

/** Two stores of the first runs of the history, and the way on. */
async function scene(runs: number) {
  const stores = openTwoStores(DUCKDB);
  onTestFinished(stores.close);
  const plain = await stores.reader('artifacts', { runHistory: true });
  const filled = await stores.reader('artifacts', { runHistory: true });
  stores.advance(runs);
  for (const reader of [plain, filled]) expect(await reader.sync()).toMatchObject({ outcome: 'done' });
  return { ...stores, plain, filled };
}

describe('the catalog of runs that a backfill took', { timeout: 60_000 }, () => {
  it.each([
    ['one', 6, 8],
    ['several', 4, 12],
  ])('is that of a sync without it: %s', async (_, before, after) => {
    const { advance, plain, filled } = await scene(before);
    const old = await filled.rows('select catalog_at from dbt_store.integration');
    advance(after);
    await filled.backfill();
    expect(await filled.rows('select catalog_at from dbt_store.integration')).toEqual(old);
    for (const reader of [plain, filled]) expect(await reader.sync()).toMatchObject({ outcome: 'done' });
    expect(await plain.rows('select catalog_at from dbt_store.integration')).not.toEqual(old);
    expect(await catalogOf(filled)).toEqual(await catalogOf(plain));
  });

  it('is asked for once', async () => {
    const { advance, plain, filled } = await scene(6);
    const catalogs = ({ platform }: Reader) =>
      Object.entries(platform.requests()).flatMap(([path, count]) => (path.includes('catalog.json') ? [count] : []));
    expect(catalogs(filled)).toEqual([1]);
    advance(7);
    await filled.backfill();
    for (const reader of [plain, filled]) await reader.sync();
    advance(8);
    const [expected, found] = [await plain.sync(), await filled.sync()];
    expect(found).toMatchObject({ outcome: 'done', requests: expected.requests });
    expect([catalogs(plain), catalogs(filled)]).toEqual([[2], [2]]);
  });
});
