import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../../demo/platform/faults.ts';
import { ACCOUNT, build } from './mini-history.ts';
import { ask, call, given, nodes, page, post } from './mini-platform.ts';

const three = build(1, ['a', 'b', 'c']);
const ACCOUNT_PATH = `/api/v2/accounts/${ACCOUNT}/`;

describe('which requests a fault hits', () => {
  it('is those of one query, when it is named', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'null_connection', operation: 'Page' });
    expect(await nodes({ state: 'definition', of: 'models' })).toHaveLength(3);
    expect((await page({})).names).toBeUndefined();
  });

  it('begins after those that may pass and ends after as many as it is given', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'unauthorized', after: 1, times: 2 });
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await page({})).status);
    expect(statuses).toEqual([200, 401, 401, 200, 200]);
  });

  it('is, of several, the first that has hits left', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'status', status: 500, times: 1 });
    platform.fail({ kind: 'status', status: 503, times: 2 });
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await page({})).status);
    expect(statuses).toEqual([500, 503, 503, 200]);
  });

  it('is none of the Admin API, unless one is named', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'unauthorized', as: 403 });
    expect((await call(ACCOUNT_PATH)).status).toBe(200);
    platform.heal();
    platform.fail({ kind: 'unauthorized', as: 403, operation: 'GET /api/v2/accounts/{id}/' });
    expect((await call(ACCOUNT_PATH)).status).toBe(403);
    expect((await page({})).status).toBe(200);
  });

  it('is none that has a wrong token anyway, unless the wire fails', async () => {
    const platform = await given(three);
    const headers = { authorization: 'Bearer wrong' };
    platform.fail({ kind: 'errors', data: true });
    expect((await ask(platform, { headers })).status).toBe(401);
    expect(platform.hits()).toBe(0);
    platform.fail({ kind: 'html' });
    expect((await ask(platform, { headers })).status).toBe(200);
  });

  it('is none any more once all is healed', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'status', status: 500 });
    expect((await post('/control/heal', {})).status).toBe(200);
    expect((await page({})).status).toBe(200);
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

  it('says which faults are on and how often each has hit', async () => {
    const platform = await given(three);
    platform.fail({ kind: 'null_connection', operation: 'Page' });
    platform.fail({ kind: 'throttled', retryAfter: 1, operation: 'Other' });
    await page({});
    await page({});
    const { body } = await call('/control/state');
    expect(body.faults).toEqual([
      { fault: { kind: 'null_connection', operation: 'Page', after: 0 }, hits: 2 },
      { fault: { kind: 'throttled', retryAfter: 1, operation: 'Other', after: 0 }, hits: 0 },
    ]);
    expect(platform.faults()).toEqual(body.faults);
  });

  it.each([
    ['a kind it does not know', { kind: 'nonsense' }, /^There is no fault of kind "nonsense"; there are: throttled, /],
    ['no fault at all', null, /^There is no fault of kind undefined; /],
    ['a fault that lacks what it needs', { kind: 'slow' }, /^The fault slow is not .*bytesPerSecond: [^\n]*$/],
    ['a word the fault does not have', { kind: 'hang', operations: 'Page' }, /^The fault hang is not .*operations/],
    ['a history it does not have', { kind: 'moving', history: 'other' }, /^No history is named other; there are: mini/],
  ])('refuses %s in one sentence', async (_, fault, sentence) => {
    const platform = await given();
    const { status, body } = await call('/control/fail', { method: 'POST', body: JSON.stringify(fault) });
    expect([status, body.status.user_message]).toEqual([400, expect.stringMatching(sentence)]);
    expect(() => platform.fail(fault as FaultInput)).toThrow(sentence);
  });

  it('refuses a history it does not have', async () => {
    await given();
    const { status, body } = await post('/control/advance', { history: 'other', runs: 1 });
    expect([status, body.status.user_message]).toEqual([400, expect.stringContaining('No history is named other')]);
  });
});
