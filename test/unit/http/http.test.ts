import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { createFetch } from '../../../src/http/http.ts';
import { useNock } from './nock.ts';

useNock();

const HOST = 'https://ab123.metadata.us1.dbt.com';
const URL_ = `${HOST}/graphql`;
const waits: number[] = [];
const noWait = (retry: number) => {
  waits.push(retry);
  return 0;
};
const ask = createFetch({ userAgent: 'dbt-observer/0.0.0', retries: 3, retryDelayMs: noWait, pauseMs: 0 });
const post = (fetch = ask) => fetch(URL_, { method: 'POST', body: '{}', headers: { authorization: 'Bearer t' } });
const service = () => nock(HOST).post('/graphql');

describe('a request', () => {
  it('says who asks, and keeps the headers it was given', async () => {
    nock(HOST, { reqheaders: { 'user-agent': 'dbt-observer/0.0.0', authorization: 'Bearer t' } })
      .post('/graphql', '{}')
      .reply(200, 'yes');
    expect(await (await post()).text()).toBe('yes');
  });

  it('may have no body in its answer', async () => {
    nock(HOST).get('/').reply(204);
    expect((await ask(HOST)).status).toBe(204);
  });

  it('takes a URL and a Request as well as a text', async () => {
    nock(HOST).get('/').times(2).reply(200, 'ok');
    const answers = await Promise.all([ask(new URL(HOST)), ask(new Request(HOST))]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe('an answer that may be better the next time', () => {
  it.each([408, 429, 500, 502, 503, 504])('of status %i is asked for again', async (status) => {
    service().reply(status);
    service().reply(200, 'at last');
    expect(await (await post()).text()).toBe('at last');
  });

  it('is asked for three times more, each after a wait, and then given back', async () => {
    waits.length = 0;
    service().times(4).reply(500, 'broken');
    const answer = await post();
    expect([answer.status, await answer.text()]).toEqual([500, 'broken']);
    expect(waits).toEqual([1, 2, 3]);
  });

  it('is asked for again after the connection was reset', async () => {
    service().replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    service().reply(200, 'at last');
    expect((await post()).status).toBe(200);
  });

  it('is asked for again when nothing came in time', async () => {
    const impatient = createFetch({ userAgent: 'x', timeoutMs: 400, retries: 1, retryDelayMs: () => 0 });
    service().delay(60_000).reply(200, 'too late');
    service().reply(200, 'in time');
    expect(await (await post(impatient)).text()).toBe('in time');
  });

  it('ends in an error when nothing ever came in time', async () => {
    const impatient = createFetch({ userAgent: 'x', timeoutMs: 20, retries: 0 });
    service().delay(60_000).reply(200, 'too late');
    await expect(post(impatient)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('is not asked for when the caller does not want retries', async () => {
    service().reply(503);
    expect((await post(createFetch({ userAgent: 'x', retries: 0 }))).status).toBe(503);
  });
});

describe('an answer that stays the same', () => {
  it.each([400, 401, 403, 404, 410, 501])('of status %i is asked for once and given back', async (status) => {
    service().reply(status, 'no');
    const answer = await post();
    expect([answer.status, await answer.text()]).toEqual([status, 'no']);
  });

  it.each([301, 302, 307, 308])('of status %i is not followed', async (status) => {
    service().reply(status, '', { location: 'https://elsewhere.example/graphql' });
    expect((await post()).status).toBe(status);
  });

  it('is not followed within the same host either', async () => {
    service().reply(307, '', { location: `${HOST}/elsewhere` });
    expect((await post()).status).toBe(307);
  });
});

describe('a request that is called off', () => {
  it('is not made when it was called off before', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(ask(URL_, { method: 'POST', body: '{}', signal })).rejects.toThrow('stop');
  });

  it('ends at once while it waits for its answer', async () => {
    const controller = new AbortController();
    service().delay(60_000).reply(200, 'too late');
    const asking = ask(URL_, { method: 'POST', body: '{}', signal: controller.signal });
    setImmediate(() => controller.abort(new Error('stop')));
    await expect(asking).rejects.toThrow();
  });

  it('is not asked for again after it was called off', async () => {
    const controller = new AbortController();
    const stopping = createFetch({
      userAgent: 'x',
      retryDelayMs: () => {
        controller.abort(new Error('stop'));
        return 0;
      },
    });
    service().reply(500);
    await expect(stopping(URL_, { method: 'POST', body: '{}', signal: controller.signal })).rejects.toThrow();
  });
});

describe('a host', () => {
  it('is asked at most four requests at once', async () => {
    let [now, most] = [0, 0];
    nock(HOST)
      .get('/')
      .times(9)
      .reply(200, async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return 'ok';
      });
    const other = createFetch({ userAgent: 'another client of the same host' });
    await Promise.all(Array.from({ length: 9 }, (_, index) => (index % 2 === 0 ? ask(HOST) : other(HOST))));
    expect(most).toBe(4);
  });

  it('goes on to be asked after requests that failed', async () => {
    nock(HOST)
      .get('/')
      .times(5)
      .replyWithError(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }));
    nock(HOST).get('/').reply(200, 'up');
    const once = createFetch({ userAgent: 'x', retries: 0 });
    await Promise.allSettled(Array.from({ length: 5 }, () => once(HOST)));
    expect((await once(HOST)).status).toBe(200);
  });
});
