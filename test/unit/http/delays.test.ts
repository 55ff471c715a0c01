import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { PausedError } from '../../../src/http/host.ts';
import { createFetch, type Delay, type HttpOptions, type Told } from '../../../src/http/http.ts';
import { useNock } from './nock.ts';

useNock();

let hosts = 0;
const newHost = () => `https://ab${++hosts}.metadata.us1.dbt.com`;

function telling(options: Partial<HttpOptions> = {}) {
  const delays: Delay[] = [];
  const onDelay = (delay: Delay) => void delays.push(delay);
  return { delays, fetch: createFetch({ userAgent: 'x', retryDelayMs: () => 0, onDelay, ...options }) };
}

describe('a wait is told', () => {
  it('before each retry, with what happened', async () => {
    const host = newHost();
    nock(host).get('/').reply(503);
    nock(host)
      .get('/')
      .replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    nock(host).get('/').reply(200, 'ok');
    const { delays, fetch } = telling();
    await fetch(host);
    const retry = { reason: 'retry', host: new URL(host).host, ms: 0 };
    expect(delays).toEqual([
      { ...retry, retry: 1, why: 'status 503' },
      { ...retry, retry: 2, why: 'ECONNRESET' },
    ]);
  });

  it('of the same host as each try, with its port where that is not the usual one', async () => {
    const host = 'http://ab0.metadata.us1.dbt.com:8081';
    nock(host).get('/').reply(503);
    nock(host).get('/').reply(200, 'ok');
    const tries: Told[] = [];
    const { delays, fetch } = telling({ onRequest: (request) => void tries.push(request) });
    await fetch(host);
    const told = [...tries, ...delays].map((one) => one.host);
    expect(told).toEqual(Array(3).fill('ab0.metadata.us1.dbt.com:8081'));
  });

  it('not after the last try, nor when asking again is of no use', async () => {
    const host = newHost();
    nock(host).get('/').reply(401);
    nock(host).get('/').reply(500);
    const { delays, fetch } = telling();
    await fetch(host);
    await fetch(host, { retries: 0 });
    expect(delays).toEqual([]);
  });

  it('once for a pause, however many requests wait for its end', async () => {
    const host = newHost();
    nock(host).get('/').times(4).reply(429);
    nock(host).get('/').times(6).reply(200, 'ok');
    const { delays, fetch } = telling({ pauseMs: 200 });
    await Promise.all(Array.from({ length: 6 }, () => fetch(host)));
    const pauses = delays.filter(({ reason }) => reason === 'pause');
    expect(pauses).toEqual([{ reason: 'pause', host: new URL(host).host, ms: expect.any(Number) }]);
    expect(pauses[0]?.ms).toBeGreaterThan(100);
    expect(pauses[0]?.ms).toBeLessThanOrEqual(200);
    expect(delays).toHaveLength(5);
  });

  it('to everybody who waits, whoever was told to', async () => {
    const host = newHost();
    nock(host).get('/').reply(429);
    nock(host).get('/').reply(200, 'ok');
    await createFetch({ userAgent: 'x', pauseMs: 50 })(host, { retries: 0 });
    const { delays, fetch } = telling();
    await fetch(host);
    expect(delays.map(({ reason }) => reason)).toEqual(['pause']);
  });
});

describe('a pause that ends after the request must have ended', () => {
  it('fails the requests that come after it, too, without asking and without waiting', async () => {
    const host = newHost();
    nock(host).get('/').reply(429, '', { 'retry-after': '60' });
    const { delays, fetch } = telling({ budgetMs: 59_000 });
    expect((await fetch(host)).status).toBe(429);
    await expect(fetch(host)).rejects.toBeInstanceOf(PausedError);
    expect({ delays, requests: fetch.traffic().requests }).toEqual({ delays: [], requests: 1 });
  });
});
