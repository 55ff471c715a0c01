import { expect, it } from 'vitest';
import { lateSource } from '../../../src/app/late-source.ts';
import { NOTHING_STORED } from '../../../src/domain/source.ts';
import { all } from '../sources/admin/builders.ts';
import { fakeSource, pageOf } from '../sync/fakes.ts';

const { signal } = new AbortController();
const traffic = () => ({ requests: 3, bytes: 5 });

it('a source that nobody asks is never made, and states nothing', () => {
  const source = lateSource(async () => {
    throw new Error('It was made.');
  }, traffic);
  expect([source.states, source.limits, source.warnings, source.traffic()]).toEqual([[], [], [], traffic()]);
});

it('a source that is asked is made once, and speaks for itself from then on', async () => {
  const page = pageOf({ total: 7 });
  const fake = fakeSource({ name: 'artifacts', readings: [[page]], limits: ['A limit.'], warnings: ['A warning.'] });
  let made = 0;
  const source = lateSource(async () => {
    made++;
    return fake.source;
  }, traffic);
  expect((await source.probe(signal)).token).toBe('token-1');
  expect(await all(source.pages(signal, NOTHING_STORED))).toEqual([page]);
  expect([made, fake.asked, source.states]).toEqual([1, [NOTHING_STORED], ['model', 'test']]);
  expect([source.limits, source.warnings]).toEqual([['A limit.'], ['A warning.']]);
});

it('a source that could not be made is tried anew by the next question', async () => {
  const { source: good } = fakeSource();
  const outcomes = [Promise.reject(new Error('There is no account.')), Promise.resolve(good)];
  const source = lateSource(() => outcomes.shift() ?? Promise.reject(new Error('too often')), traffic);
  await expect(source.probe(signal)).rejects.toThrow('There is no account.');
  expect((await source.probe(signal)).token).toBe('token-1');
});
