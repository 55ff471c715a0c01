import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJson } from '../../../../src/sources/artifacts/lenient-json.ts';

it('takes the words of Python that JSON does not know as null, outside of strings', () => {
  const text = '{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN, \\"Infinity", "NaN": 1}';
  expect(parseJson(text)).toEqual({ a: null, b: [null, null], c: 'NaN, "Infinity', NaN: 1 });
});

it('reads everything beside such a word as JSON.parse does', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('NaN', '-Infinity', '"NaN\\', { NaN: ['\\"Infinity'] }));
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const text = JSON.stringify(values);
      expect(parseJson(text)).toEqual(JSON.parse(text));
      expect(parseJson(`[NaN, ${text}]`)).toEqual([null, JSON.parse(text)]);
    }),
  );
});

it('keeps what Postgres refuses, NUL and lone surrogates, for the place that replaces them', () => {
  expect(parseJson('["a\\u0000b", "\\ud800"]')).toEqual(['a\0b', '\ud800']);
});

it.each(['{"a": NaN', '{"a": Nan}', 'undefined', '{"a": 1,}'])('refuses %s', (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});
