import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FatalError, SyncError } from '../../../../src/domain/errors.ts';
import { failureKind } from '../../../../src/sources/admin/failures.ts';
import { useNock } from '../../http/nock.ts';
import { api, enveloped, failureOf, NOT_FOUND, never, refusal, service, TOKEN } from './builders.ts';

useNock();

const PATH = '/api/v2/accounts/1/runs/7/';
const get = () => api().get(PATH, z.object({ id: z.number() }), never);
const answer = (status: number, body: string | object, times = 1) =>
  service().get(PATH).times(times).reply(status, body);
const PAGE = '<!doctype html><title>Sign in</title>';

describe('an answer of the Admin API', () => {
  it('is taken out of its envelope, and asked for with a bearer token', async () => {
    service()
      .get(PATH)
      .matchHeader('authorization', `Bearer ${TOKEN}`)
      .matchHeader('accept', 'application/json')
      .reply(200, enveloped({ id: 7 }));
    expect(await get()).toEqual({ id: 7 });
  });

  it('is taken from an envelope that says only its code', async () => {
    answer(200, { status: { code: 200 }, data: { id: 7 } });
    expect(await get()).toEqual({ id: 7 });
  });

  it('that is a refusal in an answer of status 200 is told by the code of its envelope', async () => {
    answer(200, refusal(404, 'The requested resource was not found.'));
    expect(failureKind(await failureOf(get()))).toBe('not_found');
  });
});

describe('a failure', () => {
  it.each([
    {
      status: 401,
      body: refusal(401, 'Unauthorized: Invalid or expired token.'),
      kind: 'bad_token',
      says: /does not accept the token.*another region/,
    },
    {
      status: 403,
      body: refusal(403, 'Forbidden'),
      kind: 'missing_permission',
      says: /lacks a permission.*IP addresses.*Read-Only/,
    },
    { status: 404, body: NOT_FOUND, kind: 'not_found', says: /runs\/7\/ for this token \(404\).*may not see it/ },
    { status: 404, body: PAGE, kind: 'wrong_host', says: /not a host of the Admin API.*access_url/ },
    { status: 404, body: { detail: 'Not found' }, kind: 'wrong_host', says: /not a host of the Admin API/ },
    { status: 200, body: PAGE, kind: 'wrong_host', says: /a web page/ },
    { status: 200, body: { hello: 'world' }, kind: 'wrong_host', says: /something else/ },
    { status: 302, body: '', kind: 'wrong_host', says: /redirects to another address \(302\)/ },
  ])('of status $status is $kind and needs a person', async ({ status, body, kind, says }) => {
    answer(status, body);
    const error = await failureOf(get());
    expect([error instanceof FatalError, failureKind(error), error.message]).toEqual([
      true,
      kind,
      expect.stringMatching(says),
    ]);
  });

  it.each([
    { status: 429, kind: 'throttled', says: /in five minutes/ },
    { status: 500, kind: 'down', says: /status 500/ },
    { status: 502, kind: 'down', says: /status 502/ },
    { status: 504, kind: 'timeout', says: /in time/ },
  ])('of status $status is $kind after another try, and may pass', async ({ status, kind, says }) => {
    answer(status, PAGE, 2);
    const error = await failureOf(get());
    expect([error instanceof SyncError, failureKind(error), error.message]).toEqual([
      true,
      kind,
      expect.stringMatching(says),
    ]);
  });

  it('of a refused request repeats what the service says of it, without the token', async () => {
    answer(400, refusal(400, `The request was\ninvalid for ${TOKEN}.`));
    const error = await failureOf(get());
    expect(failureKind(error)).toBe('broken_answer');
    expect(error.message).toMatch(/runs\/7\/ \(400\): The request was invalid for \*\*\*\.$/);
  });

  it('of JSON that broke off is not taken for a wrong host', async () => {
    answer(200, JSON.stringify(enveloped({ id: 7 })).slice(0, 40));
    const error = await failureOf(get());
    expect([failureKind(error), error instanceof SyncError]).toEqual(['broken_answer', true]);
  });

  it('of data in another form names the place', async () => {
    answer(200, enveloped({ id: 'seven' }));
    expect((await failureOf(get())).message).toMatch(/runs\/7\/ cannot be read \(data\.id:/);
  });

  it.each([
    { code: 'ECONNREFUSED', kind: 'down', says: /nothing answers there/ },
    { code: 'ENOTFOUND', kind: 'wrong_host', says: /does not exist/ },
    { code: 'CERT_HAS_EXPIRED', kind: 'wrong_host', says: /has expired/ },
  ])('of the network ($code) says why', async ({ code, kind, says }) => {
    service()
      .get(PATH)
      .times(2)
      .replyWithError(Object.assign(new Error('x'), { code }));
    const error = await failureOf(get());
    expect([failureKind(error), error.message]).toEqual([kind, expect.stringMatching(says)]);
  });

  it('keeps neither the token nor the body', async () => {
    answer(401, refusal(401, `Invalid: ${TOKEN}`));
    const error = await failureOf(get());
    expect(`${error.stack} ${(error.cause as Error).stack}`).not.toMatch(`${TOKEN}|Invalid`);
  });
});

it('an abort is passed on as it is', async () => {
  const reason = new Error('stop');
  const controller = new AbortController();
  controller.abort(reason);
  expect(await failureOf(api().get(PATH, z.unknown(), controller.signal))).toBe(reason);
});

it('the host alone is taken from an access URL that has more', () => {
  expect(api({ url: 'https://ab123.us1.dbt.com/deploy/1/' }).origin).toBe('https://ab123.us1.dbt.com');
});
