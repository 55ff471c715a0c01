import { inspect } from 'node:util';
import { parse } from 'graphql';
import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { createFetch } from '../../../src/http/http.ts';
import { createDiscoveryClient, type Document } from '../../../src/sources/discovery/client.ts';
import { useNock } from '../http/nock.ts';

useNock();

const HOST = 'ab123.metadata.us1.dbt.com';
const TOKEN = 'dbtc_s3cr3t-T0ken';
const ENVIRONMENT = 70403103966027;
const PROBE = parse('query Probe($environmentId: BigInt!) { environment(id: $environmentId) { adapterType } }');
const JSON_TYPE = { 'content-type': 'application/json' };

const service = () => nock(`https://${HOST}`).post('/graphql');

function clientWith(token = TOKEN, timeoutMs = 60_000) {
  return createDiscoveryClient({
    url: `https://${HOST}/graphql`,
    token: new Secret(token),
    environmentId: ENVIRONMENT,
    fetch: createFetch({ userAgent: 'dbt-observer/0.0.0', timeoutMs, retries: 3, retryDelayMs: () => 0 }),
  });
}

const query = (client = clientWith(), signal = new AbortController().signal) =>
  client.query(PROBE as Document<{ environment: unknown }>, {}, signal);

/** The error of one query; that it holds the token nowhere is part of every test. */
async function failure(client = clientWith(), token = TOKEN): Promise<Error> {
  const error = await query(client).then(
    () => new Error('the query did not fail'),
    (reason: unknown) => reason as Error,
  );
  expect(inspect(error, { depth: null, showHidden: true, getters: true })).not.toContain(token);
  expect(`${error.message} ${error.stack}`).not.toContain(token);
  return error;
}

describe('a query that succeeds', () => {
  it('sends the token, the environment and the variables, and gives the data', async () => {
    nock(`https://${HOST}`, {
      reqheaders: { authorization: `Bearer ${TOKEN}`, 'x-dbt-partner-source': 'dbt-observer' },
    })
      .post('/graphql', (body) => body.variables.environmentId === ENVIRONMENT && body.query.includes('environment('))
      .reply(200, { data: { environment: { adapterType: 'postgres' } } });
    expect(await query()).toEqual({ environment: { adapterType: 'postgres' } });
  });

  it('counts requests and bytes', async () => {
    const body = JSON.stringify({ data: { environment: { adapterType: 'é' } } });
    service().reply(200, body, JSON_TYPE);
    const client = clientWith();
    await query(client);
    expect(client.traffic()).toEqual({ requests: 1, bytes: Buffer.byteLength(body) });
  });

  it('may come after three failures of the service', async () => {
    service().times(3).reply(500, 'oops');
    service().reply(200, { data: { environment: {} } });
    expect(await query()).toEqual({ environment: {} });
  });
});

describe('a status that a person must mend', () => {
  const forbidden = {
    status: { code: 403, is_success: false, user_message: 'Forbidden: Access denied', developer_message: null },
    data: null,
  };

  it.each<[number, unknown, string[]]>([
    [401, 'Unauthorized', [HOST, '401', 'access_url']],
    [401, { errors: [{ message: `Invalid token ${TOKEN}` }] }, [HOST, '401', 'access_url']],
    [403, forbidden, [HOST, '403', 'Metadata Only', 'IP']],
    [403, { errors: [{ message: 'Forbidden' }] }, [HOST, '403', 'Metadata Only']],
    [404, '<html>not found</html>', [HOST, '404', 'discovery_url']],
  ])('of %i is fatal and says what to do (%j)', async (status, body, said) => {
    service().reply(status, body as nock.Body);
    const error = await failure();
    expect(error).toBeInstanceOf(FatalError);
    for (const part of said) expect(error.message).toContain(part);
  });

  it.each([301, 302, 307, 308])('of %i is fatal, and the other host sees neither request nor token', async (status) => {
    service().reply(status, '', { location: 'https://elsewhere.example/graphql' });
    const error = await failure();
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain('redirects to another address');
  });
});

describe('a status that passes', () => {
  it('of 429 ends the pass after its retries, and says how long to wait', async () => {
    service().times(4).reply(429, 'Too Many Requests', { 'retry-after': '0' });
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain('five minutes');
  });

  it.each([500, 502, 503, 504])('of %i ends the pass after its retries', async (status) => {
    service().times(4).reply(status, '<html>Bad gateway</html>');
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain(String(status));
  });

  it('of 500 with GraphQL errors is told by its status', async () => {
    service()
      .times(4)
      .reply(500, { errors: [{ message: 'INTERNAL_SERVER_ERROR' }] });
    expect((await failure()).message).toContain('500');
  });
});

