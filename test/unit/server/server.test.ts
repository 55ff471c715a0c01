import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { FatalError } from '../../../src/domain/errors.ts';
import { serving } from './serving.ts';

const get = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, body: await response.text(), type: response.headers.get('content-type') };
};

it('says that it lives, whatever else is wrong', async () => {
  const { server } = await serving(
    {},
    { health: { ready: async () => [{ name: 'database', problem: 'It is away.' }] } },
  );
  expect(await get(`${server.url}/healthz`)).toMatchObject({ status: 200, body: '{"status":"ok"}' });
});

it('is ready when everything is', async () => {
  const { server } = await serving();
  const { status, body } = await get(`${server.url}/readyz`);
  expect([status, JSON.parse(body)]).toEqual([200, { status: 'ready', checks: { database: 'ok' } }]);
});

it('says what is not ready', async () => {
  const checks = [
    { name: 'database', problem: null },
    { name: 'queue', problem: 'It is of an older version.' },
  ];
  const { server } = await serving({}, { health: { ready: async () => checks } });
  const { status, body } = await get(`${server.url}/readyz`);
  expect(status).toBe(503);
  expect(JSON.parse(body)).toEqual({
    status: 'not ready',
    checks: { database: 'ok', queue: 'It is of an older version.' },
  });
});

it('serves metrics in their own content type', async () => {
  const { server } = await serving(
    {},
    { metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'a 1\n' }) },
  );
  expect(await get(`${server.url}/metrics`)).toEqual({ status: 200, body: 'a 1\n', type: 'text/plain; version=0.0.4' });
});

it('takes no webhooks unless it is to', async () => {
  const { server } = await serving({}, { webhooks: undefined as never });
  const response = await fetch(`${server.url}/webhooks/dbt/shop`, { method: 'POST' });
  expect(response.status).toBe(404);
});

it('repeats nothing of what was asked for', async () => {
  const { server } = await serving();
  expect(await get(`${server.url}/%3Cscript%3Ealert(1)`)).toMatchObject({
    status: 404,
    body: '{"error":"Nothing is here."}',
  });
});

it('an error of ours is not told to others', async () => {
  const { server, lines } = await serving({}, { metrics: async () => Promise.reject(new Error('a detail')) });
  const { status, body } = await get(`${server.url}/metrics`);
  expect([status, body]).toEqual([500, '{"error":"The request cannot be answered."}']);
  expect(lines.join('')).toContain('a detail');
});

it('where something else listens is told in one sentence', async () => {
  const { server } = await serving();
  const port = Number(new URL(server.url).port);
  const error = await serving({}, { port }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FatalError);
  expect((error as Error).message).toBe(
    `No server can listen on 127.0.0.1:${port}: something else listens there already: stop it, or choose another port (server.port).`,
  );
});

it('an address that is not of this machine is told in one sentence', async () => {
  const error = await serving({}, { host: '192.0.2.1' }).catch((thrown: unknown) => thrown);
  expect((error as Error).message).toMatch(/correct server\.host/);
});

it('ends although a client keeps its connection', async () => {
  const { server } = await serving();
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const closed = once(socket, 'close');
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'data');
  await server.close();
  await closed;
});

it('ends within seconds although a request stands still', async () => {
  const { server, hook } = await serving();
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname).resume();
  socket.write(
    `POST ${new URL(hook).pathname} HTTP/1.1\r\nhost: x\r\nauthorization: ${'0'.repeat(64)}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n`,
  );
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  await server.close();
  await closed;
});
