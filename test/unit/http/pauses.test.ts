import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OversizedError } from '../../../src/http/body.ts';
import { createFetch } from '../../../src/http/http.ts';
import { retryAfterMs } from '../../../src/http/retry.ts';

/** Answers the requests of a test in turn; the last answer stays. A server of its own is a host of its own. */
type Answer = (response: ServerResponse) => void;
let answers: Answer[] = [];
let asked: number[] = [];
let url = '';
const server = createServer((request, response) => {
  asked.push(Date.now());
  request.resume();
  request.on('end', () => (answers.length > 1 ? answers.shift() : answers[0])?.(response));
});

beforeEach(async () => {
  asked = [];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const ok: Answer = (response) => response.end('{"data":{}}');
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end('no');
const quick = { userAgent: 'x', retryDelayMs: () => 0 };
const post = (fetch: ReturnType<typeof createFetch>) => fetch(url, { method: 'POST', body: '{}' });

describe('a host that says 429', () => {
  it('is left alone as long as it says', async () => {
    answers = [status(429, { 'retry-after': '1' }), ok];
    expect((await post(createFetch({ ...quick, pauseMs: 60_000 }))).status).toBe(200);
    expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('is left alone for the agreed time when it does not say how long', async () => {
    answers = [status(429), ok];
    expect((await post(createFetch({ ...quick, pauseMs: 300 }))).status).toBe(200);
    expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(290);
  });

  it('is left alone by every other request of the process too', async () => {
    answers = [status(429), ok];
    const first = post(createFetch({ ...quick, pauseMs: 300 }));
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([first, post(createFetch({ userAgent: 'another integration' }))]);
    expect(asked.slice(1).every((time) => time - (asked[0] ?? 0) >= 290)).toBe(true);
  });

  it('is told at once when the pause is longer than the request may last', async () => {
    answers = [status(429, { 'retry-after': '3600' })];
    expect((await post(createFetch({ ...quick, budgetMs: 5_000 }))).status).toBe(429);
    expect(asked).toHaveLength(1);
  });
});

describe('a body', () => {
  const broken: Answer = (response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"data"', () => response.destroy());
  };

  it('that breaks off is asked for again', async () => {
    answers = [broken, broken, ok];
    expect(await (await post(createFetch(quick))).text()).toBe('{"data":{}}');
    expect(asked).toHaveLength(3);
  });

  it('that stands still ends with the time of its try, and is asked for again', async () => {
    answers = [(response) => void response.writeHead(200).write('{'), ok];
    expect((await post(createFetch({ ...quick, timeoutMs: 200 }))).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  it.each([
    [
      'that says that it is too large',
      (response: ServerResponse) => void response.writeHead(200, { 'content-length': '5000' }).write('x'),
    ],
    ['that turns out too large', (response: ServerResponse) => void response.end('x'.repeat(5_000))],
  ])('%s is not read on, and not asked for again', async (_title, large) => {
    answers = [large];
    await expect(post(createFetch({ ...quick, maxBytes: 1_000 }))).rejects.toBeInstanceOf(OversizedError);
    expect(asked).toHaveLength(1);
  });
});

describe('a request', () => {
  it('ends when all its tries together took too long', async () => {
    answers = [() => undefined];
    const asking = post(createFetch({ ...quick, timeoutMs: 60_000, budgetMs: 200 }));
    await expect(asking).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('counts every try and every byte', async () => {
    answers = [status(500), ok];
    const fetch = createFetch(quick);
    await post(fetch);
    expect(fetch.traffic()).toEqual({ requests: 2, bytes: 'no{"data":{}}'.length });
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Sat, 21 Nov 2026 10:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('"%s" means %s ms', (value, ms) => {
    expect(retryAfterMs(new Headers({ 'retry-after': value }), now)).toBe(ms);
  });

  it('may be absent', () => {
    expect(retryAfterMs(new Headers(), now)).toBeUndefined();
  });
});
