import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isPlain } from '../../../src/normalize/plain.ts';
import * as scalars from '../../../src/normalize/scalars.ts';

const VALUES: readonly unknown[] = [
  ...[undefined, null, true, false, 0, -0, 1, -1, 1.5, 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY],
  ...['', 'a', 'a\0b', '7', '12345678901234567', 'x'.repeat(5_000), 'ä'.repeat(900), '\uD800', '\u20AC'.repeat(667)],
  ...['2026-01-31T06:00:00Z', '2026-02-30T06:00:00Z', '0000-01-01T00:00:00Z', '2026-01-31 06:00:00.123456+00:00'],
  ...[[], ['a'], [1], {}, { name: 'a' }, { name: 1 }, { name: 'a', more: 1 }, { meta: { deep: [{}] } }, new Date(0)],
  JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`),
  JSON.parse(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`),
];

const { read: _read, isInstant: _isInstant, ...leaves } = scalars;
const SCHEMAS: readonly [string, z.ZodType][] = [
  ...Object.entries(leaves as Record<string, z.ZodType>),
  ['a number', z.number()],
  ['a whole number', z.int32()],
  ['an e-mail', z.email()],
  ['a text of three', z.string().max(3)],
  ['texts', z.array(z.string())],
  ['few texts', z.array(z.string()).max(0)],
  ['a word', z.enum(['a'])],
  ['an object in a list', z.array(z.object({ name: z.string() }))],
  ['an object', z.object({ inner: z.object({ name: z.string() }) })],
  ['a loose object', z.array(z.looseObject({ name: z.string() }))],
];

describe.each(SCHEMAS)('%s', (_, schema) => {
  it.each(VALUES.map((value) => [value]))('lets nothing through that it would refuse or change: %j', (value) => {
    const { success, data } = schema.safeParse(value);
    const isLeftAsItIs = success && isDeepStrictEqual(data, value);
    expect([isPlain(schema, value), isLeftAsItIs]).not.toEqual([true, false]);
  });
});

it('an object may have members that its schema does not name, but not an object in it', () => {
  const schema = z.object({ name: z.string(), inner: z.object({ name: z.string() }).optional() });
  expect(isPlain(schema, { name: 'a', more: 1 })).toBe(true);
  expect(isPlain(schema, { name: 'a', inner: { name: 'b', more: 1 } })).toBe(false);
});

it('what is plain is told without the schema', () => {
  const schema = z.object({ id: scalars.id, at: scalars.nullableInstant, tags: z.array(scalars.keyText) });
  expect(isPlain(schema, { id: 70403104000101, at: null, tags: ['nightly'] })).toBe(true);
  expect(isPlain(schema, { id: '70403104000101', at: null, tags: ['nightly'] })).toBe(false);
});
