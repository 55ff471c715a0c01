import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../../demo/platform/faults.ts';
import { build, PRODUCTION } from './mini-history.ts';
import { ask, given, graphql, page, post } from './mini-platform.ts';

const three = build(1, ['a', 'b', 'c']);

async function definedModels() {
  const { body } = await graphql(
    `query Defined { environment(id: ${PRODUCTION}) { definition { models(first: 9) { edges { node { uniqueId } } } } } }`,
  );
  return body;
}

describe('an answer of the API that is none', () => {
  it.each<{ fault: FaultInput; expected: object }>([
    { fault: { kind: 'unauthorized' }, expected: { status: 401 } },
    { fault: { kind: 'unauthorized', as: 403 }, expected: { status: 403 } },
    { fault: { kind: 'unauthorized', as: 404 }, expected: { status: 404 } },
    { fault: { kind: 'unauthorized', as: 200 }, expected: { status: 200, message: 'No token was provided.' } },
    {
      fault: { kind: 'no_environment' },
      expected: { status: 200, message: 'There is no data available for this input', names: undefined },
    },
    {
      fault: { kind: 'errors', data: false },
      expected: { status: 200, message: 'Internal server error', names: undefined },
    },
    {
      fault: { kind: 'errors', data: true, message: 'Timed out', code: 'TIMEOUT' },
      expected: { status: 200, message: 'Timed out', code: 'TIMEOUT', names: ['a', 'b', 'c'] },
    },
    { fault: { kind: 'applied_null' }, expected: { status: 200, message: undefined, names: undefined } },
    { fault: { kind: 'null_connection' }, expected: { status: 200, message: undefined, names: undefined } },
    { fault: { kind: 'wrong_total', by: 2 }, expected: { total: 5, names: ['a', 'b', 'c'] } },
    { fault: { kind: 'wrong_total', by: -3 }, expected: { total: 0, names: ['a', 'b', 'c'] } },
  ])('shows $fault', async ({ fault, expected }) => {
    await given(three);
    expect((await post('/control/fail', fault)).status).toBe(200);
    expect(await page({})).toMatchObject(expected);
  });

  it('has no definition state beside a good applied one', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'definition_null' });
    expect(await definedModels()).toEqual({ data: { environment: { definition: null } } });
    expect((await page({})).names).toEqual(['a', 'b', 'c']);
    expect(platform.hits()).toBe(1);
  });
});

describe('a page that is spoiled', () => {
  it('holds a node without an id among good ones', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'malformed_node', index: 1 });
    expect((await page({})).ids).toEqual(['model.shop.a', null, 'model.shop.c']);
  });

  it('holds a node that has its id and nothing else that can be read', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'malformed_node', index: 1, keepId: true });
    expect(await page({})).toMatchObject({
      ids: ['model.shop.a', 'model.shop.b', 'model.shop.c'],
      names: ['a', { unexpected: true }, 'c'],
    });
  });

  it('is left alone where it has no node of that index', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'malformed_node', index: 1 });
    expect((await page({ first: 1 })).names).toEqual(['a']);
    expect(platform.hits()).toBe(0);
  });

  it('has a cursor that never moves', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'stuck_cursor' });
    const first = await page({ first: 1 });
    const second = await page({ first: 1, after: first.endCursor });
    expect(second).toMatchObject({ hasNextPage: true, endCursor: first.endCursor });
  });

  it('comes again under ever new cursors', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'repeated_page' });
    const first = await page({ first: 1 });
    const second = await page({ first: 1, after: first.endCursor });
    expect([first.names, second.names]).toEqual([['a'], ['a']]);
    expect(second.endCursor).not.toBe(first.endCursor);
  });

  it('is too complex while more rows are asked than it may have', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'complexity', rows: 2 });
    expect(await page({ first: 3 })).toMatchObject({
      status: 200,
      code: 'COMPLEXITY_EXCEEDED',
      message: expect.stringMatching(/exceeds the complexity limit/),
    });
    expect((await page({ first: 2 })).names).toEqual(['a', 'b']);
    expect(platform.hits()).toBe(1);
  });

  it('fails with a node that cannot be served, and only with more of it than its id', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'unservable_node', uniqueId: 'model.shop.b' });
    expect((await page({})).message).toBe('Internal server error');
    const first = await page({ first: 1 });
    expect(first.names).toEqual(['a']);
    expect((await page({ first: 1, after: first.endCursor })).message).toBe('Internal server error');
    const ids = `query Ids { environment(id: ${PRODUCTION}) { applied { models { edges { node { uniqueId } } } } } }`;
    expect((await graphql(ids)).body.data.environment.applied.models.edges).toHaveLength(3);
  });

  it('is of the run that finished before it', async () => {
    const platform = await given(three, build(2, ['b', 'c', 'd']));
    platform.advance('mini', 1);
    platform.fail({ kind: 'moving', history: 'mini', after: 1 });
    const first = await page({ first: 2 });
    expect([first.names, (await page({ first: 2, after: first.endCursor })).names]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    await page({});
    expect(platform.hits()).toBe(1);
  });
});

