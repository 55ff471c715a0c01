import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { eventText, post, SECRET, serving, signature } from './serving.ts';

describe('a signed delivery', () => {
  it('is stored before it is answered, and its events are asked for', async () => {
    const { hook, stored, requested, server } = await serving();
    expect(await post(hook, eventText())).toEqual({ status: 200, body: '{"status":"stored"}' });
    expect(stored).toMatchObject([{ integration: 'shop', id: 'wev_1', type: 'job.run.completed' }]);
    await server.close();
    expect(requested).toEqual(['shop']);
  });

  it('is answered once it is stored, although nobody can be asked to handle it', async () => {
    const { hook, lines } = await serving({
      requestEvents: async () => Promise.reject(new Error('The queue is gone.')),
    });
    expect((await post(hook, eventText())).status).toBe(200);
    await expect.poll(() => lines.join('')).toContain('The queue is gone.');
  });

  it('counts once, however often it comes', async () => {
    const { hook, stored, outcomes } = await serving();
    const answers = [await post(hook, eventText()), await post(hook, eventText())];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(stored).toHaveLength(1);
    expect(outcomes).toEqual(['stored', 'duplicate']);
  });

  it('may be signed with the old secret while there is a new one', async () => {
    const { hook } = await serving({ secrets: new Map([['shop', [new Secret('new'), new Secret(SECRET)]]]) });
    expect((await post(hook, eventText())).status).toBe(200);
    expect((await post(hook, eventText({ eventId: 'wev_2' }), { secret: 'new' })).status).toBe(200);
  });

  it('without an id of its own is known by its bytes', async () => {
    const { hook, stored } = await serving();
    for (let times = 0; times < 2; times++) await post(hook, eventText({ eventId: undefined, timestamp: null }));
    expect(stored).toHaveLength(1);
    expect(stored[0]?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it.each([
    ['nothing', ''],
    ['an empty object', '{}'],
    ['a list', '[1]'],
    ['deep nesting', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
  ])('that tests with %s is answered with success', async (_, body) => {
    const { hook, stored } = await serving();
    expect((await post(hook, body)).status).toBe(200);
    expect(stored).toMatchObject([{ type: null }]);
  });

  it('of an unknown kind is answered with success', async () => {
    const { hook, stored } = await serving();
    expect((await post(hook, eventText({ eventType: 'job.run.paused' }))).status).toBe(200);
    expect(stored).toMatchObject([{ type: 'job.run.paused' }]);
  });

  it('that is older than what is kept is answered and forgotten', async () => {
    const { hook, stored, outcomes } = await serving({ maxAgeS: 60 });
    const timestamp = new Date(Date.now() - 61_000).toISOString();
    expect((await post(hook, eventText({ timestamp }))).status).toBe(200);
    expect([stored, outcomes]).toEqual([[], ['old']]);
  });

  it("keeps nobody's address", async () => {
    const { hook, stored } = await serving();
    await post(hook, eventText({ data: { runReason: 'Kicked off by jo@example.com\njo@example.com' } }));
    expect(JSON.stringify(stored)).toContain('Kicked off by ***@***');
    expect(JSON.stringify(stored)).not.toContain('jo@');
  });

  it('that cannot be stored is to be sent again', async () => {
    const { hook, outcomes } = await serving({
      store: async () => Promise.reject(new Error('No PostgreSQL answers.')),
    });
    const { status, body } = await post(hook, eventText());
    expect(status).toBe(503);
    expect(body).not.toContain('PostgreSQL');
    expect(outcomes).toEqual(['unavailable']);
  });
});

describe('a delivery is refused', () => {
  it.each([
    ['with the signature of another secret', { secret: 'wrong' }],
    ['without a signature', { headers: { authorization: '' } }],
    ['with a token in the place of a signature', { headers: { authorization: 'Bearer abc' } }],
    ['with a signature of other bytes', { headers: { authorization: signature('{}') } }],
  ])('%s', async (_, how) => {
    const { hook, stored, outcomes } = await serving();
    const { status, body } = await post(hook, eventText(), how);
    expect(status).toBe(401);
    expect(body).not.toContain('wev_1');
    expect([stored, outcomes]).toEqual([[], ['unsigned']]);
  });

  it('when the bytes changed on their way, even if the JSON says the same', async () => {
    const { hook } = await serving();
    const body = eventText();
    const headers = { authorization: signature(body) };
    expect((await post(hook, ` ${body}`, { headers })).status).toBe(401);
  });

  it('for an integration that is unknown, in the words for one without secrets', async () => {
    const { server, hook } = await serving({ secrets: new Map([['shop', [new Secret(SECRET)]]]) });
    const { status, body } = await post(`${server.url}/webhooks/dbt/%3Cscript%3E`, eventText());
    expect([status, body]).toEqual([404, '{"error":"Nothing takes webhooks here."}']);
    expect((await post(`${hook}/more`, eventText())).status).toBe(404);
  });

  it('when it is signed but not JSON, without a word of it', async () => {
    const { hook, stored } = await serving();
    const { status, body } = await post(hook, '{"eventId": "<b>wev_1</b>"');
    expect([status, body]).toEqual([400, '{"error":"The body is not JSON."}']);
    expect(stored).toEqual([]);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json2',
    'nonsense',
  ])('with the content type %s', async (type) => {
    const { hook, outcomes } = await serving();
    expect((await post(hook, eventText(), { headers: { 'content-type': type } })).status).toBe(415);
    expect(outcomes).toEqual(['wrong_type']);
  });

  it('when it has 10 MB, and the server goes on', async () => {
    const { hook, outcomes } = await serving();
    const body = 'x'.repeat(10_000_000);
    const refused = await post(hook, body).catch(() => ({ status: 413 }));
    expect(refused.status).toBe(413);
    expect(outcomes).toEqual(['too_large']);
    expect((await post(hook, eventText())).status).toBe(200);
  });

  it('when it is larger than allowed and does not say so beforehand', async () => {
    const { hook, server } = await serving();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const head = `POST ${new URL(hook).pathname} HTTP/1.1\r\nhost: x\r\nauthorization: ${'0'.repeat(64)}\r\n`;
    socket.write(`${head}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`);
    const chunk = 'x'.repeat(0x10000);
    for (let count = 0; count < 5; count++) socket.write(`10000\r\n${chunk}\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('with any other method', async () => {
    const { hook } = await serving();
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await fetch(hook, { method })).status).toBe(404);
  });
});

it('a client that does not send what it announced is cut off', async () => {
  const { server, hook } = await serving({}, { requestMs: 200 });
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const head = `POST ${new URL(hook).pathname} HTTP/1.1\r\nhost: x\r\nauthorization: ${'0'.repeat(64)}\r\n`;
  socket.write(`${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`);
  socket.resume();
  await once(socket, 'close');
});

it('neither the secret nor a signature is ever logged', async () => {
  const { hook, server, lines } = await serving();
  const good = eventText();
  const wrong = signature(good, 'wrong');
  await post(hook, good);
  await post(hook, good, { secret: 'wrong' });
  await post(hook, '{"a":', {});
  await post(hook, good, { headers: { 'content-type': 'text/plain' } });
  await server.close();
  const log = lines.join('');
  expect(log).toContain('webhook received');
  expect(log).toContain('webhook refused');
  for (const secret of [SECRET, wrong, signature(good), signature('{"a":')]) expect(log).not.toContain(secret);
  expect(log.toLowerCase()).not.toContain('authorization');
});

it('the same refusal is logged once a minute, however often it comes', async () => {
  const { hook, server, lines } = await serving();
  for (let times = 0; times < 20; times++) await post(hook, eventText(), { secret: 'wrong' });
  await server.close();
  expect(lines.filter((line) => line.includes('webhook refused'))).toHaveLength(1);
});