describe('an answer that is not GraphQL', () => {
  it.each<[string, string]>([
    ['a web page', '<!doctype html><title>Sign in</title>'],
    ['nothing', ''],
    ['a text', 'ok'],
  ])('is fatal when it is %s', async (_what, body) => {
    service().reply(200, body, { 'content-type': 'text/html' });
    const error = await failure();
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain('not GraphQL');
  });

  it.each<[string, unknown]>([
    ['a number', 1],
    ['null', 'null'],
    ['a list', []],
    ['an object of something else', { hello: 'world' }],
    ['no data', { data: null }],
    ['data that is a text', { data: 'no' }],
  ])('is one clear sentence when it is JSON with %s', async (_what, body) => {
    service().reply(200, typeof body === 'string' ? body : JSON.stringify(body), JSON_TYPE);
    const error = await failure();
    expect([FatalError, SyncError]).toContain(error.constructor);
    expect(error.message).toContain(HOST);
  });

  it.each([
    '{"data":{"environment":{"adapterType":"post',
    '{"data":{"environment":{',
    '{"data":',
  ])('ends the pass only, when it is JSON that breaks off: %s', async (body) => {
    service().reply(200, body, JSON_TYPE);
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain('broke off');
  });
});

describe('GraphQL errors with status 200', () => {
  const errors = (...messages: unknown[]) =>
    service().reply(200, { errors: messages.map((message) => ({ message })), data: null });

  it.each([
    'No token was provided.',
    'Unauthorized',
    'UNAUTHENTICATED',
    'You do not have permission',
  ])('that say "%s" are a matter of the token', async (message) => {
    errors(message);
    const error = await failure();
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain('does not accept the token');
  });

  it.each([
    'Unexpected token at position 5',
    'cannot tokenize the filter',
  ])('that say "%s" are not taken for a matter of the token', async (message) => {
    errors(message);
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain(message);
  });

  it('that say that there is no data name the environment', async () => {
    errors('There is no data available for this input');
    const error = await failure();
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain(`no environment ${ENVIRONMENT}`);
  });

  it.each(['Rate limit exceeded', 'Too many requests, slow down'])('that say "%s" end the pass', async (message) => {
    errors(message);
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain('five minutes');
  });

  it('of any other kind end the pass with the first message, on one line', async () => {
    errors('Something\n  broke', 'and more');
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toBe('The Discovery API answered with an error: Something broke');
  });

  it('are cut when they are long', async () => {
    errors('x'.repeat(10_000));
    expect((await failure()).message.length).toBeLessThan(400);
  });

  it.each([[null], [7], [{ a: 1 }]])('may have the message %j', async (message) => {
    errors(message);
    expect(await failure()).toBeInstanceOf(SyncError);
  });

  it.each([[[null]], [{}], [{ message: 'Boom' }], [['text']]])('may have the form %j', async (odd) => {
    service().reply(200, JSON.stringify({ errors: odd, data: null }), JSON_TYPE);
    expect(await failure()).toBeInstanceOf(SyncError);
  });

  it('beside data end the pass, for the data is not whole', async () => {
    service().reply(200, { data: { environment: {} }, errors: [{ message: 'one field failed' }] });
    expect(await failure()).toBeInstanceOf(SyncError);
  });

  it('that repeat the token are told without it', async () => {
    errors(`cannot read header "Bearer ${TOKEN}"`);
    expect((await failure()).message).toContain('cannot read header');
  });
});

describe('a query that the service refuses', () => {
  it('ends the pass with what the service says', async () => {
    const message = 'Cannot query field "dbtVersion" on type "ModelDefinitionNode".';
    service().reply(400, { errors: [{ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain(message);
  });

  it('ends the pass when the service says nothing', async () => {
    service().reply(400, 'Bad Request');
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain('400');
  });
});

describe('a service that cannot be reached', () => {
  it.each([
    ['ENOTFOUND', 'does not exist'],
    ['EAI_AGAIN', 'cannot be resolved'],
    ['ECONNREFUSED', 'nothing answers'],
    ['ECONNRESET', 'was reset'],
    ['CERT_HAS_EXPIRED', 'expired'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS'],
    ['EHOSTUNREACH', 'EHOSTUNREACH'],
  ])('by %s is told in words', async (code, said) => {
    service()
      .times(4)
      .replyWithError(Object.assign(new Error(`getaddrinfo ${code}`), { code }));
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain(HOST);
    expect(error.message).toContain(said);
  });

  it('in time ends the pass', async () => {
    service().times(4).delay(60_000).reply(200, 'too late');
    const error = await failure(clientWith(TOKEN, 20));
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain('did not answer in time');
  });
});

describe('a query that is called off', () => {
  it('ends with the reason of the signal', async () => {
    const reason = new Error('stopped by SIGINT');
    await expect(query(clientWith(), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('a token that no header can hold', () => {
  it.each(['with\nline', 'with\0nul'])('ends the pass without being repeated: %j', async (token) => {
    const error = await failure(clientWith(token), token);
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain('could not be asked');
  });

  it('ends the pass when it has letters of other alphabets', async () => {
    expect(await failure(clientWith('клѫч…'), 'клѫч…')).toBeInstanceOf(SyncError);
  });
});
