import { describe, expect, it } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { build, PRODUCTION } from './mini-history.ts';
import { call, given, graphql, PAGE, page, post } from './mini-platform.ts';

describe('modes', () => {
  const three = build(1, ['a', 'b', 'c']);

  it.each([
    { mode: 'unauthorized', expected: { status: 401 } },
    { mode: 'unauthorized', as: 200, expected: { status: 200, message: 'No token was provided.' } },
    { mode: 'graphql_errors_200', expected: { status: 200, message: 'Internal server error' } },
    { mode: 'applied_null', expected: { status: 200, message: undefined, names: undefined } },
    { mode: 'wrong_total', by: 2, expected: { total: 5, names: ['a', 'b', 'c'] } },
  ])('shows $mode', async ({ expected, ...mode }) => {
    await given(three);
    expect((await post('/control/mode', mode)).status).toBe(200);
    expect(await page({})).toMatchObject(expected);
  });

  it('shows a page of a proxy instead of JSON', async () => {
    const platform = await given(three);
    platform.setMode({ mode: 'html', status: 502 });
    const response = await fetch(`${platform.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${DEFAULT_TOKEN}` },
      body: JSON.stringify({ query: PAGE }),
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(await response.text()).toMatch(/^<!doctype html>/);
  });

  it('shows a node that breaks the schema among good ones', async () => {
    const platform = await given(three);
    platform.setMode({ mode: 'malformed_node', index: 1 });
    const { body } = await graphql(PAGE, { id: PRODUCTION });
    const ids = body.data.environment.applied.models.edges.map(
      (edge: { node: { uniqueId: unknown } }) => edge.node.uniqueId,
    );
    expect(ids).toEqual(['model.shop.a', null, 'model.shop.c']);
  });

  it('shows a cursor that never moves', async () => {
    const platform = await given(three);
    platform.setMode({ mode: 'stuck_cursor' });
    const first = await page({ first: 1 });
    const second = await page({ first: 1, after: first.endCursor });
    expect(second).toMatchObject({ hasNextPage: true, endCursor: first.endCursor });
  });

  it('shows the first page again under ever new cursors', async () => {
    const platform = await given(three);
    platform.setMode({ mode: 'repeated_page' });
    const first = await page({ first: 1 });
    const second = await page({ first: 1, after: first.endCursor });
    expect([first.names, second.names]).toEqual([['a'], ['a']]);
    expect(second.endCursor).not.toBe(first.endCursor);
  });

  it('lets a run finish between two pages', async () => {
    const platform = await given(three, build(2, ['b', 'c', 'd']));
    platform.advance('mini', 1);
    platform.setMode({ mode: 'moving', history: 'mini' });
    const first = await page({ first: 2 });
    expect([first.names, (await page({ first: 2, after: first.endCursor })).names]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('spoils only the query it is meant for', async () => {
    const platform = await given(three);
    platform.setMode({ mode: 'wrong_total', operation: 'Other' });
    expect((await page({})).total).toBe(3);
  });

  it('refuses a mode it does not know', async () => {
    await given();
    expect((await post('/control/mode', { mode: 'nonsense' })).status).toBe(400);
  });
});

describe('control', () => {
  it('says how far each history has come and how often each query was asked', async () => {
    await given(build(1, ['a']), build(2, ['a']));
    await post('/control/advance', { history: 'mini', runs: 1 });
    await page({});
    await page({});
    const { body } = await call('/control/state');
    expect(body).toMatchObject({ histories: { mini: { runs: 1, of: 2 } }, requests: { Page: 2 } });
  });

  it('refuses a history it does not have', async () => {
    await given();
    const { status, body } = await post('/control/advance', { history: 'other', runs: 1 });
    expect([status, body.status.user_message]).toEqual([400, expect.stringContaining('No history is named other')]);
  });
});
