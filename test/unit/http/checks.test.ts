import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { type Answer, AnswerError, type Remedy } from '../../../src/http/answer.ts';
import { createFetch } from '../../../src/http/http.ts';
import { useNock } from './nock.ts';

useNock();

const HOST = 'https://ab124.metadata.us1.dbt.com';
const fetch = (pauseMs = 0) => createFetch({ userAgent: 'x', retries: 3, retryDelayMs: () => 0, pauseMs });
const service = () => nock(HOST).get('/');
const refuse = (remedy: Remedy) => () => {
  throw new AnswerError('of no use', remedy);
};

/** Refuses answers until one says "good". */
const untilGood =
  (remedy: Remedy) =>
  ({ body }: Answer) => {
    if (body.toString() !== 'good') throw new AnswerError('of no use', remedy);
  };

describe('an answer that is looked at', () => {
  it('is given whole, with its status and headers', async () => {
    service().reply(418, 'tea', { 'x-pot': 'brown' });
    const seen: Answer[] = [];
    const response = await fetch()(HOST, { check: (answer) => void seen.push(answer) });
    expect(seen.map(({ status, headers, body }) => [status, headers.get('x-pot'), body.toString()])).toEqual([
      [418, 'brown', 'tea'],
    ]);
    expect([response.status, await response.text()]).toEqual([418, '']);
  });

  it.each<Remedy>(['retry', 'pause'])('is asked for again when the remedy is to %s', async (remedy) => {
    service().times(2).reply(200, 'bad');
    service().reply(200, 'good');
    const ask = fetch();
    await ask(HOST, { check: untilGood(remedy) });
    expect(ask.traffic()).toEqual({ requests: 3, bytes: 'badbadgood'.length });
  });

  it('is asked for three times more and then refused', async () => {
    service().times(4).reply(200, 'bad');
    await expect(fetch()(HOST, { check: refuse('retry') })).rejects.toThrow('of no use');
  });

  it('is not asked for again when nothing helps', async () => {
    service().reply(200, 'bad');
    await expect(fetch()(HOST, { check: refuse('stop') })).rejects.toThrow('of no use');
  });

  it('is not looked at when its status alone is a reason to ask again', async () => {
    service().times(4).reply(500, 'broken');
    const response = await fetch()(HOST, { check: refuse('stop') });
    expect([response.status, await response.text()]).toEqual([500, 'broken']);
  });
});

describe('a host that says in words that it is asked too often', () => {
  it.each([
    ['as long as it says', { 'retry-after': '1' }, 990],
    ['for the agreed time when it does not say', {}, 290],
  ])('is left alone %s, by every request', async (_how, headers, ms) => {
    service().reply(200, 'slow down', headers);
    service().twice().reply(200, 'good');
    const times: number[] = [];
    const ask = fetch(300);
    const first = ask(HOST, { check: untilGood('pause'), onTry: () => void times.push(Date.now()) });
    while (ask.traffic().bytes === 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, fetch()(HOST, { onTry: () => void times.push(Date.now()) })]);
    const [start = 0, ...later] = times;
    expect(later).toHaveLength(2);
    expect(later.every((time) => time - start >= ms)).toBe(true);
  });
});

describe('a request with wishes of its own', () => {
  it('has as many tries as it wants', async () => {
    service().twice().reply(500);
    expect((await fetch()(HOST, { retries: 1 })).status).toBe(500);
  });

  it('is not made again after it took too long, when it does not want that', async () => {
    service().delay(60_000).reply(200, 'too late');
    const impatient = createFetch({ userAgent: 'x', timeoutMs: 20, retryDelayMs: () => 0 });
    await expect(impatient(HOST, { retryTimeouts: false })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(impatient.traffic().requests).toBe(1);
  });

  it('is told of each of its tries', async () => {
    service().reply(500);
    service().reply(200, 'good');
    let tries = 0;
    await fetch()(HOST, { onTry: () => tries++ });
    expect(tries).toBe(2);
  });
});
