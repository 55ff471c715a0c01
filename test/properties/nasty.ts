import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { NASTY } from '../unit/normalize/nasty.ts';

/** Text that no compression makes shorter, as an index entry must hold it. */
function noise(length: number): string {
  let text = '';
  for (let block = 0; text.length < length; block++) text += createHash('sha256').update(`${block}`).digest('base64');
  return text.slice(0, length);
}

/** Every other character becomes three bytes when it is made storable. */
const grown = (length: number) => [...noise(length / 2)].map((character) => `${character}\0`).join('');

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

const strings = [
  noise(3_000),
  noise(20_000),
  noise(1_000_000),
  '\0'.repeat(2_000),
  '\ud800\0\udfff',
  '\ufffe\uffff',
  '\u{1F600}',
];
const numbers = [1e308, -1e308, 5e-324, 1e21, 2 ** 53 - 1, -(2 ** 53), 2 ** 63, -(2 ** 31) - 1, 86_400 * 2 ** 31];
const instants = [
  '9999-12-31T23:59:59.999999Z',
  '9999-12-31T23:59:59.999Z',
  '9999-12-31T23:59:59-15:59',
  '0001-01-01T00:00:00+15:59',
  '0001-01-01T00:00:00Z',
  '2024-02-29T23:59:59.9999999999Z',
];
const deep = [nested(150), nested(199), nested(250), nested(5_000), nested(100_000)];
const keys = ['__proto__', 'constructor', '', '\0', '\ud800', 'toString'].map((key) =>
  Object.fromEntries([[key, { a: 1 }]]),
);

/** Any JSON, and what experience says is worse than that. */
export const garbage: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.jsonValue(), weight: 3 },
  { arbitrary: fc.jsonValue({ noUnicodeString: false, maxDepth: 6 }), weight: 1 },
  { arbitrary: fc.constantFrom(...NASTY), weight: 3 },
  { arbitrary: fc.constantFrom<unknown>(...strings, ...numbers, ...instants, ...deep, ...keys), weight: 4 },
  { arbitrary: fc.string({ unit: 'binary' }), weight: 1 },
  { arbitrary: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()), weight: 1 },
  { arbitrary: fc.double().filter(Number.isFinite), weight: 1 },
);

/** Values that Postgres or JSON refuse in some place or other, by name; the worst come first. */
export const WORST: [string, unknown][] = [
  ['text too long for an index', noise(20_000)],
  ['text that grows when it is made storable', grown(2_000)],
  ['deep nesting', nested(10_000)],
  ['an instant at the end of time', '9999-12-31T23:59:59.999999-15:59'],
  ['an instant at the beginning of time', '0001-01-01T00:00:00+15:59'],
  ['the greatest number', Number.MAX_VALUE],
  ['the greatest whole number', Number.MAX_SAFE_INTEGER],
  ['nesting just too deep', nested(199)],
];
