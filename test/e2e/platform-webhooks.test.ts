import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ACCOUNT, build, DAILY, runId } from './mini-history.ts';
import { call, given, post } from './mini-platform.ts';

const LIST = `/api/v3/accounts/${ACCOUNT}/webhooks/subscriptions`;
const one = (id: string, rest = '') => `/api/v3/accounts/${ACCOUNT}/webhooks/subscription/${id}${rest}`;
const wish = (url: string, more: object = {}) => ({
  name: 'of the test',
  client_url: url,
  event_types: ['job.run.completed'],
  active: true,
  ...more,
});

interface Received {
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Somebody who takes webhooks. */
async function receiver() {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ authorization: request.headers.authorization, body: await text(request) });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

describe('webhooks of the platform', () => {
  it('tell their secret when they are made, and never again', async () => {
    await given(build(1, ['orders']));
    const made = await post(LIST, wish('https://a.example.com', { job_ids: [DAILY] }));
    expect(made).toMatchObject({ status: 201, body: { status: { code: 201 }, data: { job_ids: [String(DAILY)] } } });
    const { id, hmac_secret: secret, created_at: since } = made.body.data;
    expect([secret, since]).toEqual([expect.stringMatching(/^wsk_/), expect.stringMatching(/^\d{16}$/)]);
    for (const path of [LIST, one(id)]) expect(JSON.stringify((await call(path)).body)).not.toContain(secret);
  });

  it.each([{ event_types: [] }, { description: '' }, { active: undefined }])('are not made of %j', async (more) => {
    await given(build(1, ['orders']));
    expect((await post(LIST, wish('https://a.example.com', more))).status).toBe(400);
  });

  it('are listed page by page', async () => {
    await given(build(1, ['orders']));
    for (let n = 0; n < 3; n++) await post(LIST, wish(`https://a.example.com/${n}`));
    const { body } = await call(`${LIST}?limit=2&offset=2`);
    expect(body.data.map(({ client_url: url }: { client_url: string }) => url)).toEqual(['https://a.example.com/2']);
    expect(body.extra.pagination).toEqual({ count: 1, total_count: 3 });
  });

  it('are changed as a whole, and come back to life at another address', async () => {
    const { subscriptions } = await given(build(1, ['orders']));
    const { id } = (await post(LIST, wish('https://a.example.com'))).body.data;
    subscriptions.deactivate(id, 'too many failures');
    expect((await call(one(id))).body.data).toMatchObject({ active: false, deactivate_reason: 'too many failures' });
    const put = (body: object) => call(one(id), { method: 'PUT', body: JSON.stringify(body) });
    expect((await put(wish('https://b.example.com', { active: false }))).body.data.active).toBe(true);
    expect((await call(one(id), { method: 'DELETE' })).body).toEqual({
      status: { code: 200, is_success: true },
      data: { id },
    });
    expect((await call(one(id))).status).toBe(404);
  });

  it('send what a run did, signed over the bytes', async () => {
    const platform = await given(build(1, ['orders']));
    const { received, url } = await receiver();
    const { hmac_secret: secret, id } = (await post(LIST, wish(url))).body.data;
    expect(await platform.deliver('mini', 1, 'job.run.completed')).toEqual(['200']);
    expect(await platform.deliver('mini', 1, 'job.run.started')).toEqual([]);
    const [{ authorization, body } = { authorization: '', body: '' }] = received;
    expect(authorization).toBe(createHmac('sha256', secret).update(body).digest('hex'));
    expect(JSON.parse(body)).toMatchObject({ webhookId: id, data: { runId: String(runId(1)), runStatusCode: 10 } });
    const { data } = (await call(one(id, '/events'))).body;
    expect(data).toMatchObject([{ trigger_event_type: 'job.run.completed', http_status_code: '200', payload: body }]);
  });

  it('are tested in both ways', async () => {
    const { subscriptions } = await given(build(1, ['orders']));
    const { url } = await receiver();
    const { id } = (await post(LIST, wish(url))).body.data;
    expect((await call(one(id, '/test'))).body.data).toEqual({
      verification_error: null,
      verification_status_code: '200',
    });
    subscriptions.testAnswer = 'event';
    const { event_id: eventId } = (await call(one(id, '/test'))).body.data;
    expect((await call(one(id, `/event/${eventId}/receipt`))).body.data).toMatchObject({ error_info: null });
  });
});
