import { describe, expect, it } from 'vitest';
import { groupedByReason, inWords, sentence } from '../../../src/sources/discovery/words.ts';

describe('a time in words', () => {
  it.each([
    [0, 'in a minute'],
    [1, 'in a minute'],
    [60_000, 'in a minute'],
    [60_001, 'in two minutes'],
    [300_000, 'in five minutes'],
    [660_000, 'in 11 minutes'],
    [3_599_500, 'in an hour'],
    [3_600_000, 'in an hour'],
    [5_400_000, 'in 90 minutes'],
    [7_200_000, 'in two hours'],
    [86_400_000, 'in 24 hours'],
  ])('says of %i ms: %s', (ms, words) => {
    expect(inWords(ms)).toBe(words);
  });
});

describe('reasons of several connections', () => {
  const lost = (...names: string[]) => names.map((name) => `${name}: It is ill: badly.`);

  it.each([
    [['a'], 'a'],
    [['a', 'a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
    [['a', 'b', 'c', 'd'], 'a, b and 2 more'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b and 3 more'],
  ])('are told once for %j', (names, listed) => {
    expect(groupedByReason(lost(...names))).toEqual([`${listed}: It is ill: badly.`]);
  });

  it('stay apart when they differ, in their order', () => {
    expect(groupedByReason(['a: One.', 'b: Two.', 'c: One.'])).toEqual(['a and c: One.', 'b: Two.']);
  });

  it('may span lines', () => {
    expect(groupedByReason(['a: One\nline.', 'b: One\nline.'])).toEqual(['a and b: One\nline.']);
  });
});

describe('a sentence', () => {
  it.each([
    ['It is ill', 'It is ill.'],
    ['It is ill.', 'It is ill.'],
    ['Why?', 'Why?'],
  ])('of "%s" ends as it should', (text, whole) => {
    expect(sentence(text)).toBe(whole);
  });
});
