import { describe, expect, it } from 'vitest';
import type { CompiledRecord, StoreRecord } from '../../src/domain/records.ts';
import { build, definition, minute, openStore, type PassOptions, result, type TestStore } from './builders.ts';

const ORDERS = 'model.shop.orders';

const code = (text: string, at: number, isBuilt: boolean): CompiledRecord => ({
  kind: 'compiled',
  uniqueId: ORDERS,
  at: minute(at),
  code: text,
  isBuilt,
});
const built = (text: string, at: number) => code(text, at, true);
const compiled = (text: string, at: number) => code(text, at, false);

const stored = async (store: TestStore) =>
  (await store.row<{ code: string | null }>('select compiled_code as code from dbt.models')).code;

/** The code that is stored after passes over the same definition, each with these records beside it. */
async function codeAfter(passes: readonly StoreRecord[][], options: PassOptions = {}) {
  const store = await openStore();
  for (const records of passes) await store.sync([definition(ORDERS), ...records], options);
  return stored(store);
}

describe('the code of a model', () => {
  it.each<[string, StoreRecord[][]]>([
    ['compiled later', [[built('run', 1)], [compiled('docs', 2)]]],
    ['compiled before', [[compiled('docs', 1)], [built('run', 2)]]],
    ['compiled later and told first', [[compiled('docs', 2)], [built('run', 1)]]],
    ['compiled later in the same pass', [[compiled('docs', 2), built('run', 1)]]],
    ['compiled later in a later pass of both', [[], [built('run', 1), compiled('docs', 2)]]],
    [
      'compiled later, built by the group of the build',
      [[build(ORDERS, { compiledCode: 'run' }, minute(1))], [compiled('docs', 2)]],
    ],
  ])('is what it was built with, whatever was only %s', async (_, passes) => {
    expect(await codeAfter(passes)).toBe('run');
    expect(await codeAfter(passes, { source: 'artifacts' })).toBe('run');
  });

  it('that was never built is what it was last compiled to', async () => {
    expect(await codeAfter([[compiled('b', 2)], [compiled('a', 1)]])).toBe('b');
    expect(await codeAfter([[compiled('a', 1)], [compiled('b', 2)]])).toBe('b');
    expect(await codeAfter([[compiled('a', 1), compiled('b', 2)]])).toBe('b');
  });

  it('that was built with what was compiled before stays when it is compiled to something else', async () => {
    expect(await codeAfter([[compiled('a', 1)], [built('a', 2)], [compiled('b', 3)]])).toBe('a');
  });

  it('without a time has that of its definition', async () => {
    const untimed = { ...compiled('a', 0), at: null };
    expect(await codeAfter([[untimed]])).toBe('a');
    expect(await codeAfter([[], [untimed]])).toBe('a');
    expect(await codeAfter([[compiled('b', 1)], [untimed]])).toBe('b');
  });

  it('is not written again when both kinds are told again', async () => {
    const store = await openStore();
    const pass = [definition(ORDERS), built('run', 1), compiled('docs', 2), result(ORDERS)];
    await store.sync(pass);
    expect(await store.sync(pass)).toMatchObject({ rowsWritten: 0 });
  });
});
