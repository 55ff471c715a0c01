import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstMember, ScanError, scan } from '../../../../src/sources/artifacts/scan.ts';

const OPENED = (key: string) => key.startsWith('open');

/** What the scan finds, parsed piece by piece and put together again. */
function rebuilt(text: string): unknown {
  const bytes = Buffer.from(text);
  const parse = (start: number, end: number) => JSON.parse(bytes.toString('utf8', start, end)) as unknown;
  const top = [...scan(bytes, OPENED)].map(([key, { start, end, members }]) => {
    if (members === null) return [key, parse(start, end)];
    const parts = members.map((member) => [member.key, parse(member.start, member.end)] as const);
    return [key, bytes[start] === 0x5b ? parts.map(([, value]) => value) : Object.fromEntries(parts)];
  });
  return Object.fromEntries(top);
}

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

const document = fc.dictionary(fc.constantFrom('open1', 'open2', 'a', 'b"', 'ключ\n', ''), fc.jsonValue());

describe('the scan of a JSON object', () => {
  it('finds what JSON.parse finds, however it is written', () => {
    fc.assert(
      fc.property(document, fc.constantFrom(undefined, 2, '\t\r'), (value, space) => {
        const text = ` ${JSON.stringify(value, null, space)}\n`;
        expect(rebuilt(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('tells how deeply each member is nested', () => {
    fc.assert(
      fc.property(document, (value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        for (const [key, { depth, members }] of scan(bytes, OPENED)) {
          expect(depth).toBe(depthOf(value[key]));
          for (const [index, member] of (members ?? []).entries()) {
            expect(member.depth).toBe(depthOf(Object.values(value[key] as object)[index]));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is not misled by brackets and quotes in strings', () => {
    const value = { open1: { a: '}{][', 'b"}': '\\"}', c: '\\' }, z: [']'] };
    expect(rebuilt(JSON.stringify(value))).toEqual(value);
  });

  it.each([
    ['at the top', '{"a": 1, "a": 2}'],
    ['in what is opened', '{"open1": {"b": 1, "c": 2, "\\u0062": {"d": 3}}}'],
    ['at the top, opened both times', '{"open1": {"b": 1}, "open1": {"c": 2}}'],
  ])('takes the last of two equal keys %s, once, as JSON.parse does', (_, text) => {
    expect(rebuilt(text)).toEqual(JSON.parse(text));
    const keys = [...scan(Buffer.from(text), OPENED)].flatMap(
      ([, { members }]) => members?.map(({ key }) => key) ?? [],
    );
    expect(keys).toEqual(Object.keys(JSON.parse(text).open1 ?? {}));
  });

  it('takes every item of a list', () => {
    expect(rebuilt('{"open1": [1, 1, {"a": 2}]}')).toEqual({ open1: [1, 1, { a: 2 }] });
  });

  it('refuses every beginning of an object that is not the whole of it', () => {
    const text = JSON.stringify({ open1: { a: [1, { b: 'x"\\' }] }, open2: [true], c: null });
    for (let length = 0; length < text.length; length++) {
      expect(() => scan(Buffer.from(text.slice(0, length)), OPENED)).toThrow(ScanError);
    }
  });

  it.each([
    ['another document after it', '{} {}'],
    ['an array', '[]'],
    ['a text', '"a"'],
    ['no comma', '{"a": 1 "b": 2}'],
    ['no colon', '{"a" 1}'],
    ['no value', '{"a": , "b": 1}'],
    ['a key without quotes', '{a: 1}'],
    ['a comma at the end', '{"a": 1,}'],
    ['conflict markers', '<<<<<<< HEAD\n{}'],
    ['conflict markers between members', '{"open1": {\n<<<<<<< HEAD\n"a": 1}}'],
  ])('refuses %s', (_, text) => {
    expect(() => scan(Buffer.from(text), OPENED)).toThrow(ScanError);
  });

  it('is not stopped by any depth', () => {
    const text = `{"open1": {"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    expect(scan(Buffer.from(text), OPENED).get('open1')?.members?.[0]?.depth).toBe(100_000);
  });
});

describe('the first member of the beginning of a file', () => {
  it('is found although the rest is missing', () => {
    const bytes = Buffer.from('{\n "metadata": {"a": "}"}, "nodes": {"x": {"y');
    expect(firstMember(bytes)).toEqual({ key: 'metadata', start: 15, end: 25, depth: 1 });
  });

  it.each(['', '{', '{"metadata"', '{"metadata": {"a"', '[1]', '<html>'])('is none in %j', (text) => {
    expect(firstMember(Buffer.from(text))).toBeNull();
  });
});
