import { describe, expect, it } from 'vitest';
import { countedType, duration, instant, plain, size } from '../../../src/cli/format.ts';

describe('durations', () => {
  it.each([
    [0.0204, '20 ms'],
    [4.25, '4.3 s'],
    [59.94, '59.9 s'],
    [60, '1 min'],
    [185, '3 min 5 s'],
    [7_800, '2 h 10 min'],
    [172_800, '2 d'],
    [442_800, '5 d 3 h'],
  ])('of %d seconds read %s', (seconds, expected) => {
    expect(duration(seconds)).toBe(expected);
  });
});

describe('counts of resource types', () => {
  it.each([
    [1, 'model', '1 model'],
    [2, 'saved_query', '2 saved queries'],
    [0, 'analysis', '0 analyses'],
    [1_204, 'semantic_model', '1,204 semantic models'],
  ])('of %d %s read %s', (count, type, expected) => {
    expect(countedType(count, type)).toBe(expected);
  });
});

it('shows sizes in the unit that fits', () => {
  expect([size(850), size(12_340), size(4_000_000)]).toEqual(['850 B', '12.3 kB', '4.0 MB']);
});

it('shows instants in UTC to the minute', () => {
  expect(instant(new Date('2026-11-04T08:59:59+02:00'))).toBe('2026-11-04 06:59 UTC');
});

it('takes what could steer a terminal out of a text', () => {
  expect(plain('red \u001b[31m\nnext\u0007')).toBe('red  [31m next');
});
