/** Where a value stands in another. */
export type Path = readonly (string | number)[];

/** Every place in a value. */
export function pathsOf(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [[key], ...pathsOf(item).map((path) => [key, ...path])]);
}

/** A copy of a value with something else in one place. */
export function replaced(value: unknown, [key, ...rest]: Path, garbage: unknown): unknown {
  if (key === undefined) return garbage;
  const copy = structuredClone(value) as { [key: string | number]: unknown };
  copy[key] = replaced(copy[key], rest, garbage);
  return copy;
}

/** Values that nobody expects. */
export const NASTY: readonly unknown[] = [
  undefined,
  '',
  ' ',
  '\0',
  '\uD800',
  '-1',
  '1e3',
  '0x10',
  'NaN',
  'constructor',
  '__proto__',
  2 ** 31,
  2 ** 53,
  '9007199254740993',
  1.5,
  -0,
  Number.POSITIVE_INFINITY,
  1e308,
  '2024-02-31T00:00:00Z',
  '2024-01-01T25:00:00Z',
  '2024-01-01T00:00:00',
  '2024-01-00 00:00:00Z',
  '2024-13-01 00:00:00Z',
  '0000-01-01T00:00:00Z',
  '2024-01-01T00:00:00+16:00',
  'now',
  'infinity',
  '{',
  [],
  [null],
  {},
  { name: null },
  { toString: 1 },
  JSON.parse('{"__proto__": {"uniqueId": "model.shop.other"}}'),
];
