import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/records.ts';
import { numRuns } from '../properties/runs.ts';
import { catalog, column, definition, minute, openStore, result, type TestStore } from './builders.ts';

const ORDERS = 'model.shop.orders';
const BAD = 'a\0b\ud800c\udc00d';
const GOOD = 'a\uFFFDb\uFFFDc\uFFFDd';

const shown = (store: TestStore) =>
  store.row<{ description: string; tags: string[]; meta: unknown }>('select description, tags, meta from dbt.nodes');

describe('text that Postgres refuses', () => {
  it('is replaced in text, tags, and keys and values of JSON at any depth', async () => {
    const store = await openStore();
    const meta = { [BAD]: [BAD, { [BAD]: BAD }], kept: 'x' };
    await store.sync([definition(ORDERS, { description: BAD, tags: [BAD], meta })]);
    expect(await shown(store)).toEqual({
      description: GOOD,
      tags: [GOOD],
      meta: { [GOOD]: [GOOD, { [GOOD]: GOOD }], kept: 'x' },
    });
  });

  it('is replaced in unique ids, parents, columns and results, which still belong together', async () => {
    const store = await openStore();
    const uniqueId = `model.shop.${BAD}`;
    const parent = `source.shop.${BAD}`;
    const pass = [
      definition(uniqueId, { name: BAD }, { parents: [parent] }),
      catalog(uniqueId, [
        column(BAD, { dataType: BAD, comment: BAD, description: BAD, tags: [BAD], meta: { [BAD]: 1 } }),
      ]),
      result(uniqueId, { status: 'error', message: BAD }),
    ];
    await store.sync(pass);
    expect(await store.rows('select parent_unique_id, child_unique_id from dbt.lineage')).toEqual([
      { parent_unique_id: `source.shop.${GOOD}`, child_unique_id: `model.shop.${GOOD}` },
    ]);
    expect(await store.row('select column_name, data_type, comment, description, tags, meta from dbt.columns')).toEqual(
      {
        column_name: GOOD,
        data_type: GOOD,
        comment: GOOD,
        description: GOOD,
        tags: [GOOD],
        meta: { [GOOD]: 1 },
      },
    );
    expect(await store.row('select name, last_run_error from dbt.models')).toEqual({
      name: GOOD,
      last_run_error: GOOD,
    });
    expect(await store.sync(pass)).toMatchObject({ rowsWritten: 0 });
  });

  it('is replaced in rejects, whose raw record is kept', async () => {
    const store = await openStore();
    const reject = { resourceType: 'model', uniqueId: BAD, reason: BAD, raw: { text: BAD } } as const;
    await store.sync([definition(ORDERS)], { rejects: [reject] });
    expect(await store.row('select unique_id, reason, raw from dbt.rejects')).toEqual({
      unique_id: GOOD,
      reason: GOOD,
      raw: { text: GOOD },
    });
  });

  it('is replaced in why a pass was partial, and in what stopped it', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS)], { partialReasons: [BAD] });
    expect(await store.row('select outcome, error from dbt.sync_runs')).toEqual({ outcome: 'partial', error: GOOD });
  });
});

describe('text', () => {
  it.each([
    ['tabs, line ends, backslashes and quotes', 'a\tb\nc\r\nd\\e\\n"f"\'g\'\\.\\N{h},i'],
    ['the end mark of COPY', '\\.'],
    ['the null mark of COPY', '\\N'],
    ['control characters', '\u0001\b\f\v\u001f\u007f\u0085\u2028'],
    ['emoji and combined characters', '👩‍👩‍👧 e\u0301 ﷽ \u{10FFFF}'],
    ['spaces alone', '   '],
    ['an escape that is only written out', '\\u0000 \\ud800'],
    ['the word NULL', 'NULL'],
  ])('comes back as it was sent: %s', async (_what, text) => {
    const store = await openStore();
    const meta = { [text]: [text] };
    await store.sync([definition(ORDERS, { description: text, tags: [text, 'NULL', ''], meta })]);
    expect(await shown(store)).toEqual({ description: text, tags: [text, 'NULL', ''], meta });
  });

  it('comes back as it was sent, whatever it is, in text, tags and JSON', async () => {
    const store = await openStore();
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((value) => value.replaceAll('\0', ''));
    let minutes = 0;
    await fc.assert(
      fc.asyncProperty(text, fc.array(text, { maxLength: 5 }), fc.dictionary(text, text), async (one, tags, meta) => {
        await store.sync([definition(ORDERS, { description: one, tags, meta }, { at: minute(++minutes) })]);
        const stored = await shown(store);
        expect(stored).toEqual({ description: one, tags, meta: { ...meta } });
      }),
      numRuns(20),
    );
  });

  it('of 300 characters serves as unique id, column name and name', async () => {
    const store = await openStore();
    const long = 'ü'.repeat(300);
    const uniqueId = `model.shop.${long}`;
    await store.sync([definition(uniqueId), catalog(uniqueId, [column(long)]), result(uniqueId)]);
    expect(await store.row('select unique_id, name from dbt.models')).toEqual({ unique_id: uniqueId, name: long });
    expect(await store.row('select column_name from dbt.columns')).toEqual({ column_name: long });
  });

  it('of a megabyte is stored whole', async () => {
    const store = await openStore();
    const code = 'select "ä"\n'.repeat(100_000);
    await store.sync([definition(ORDERS, { rawCode: code })]);
    expect(await store.row('select raw_code = $1 as same from dbt.models', [code])).toEqual({ same: true });
  });
});

describe('JSON', () => {
  it.each<[string, Json]>([
    ['numbers', [0, -1, 1.5, 1e21, 1.7976931348623157e308, 5e-324, Number.MAX_SAFE_INTEGER]],
    ['nested values', { a: [null, true, [], {}, { b: [[]] }] }],
    ['keys that objects of JavaScript have of themselves', JSON.parse('{"__proto__": {"x": 1}, "constructor": "c"}')],
  ])('comes back as it was sent: %s', async (_what, meta) => {
    const store = await openStore();
    await store.sync([definition(ORDERS, { meta })]);
    const { text } = await store.row<{ text: string }>('select meta::text as text from dbt.nodes');
    expect(JSON.parse(text)).toEqual(meta);
  });
});

describe('a reject', () => {
  it('is kept without e-mail addresses, and no longer than a person reads', async () => {
    const store = await openStore();
    const raw = { owner: 'ada.lovelace+x@example.com', code: 'a'.repeat(400_000) };
    await store.sync([definition(ORDERS)], {
      rejects: [{ resourceType: 'model', uniqueId: null, reason: 'odd', raw }],
      partialReasons: ['1 record was rejected.'],
    });
    const { raw: kept } = await store.row<{ raw: string }>('select raw::text as raw from dbt.rejects');
    expect(kept).not.toContain('lovelace');
    expect(kept).not.toContain('example.com');
    expect(kept).toContain('aaaa');
    expect(kept.length).toBeLessThan(10_000);
  });
});
