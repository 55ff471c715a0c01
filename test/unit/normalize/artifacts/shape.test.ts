import { describe, expect, it } from 'vitest';
import { RejectError } from '../../../../src/domain/errors.ts';
import {
  bag,
  tagList,
  told,
  toldCount,
  toldInstant,
  toldKey,
  versionText,
} from '../../../../src/normalize/artifacts/fields.ts';
import { isUniqueId, objectReader, parsed, toldObject } from '../../../../src/normalize/artifacts/shape.ts';

const read = objectReader({
  name: told,
  key: toldKey,
  version: versionText,
  tags: tagList,
  config: bag,
  position: toldCount,
  at: toldInstant,
  nested: toldObject({ name: told }),
});

describe('A reader of objects', () => {
  it('takes a plain object as it is', () => {
    const raw = {
      name: 'a',
      tags: ['x'],
      config: {},
      position: 3,
      at: '2026-11-02T06:00:24.5Z',
      nested: { name: null },
    };
    expect(read(raw)).toBe(raw);
  });

  it('takes null and what is left out alike', () => {
    const raw = {
      name: null,
      key: null,
      version: null,
      tags: null,
      config: null,
      position: null,
      at: null,
      nested: null,
    };
    expect(read(raw)).toBe(raw);
    expect(read({})).toEqual({});
  });

  it('makes of other values what their fields make of them', () => {
    expect(read({ version: 2, tags: 'one', at: '2026-11-02T06:00:24' })).toMatchObject({
      version: '2',
      tags: ['one'],
      at: '2026-11-02T06:00:24Z',
    });
  });

  it.each([
    ['name', 1],
    ['key', 'x'.repeat(2_001)],
    ['tags', ['x', 1]],
    ['tags', ['x'.repeat(2_001)]],
    ['config', []],
    ['position', 1.5],
    ['position', 2 ** 31],
    ['at', '2026-02-30T00:00:00Z'],
    ['nested', { name: 1 }],
  ])('refuses a %s that does not fit, and names it', (field, value) => {
    expect(() => read({ [field]: value })).toThrow(RejectError);
    expect(() => read({ [field]: value })).toThrow(new RegExp(`^${field}`));
  });

  it('takes a long key whose characters are short', () => {
    expect(read({ key: 'x'.repeat(2_000) })).toEqual({ key: 'x'.repeat(2_000) });
  });

  it.each([[null], [[]], ['text']])('refuses %j, which is no object', (raw) => {
    expect(() => read(raw)).toThrow(RejectError);
  });
});

describe('A single value', () => {
  it('is undefined when it does not fit its field', () => {
    expect(parsed(tagList, ['x'])).toEqual(['x']);
    expect(parsed(tagList, 'x')).toEqual(['x']);
    expect(parsed(tagList, 1)).toBeUndefined();
  });

  it('is a unique id unless it is empty or longer than a key may be', () => {
    expect(['model.a.b', 'x'.repeat(2_000), '', 'x'.repeat(2_001), 'é'.repeat(1_001)].map(isUniqueId)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
