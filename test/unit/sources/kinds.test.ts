import { describe, expect, it } from 'vitest';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { createFetch } from '../../../src/http/http.ts';
import { createDiscoveryClient } from '../../../src/sources/discovery/client.ts';
import { type FailureKind, failureKind } from '../../../src/sources/discovery/failures.ts';
import { probe } from '../../../src/sources/discovery/probe.ts';
import { useNock } from '../http/nock.ts';
import { clientWith, ENVIRONMENT, everyTry, failure, HOST, JSON_TYPE, query, service, TOKEN } from './one-query.ts';

useNock();

const errors = (message: string, code?: string) => ({ errors: [{ message, extensions: { code } }], data: null });
const html = '<!doctype html><title>Sign in</title>';
const unreached = (code: string) => Object.assign(new Error(code), { code });

describe('a failure is told', () => {
  it.each<[FailureKind, number, unknown]>([
    ['bad_token', 401, 'Unauthorized'],
    ['missing_permission', 403, 'Forbidden'],
    ['wrong_host', 404, html],
    ['wrong_host', 302, ''],
    ['wrong_host', 200, html],
    ['wrong_host', 200, ''],
    ['wrong_host', 200, '[]'],
    ['bad_token', 200, errors('No token was provided.')],
    ['bad_token', 200, errors('no', 'UNAUTHENTICATED')],
    ['missing_permission', 200, errors('no', 'FORBIDDEN')],
    ['no_environment', 200, errors('There is no data available for this input')],
    ['too_complex', 200, errors('no', 'COMPLEXITY_EXCEEDED')],
    ['too_complex', 200, errors('Error: This query exceeds the complexity limit. Consider breaking it up.')],
    ['too_complex', 400, errors('no', 'COMPLEXITY_EXCEEDED')],
    ['different_api', 400, errors('Cannot query field "permission" on type "ModelDefinitionNode".')],
    ['different_api', 400, errors('no', 'GRAPHQL_VALIDATION_FAILED')],
    ['broken_answer', 400, 'Bad Request'],
  ])('as %s by one answer of status %i: %j', async (kind, status, body) => {
    service().reply(status, body as string);
    expect(failureKind(await failure())).toBe(kind);
  });

  it.each<[FailureKind, number, unknown]>([
    ['throttled', 429, 'Too Many Requests'],
    ['throttled', 200, errors('Too many requests')],
    ['throttled', 400, errors('Rate limit exceeded')],
    ['throttled', 200, errors('slow down', 'RATE_LIMITED')],
    ['down', 500, 'oops'],
    ['down', 502, html],
    ['timeout', 504, html],
    ['timeout', 200, errors('The query timed out')],
    ['broken_answer', 200, '{"data":{"environ'],
    ['broken_answer', 200, { data: null }],
    ['service_error', 200, errors('Internal server error', 'INTERNAL_SERVER_ERROR')],
    ['service_error', 200, { ...errors('one field failed'), data: { environment: {} } }],
  ])('as %s by an answer of status %i that stays: %j', async (kind, status, body) => {
    everyTry().reply(status, body as string);
    expect(failureKind(await failure())).toBe(kind);
  });

  it.each<[FailureKind, string]>([
    ['wrong_host', 'ENOTFOUND'],
    ['wrong_host', 'CERT_HAS_EXPIRED'],
    ['wrong_host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['down', 'ECONNREFUSED'],
    ['down', 'ECONNRESET'],
    ['down', 'EAI_AGAIN'],
  ])('as %s by %s', async (kind, code) => {
    everyTry().replyWithError(unreached(code));
    expect(failureKind(await failure())).toBe(kind);
  });

  it('as timeout when nothing came in time', async () => {
    everyTry().delay(60_000).reply(200, 'too late');
    expect(failureKind(await failure(clientWith(TOKEN, 20)))).toBe('timeout');
  });

  it('as oversized when too much came', async () => {
    service().reply(200, JSON.stringify({ data: { text: 'x'.repeat(2_000) } }), JSON_TYPE);
    const fetch = createFetch({ userAgent: 'x', maxBytes: 1_000 });
    const url = `https://${HOST}/graphql`;
    const client = createDiscoveryClient({ url, token: new Secret(TOKEN), environmentId: ENVIRONMENT, fetch });
    const error = await failure(client);
    expect([failureKind(error), error.constructor]).toEqual(['oversized', SyncError]);
  });

  it.each<[FailureKind, unknown]>([
    ['no_environment', null],
    ['nothing_built', { adapterType: null, dbtProjectName: null, applied: null, definition: null }],
    ['broken_answer', { adapterType: 7 }],
  ])('as %s by a probe that answers %j', async (kind, environment) => {
    service().reply(200, { data: { environment } });
    const { signal } = new AbortController();
    const error = await probe(clientWith(), ENVIRONMENT, { signal }).catch((reason: unknown) => reason);
    expect(failureKind(error)).toBe(kind);
  });

  it('not at all of an error of another kind', () => {
    expect(failureKind(new SyncError('the disk is full'))).toBeUndefined();
    expect(failureKind('text')).toBeUndefined();
  });
});

describe('a query that the service does not know', () => {
  it('is told with the field, as another version of the API', async () => {
    const message = 'Cannot query field "dbtVersion" on type "ModelDefinitionNode".';
    service().reply(400, errors(message, 'GRAPHQL_VALIDATION_FAILED'));
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain('differs from the one that is asked');
    expect(error.message).toContain(message);
  });
});

describe('a web page', () => {
  it('is a wrong host, and fatal, where nothing else ever came', async () => {
    service().reply(200, html);
    expect(await failure()).toBeInstanceOf(FatalError);
  });

  it('between good answers is asked over', async () => {
    const client = clientWith();
    service().reply(200, { data: { environment: {} } });
    service().times(2).reply(200, html);
    service().reply(200, { data: { environment: {} } });
    await query(client);
    expect(await query(client)).toEqual({ environment: {} });
  });

  it('after good answers fails the pass only, when it stays', async () => {
    const client = clientWith();
    service().reply(200, { data: { environment: {} } });
    everyTry().reply(200, html);
    await query(client);
    const error = await failure(client);
    expect([failureKind(error), error.constructor]).toEqual(['broken_answer', SyncError]);
  });
});

describe('a fault that ends after two tries', () => {
  it.each<[string, number, unknown]>([
    ['429', 429, ''],
    ['500', 500, ''],
    ['a gateway page', 502, html],
    ['a web page', 200, html],
    ['an empty answer', 200, ''],
    ['truncated JSON', 200, '{"data":{"environ'],
    ['JSON of something else', 200, '[]'],
    ['no data', 200, { data: null }],
    ['an error of the service', 200, errors('Internal server error', 'INTERNAL_SERVER_ERROR')],
    ['an error beside data', 200, { ...errors('one field failed'), data: { environment: {} } }],
    ['a timeout in the service', 200, errors('timeout of 30000ms exceeded')],
    ['throttling in words', 200, errors('Rate limit exceeded')],
  ])('ends well: %s', async (_what, status, body) => {
    const client = clientWith();
    service().reply(200, { data: { environment: {} } });
    await query(client);
    service()
      .times(2)
      .reply(status, body as string);
    service().reply(200, { data: { environment: { adapterType: 'postgres' } } });
    expect(await query(client)).toEqual({ environment: { adapterType: 'postgres' } });
    expect(client.traffic().requests).toBe(4);
  });
});
