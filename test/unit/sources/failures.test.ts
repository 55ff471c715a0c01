import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';
import { useNock } from '../http/nock.ts';
import { clientWith, ENVIRONMENT, everyTry, failure, HOST, JSON_TYPE, query, service, TOKEN } from './one-query.ts';

useNock();

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
    expect(error.message).toContain('redirects to elsewhere.example');
  });

  it.each([
    ['javascript:alert(1)', 'another address'],
    ['http://', 'another address'],
    ['/login', 'another address'],
    ['https://user:hunter2@login.example:8443/?from=x', 'login.example:8443'],
    ['//login.example', 'login.example'],
  ])('that redirects to %s is said to lead to %s', async (location, said) => {
    service().reply(302, '', { location });
    const { message } = await failure();
    expect(message).toContain(`redirects to ${said} (302)`);
    expect(message).not.toMatch(/hunter2|javascript/);
  });

  it.each([401, 404, 302])('of %i speaks of discovery_url when the address is from there', async (status) => {
    service().reply(status);
    const { message } = await failure(clientWith(TOKEN, 60_000, 'discovery_url'));
    expect(message).toContain('check');
    expect(message).toContain('discovery_url');
    expect(message).not.toContain('access_url');
  });
});

describe('a status that passes', () => {
  it('of 429 ends the pass after its retries, and says how long to wait', async () => {
    everyTry().reply(429, 'Too Many Requests', { 'retry-after': '0' });
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain('five minutes');
  });

  it.each([500, 502, 503, 504])('of %i ends the pass after its retries', async (status) => {
    everyTry().reply(status, '<html>Bad gateway</html>');
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain(String(status));
  });

  it('of 500 with GraphQL errors is told by its status', async () => {
    everyTry().reply(500, { errors: [{ message: 'INTERNAL_SERVER_ERROR' }] });
    expect((await failure()).message).toContain('500');
  });
});

describe('an answer that is not GraphQL', () => {
  it.each<[string, string]>([
    ['a web page', '<!doctype html><title>Sign in</title>'],
    ['nothing', ''],
    ['a text', 'ok'],
  ])('is fatal when it is %s, and never was anything else', async (_what, body) => {
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
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    (text.startsWith('{') ? everyTry() : service()).reply(200, text, JSON_TYPE);
    const error = await failure();
    expect([FatalError, SyncError]).toContain(error.constructor);
    expect(error.message).toContain(HOST);
  });

  it.each([
    '{"data":{"environment":{"adapterType":"post',
    '{"data":{"environment":{',
    '{"data":',
  ])('ends the pass only, when it is JSON that breaks off: %s', async (body) => {
    everyTry().reply(200, body, JSON_TYPE);
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain('broke off');
  });
});

describe('GraphQL errors with status 200', () => {
  const saying = (times: number, ...messages: unknown[]) =>
    service()
      .times(times)
      .reply(200, { errors: messages.map((message) => ({ message })), data: null });
  const errors = (...messages: unknown[]) => saying(1, ...messages);
  /** After all tries. */
  const lasting = (...messages: unknown[]) => saying(4, ...messages);

  it.each([
    'No token was provided.',
    'Unauthorized',
    'UNAUTHENTICATED',
  ])('that say "%s" are a matter of the token', async (message) => {
    errors(message);
    const error = await failure();
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain('does not accept the token');
  });

  it.each(['You do not have permission', 'Forbidden'])('that say "%s" are a matter of permission', async (message) => {
    errors(message);
    const error = await failure();
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain('lacks the permission');
  });

  it.each([
    'Unexpected token at position 5',
    'cannot tokenize the filter',
  ])('that say "%s" are not taken for a matter of the token', async (message) => {
    lasting(message);
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
    lasting(message);
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain('five minutes');
  });

  it('of any other kind end the pass with the first message, on one line', async () => {
    lasting('Something\n  broke', 'and more');
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toBe(
      'The Discovery API answered with an error: Something broke. Try again later; if it stays, tell the support of dbt.',
    );
  });

  it('are cut when they are long', async () => {
    lasting('x'.repeat(10_000));
    expect((await failure()).message.length).toBeLessThan(400);
  });

  it.each([[null], [7], [{ a: 1 }]])('may have the message %j', async (message) => {
    lasting(message);
    expect(await failure()).toBeInstanceOf(SyncError);
  });

  it.each([[[null]], [{}], [{ message: 'Boom' }], [['text']]])('may have the form %j', async (odd) => {
    everyTry().reply(200, JSON.stringify({ errors: odd, data: null }), JSON_TYPE);
    expect(await failure()).toBeInstanceOf(SyncError);
  });

  it('beside data end the pass, for the data is not whole', async () => {
    everyTry().reply(200, { data: { environment: {} }, errors: [{ message: 'one field failed' }] });
    expect(await failure()).toBeInstanceOf(SyncError);
  });

  it('that repeat the token are told without it', async () => {
    lasting(`cannot read header "Bearer ${TOKEN}"`);
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