describe('a host that misbehaves', () => {
  it('throttles, and may say for how long', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'throttled', times: 1 });
    platform.fail({ kind: 'throttled', retryAfter: 7 });
    const said = [await ask(platform), await ask(platform)].map(({ status, headers }) => [
      status,
      headers.get('retry-after'),
    ]);
    expect(said).toEqual([
      [429, null],
      [429, '7'],
    ]);
  });

  it.each<{ fault: FaultInput; status: number; type: string; body: RegExp }>([
    { fault: { kind: 'status', status: 500 }, status: 500, type: 'application/json', body: /^\{"status":\{"code":500/ },
    { fault: { kind: 'status', status: 502, html: true }, status: 502, type: 'text/html', body: /^<!doctype html>/ },
    { fault: { kind: 'html' }, status: 200, type: 'text/html', body: /Sign in/ },
  ])('answers for $fault with $status', async ({ fault, ...expected }) => {
    const platform = await given(three);
    platform.fail(fault);
    const response = await ask(platform);
    expect([response.status, response.headers.get('content-type')]).toEqual([expected.status, expected.type]);
    expect(await response.text()).toMatch(expected.body);
  });

  it('sends clients elsewhere', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'redirect', location: 'https://elsewhere.example/graphql' });
    const response = await ask(platform, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([307, 'https://elsewhere.example/graphql']);
  });

  it('breaks the connection in the middle of a body', async () => {
    const platform = await given(three);
    const whole = await (await ask(platform)).text();
    platform.fail({ kind: 'reset' });
    const response = await ask(platform);
    expect([response.status, response.headers.get('content-length')]).toEqual([200, String(whole.length)]);
    await expect(response.text()).rejects.toThrow();
  });

  it('ends a body early as if it were whole', async () => {
    const platform = await given(three);
    const whole = await (await ask(platform)).text();
    platform.fail({ kind: 'truncated' });
    const response = await ask(platform);
    const cut = await response.text();
    expect(whole.startsWith(cut)).toBe(true);
    expect([response.headers.get('content-length'), response.headers.get('connection')]).toEqual([
      String(cut.length),
      'close',
    ]);
    expect(() => JSON.parse(cut)).toThrow();
  });

  it('gives a body drop by drop', async () => {
    const platform = await given(three);
    const whole = await (await ask(platform)).text();
    platform.fail({ kind: 'slow', bytesPerSecond: 2 * whole.length });
    const drops: Uint8Array[] = [];
    for await (const drop of (await ask(platform)).body ?? []) drops.push(drop);
    expect(drops.length).toBeGreaterThan(2);
    expect(Buffer.concat(drops).toString()).toBe(whole);
  });
});

describe('requests that are never answered', () => {
  it.each<FaultInput>([
    { kind: 'hang' },
    { kind: 'slow', bytesPerSecond: 0.001 },
  ])('end with the platform: $kind', async (fault) => {
    const platform = await given(three);
    platform.fail(fault);
    const body = ask(platform).then((response) => response.text());
    body.catch(() => undefined);
    await expect.poll(() => platform.hits()).toBe(1);
    await platform.close();
    await expect(body).rejects.toThrow();
  });

  it.each<FaultInput>([
    { kind: 'hang', times: 1 },
    { kind: 'slow', bytesPerSecond: 0.001, times: 1 },
  ])('are given up by a client, and the next is served: $kind', async (fault) => {
    const platform = await given(three);
    platform.fail(fault);
    const client = new AbortController();
    const body = ask(platform, { signal: client.signal }).then((response) => response.text());
    body.catch(() => undefined);
    await expect.poll(() => platform.hits()).toBe(1);
    client.abort();
    await expect(body).rejects.toThrow(/abort/);
    await expect.poll(() => platform.unanswered()).toBe(0);
    expect((await page({})).names).toEqual(['a', 'b', 'c']);
  });
});
