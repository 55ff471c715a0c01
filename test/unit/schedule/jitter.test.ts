import { expect, it } from 'vitest';
import { jitterS } from '../../../src/schedule/jitter.ts';

const names = Array.from({ length: 1_000 }, (_, index) => `integration-${index}`);

it('lets a few syncs begin at once', () => {
  expect(names.slice(0, 4).map((name) => jitterS(name, 4))).toEqual([0, 0, 0, 0]);
});

it('spreads many evenly over half a minute, each at its own time whenever it is asked', () => {
  const delays = names.map((name) => jitterS(name, names.length));
  expect(delays).toEqual(names.map((name) => jitterS(name, names.length)));
  expect(Math.max(...delays)).toBeLessThan(30);
  for (const second of Array.from({ length: 30 }, (_, index) => index)) {
    const begun = delays.filter((delay) => Math.floor(delay) === second).length;
    expect(begun).toBeGreaterThan(10);
    expect(begun).toBeLessThan(67);
  }
});

it('holds back a dozen by a few seconds at most', () => {
  expect(Math.max(...names.map((name) => jitterS(name, 12)))).toBeLessThan(2);
});
