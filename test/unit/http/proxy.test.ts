import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFetch } from '../../../src/http/http.ts';
import { networkFailure } from '../../../src/http/network-errors.ts';
import { proxyFor } from '../../../src/http/proxy.ts';

const PROXIES = { httpProxy: 'http://plain:1', httpsProxy: 'http://secure:2', noProxy: undefined };

describe('the proxy of a URL', () => {
  it('is that of its scheme', () => {
    expect(proxyFor(new URL('http://a.example'), PROXIES)).toBe('http://plain:1');
    expect(proxyFor(new URL('https://a.example'), PROXIES)).toBe('http://secure:2');
  });

  it('is that of http for https too when there is no other, and not the other way round', () => {
    expect(proxyFor(new URL('https://a.example'), { ...PROXIES, httpsProxy: undefined })).toBe('http://plain:1');
    expect(proxyFor(new URL('http://a.example'), { ...PROXIES, httpProxy: undefined })).toBeUndefined();
  });

  it.each([
    ['a.example', true],
    ['A.Example', true],
    ['.a.example', true],
    ['*.a.example', true],
    ['*', true],
    ['b.example, a.example', true],
    ['b.example a.example', true],
    ['example', true],
    ['a.example:443', true],
    ['a.example:8443', false],
    ['b.a.example', false],
    ['.example.com', false],
    ['xample', false],
    ['', false],
  ])('is none for https://a.example with NO_PROXY "%s": %s', (noProxy, isDirect) => {
    const proxy = proxyFor(new URL('https://a.example'), { ...PROXIES, noProxy });
    expect(proxy).toBe(isDirect ? undefined : 'http://secure:2');
  });

  it('is none for an address in brackets that NO_PROXY has with its port', () => {
    expect(proxyFor(new URL('http://[::1]:8080'), { ...PROXIES, noProxy: '[::1]:8080' })).toBeUndefined();
  });
});

describe('a request through a proxy', () => {
  const asked: string[] = [];
  const target = createServer((_request, response) => response.end('from the target'));
  const refusing = createServer().on('connect', ({ headers }, socket) => {
    asked.push(headers['proxy-authorization'] ?? '');
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  });
  const portOf = (server: typeof target) => (server.address() as AddressInfo).port;

  beforeAll(async () => {
    for (const server of [target, refusing]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
  });
  afterAll(() => {
    for (const server of [target, refusing]) server.close();
  });

  async function failureThrough(proxy: string) {
    const proxies = { httpProxy: proxy, httpsProxy: undefined, noProxy: undefined };
    const fetch = createFetch({ userAgent: 'x', retries: 0, proxies });
    return fetch(`http://127.0.0.1:${portOf(target)}/`).catch((error: unknown) => error);
  }

  it('that does not answer tells of the proxy, without its password', async () => {
    const error = await failureThrough('http://me:hunter2@127.0.0.1:1');
    expect(networkFailure(error)).toEqual({
      fault: 'refused',
      code: 'ECONNREFUSED',
      proxy: '127.0.0.1:1',
      proxyStatus: undefined,
    });
    expect(inspect(error, { depth: Infinity })).not.toContain('hunter2');
  });

  it('that refuses tells how', async () => {
    const error = await failureThrough(`http://me:hunter2@127.0.0.1:${portOf(refusing)}`);
    expect(networkFailure(error)).toMatchObject({ fault: 'proxy_refusal', proxyStatus: 407 });
    expect(asked.at(-1)).toBe(`Basic ${Buffer.from('me:hunter2').toString('base64')}`);
  });

  it('is none for a host that is exempt', async () => {
    const proxies = { httpProxy: 'http://127.0.0.1:1', httpsProxy: undefined, noProxy: '127.0.0.1' };
    const fetch = createFetch({ userAgent: 'x', retries: 0, proxies });
    expect(await (await fetch(`http://127.0.0.1:${portOf(target)}/`)).text()).toBe('from the target');
  });
});
