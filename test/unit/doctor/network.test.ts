import { describe, expect, it } from 'vitest';
import { networkVerdict, proxyText } from '../../../src/doctor/network.ts';
import { ProxyError } from '../../../src/http/proxy.ts';

const URL_ASKED = new URL('https://ab123.metadata.us1.dbt.com/graphql');
const PROXIES = { httpProxy: undefined, httpsProxy: 'http://me:secret@proxy.acme.internal:3128', noProxy: undefined };

/** An error as fetch throws it: the system's own is the cause. */
const failing = (code: string, message = code) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });

describe('a host that cannot be reached', () => {
  it.each([
    ['ENOTFOUND', 'There is no host ab123.metadata.us1.dbt.com.', 'us1, us2'],
    ['EAI_AGAIN', 'cannot be resolved now', 'DNS'],
    ['ECONNREFUSED', 'the connection is refused', 'firewall'],
    ['EHOSTUNREACH', 'There is no way to', 'firewall'],
    ['UND_ERR_CONNECT_TIMEOUT', 'does not answer in time', 'Try again later'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another host', 'Correct the address'],
    ['CERT_HAS_EXPIRED', 'not valid at this time', 'clock'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'is not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'is not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not speak TLS', 'https://'],
    ['EPROTO', 'does not speak TLS', 'https://'],
    ['ECONNRESET', 'breaks off (ECONNRESET)', 'Try again'],
  ])('for %s is told with its cause and its mend', (code, message, mend) => {
    const verdict = networkVerdict(failing(code), URL_ASKED);
    expect(verdict.status).toBe('failed');
    expect(verdict.message).toContain(message);
    expect(verdict.mend).toContain(mend);
  });

  it('is judged by the first of several addresses', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const error = new TypeError('fetch failed', { cause: new AggregateError([refused, new Error('other')]) });
    expect(networkVerdict(error, URL_ASKED).message).toContain('refused');
  });

  it('in time is told so', () => {
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(networkVerdict(error, URL_ASKED).message).toContain('does not answer in time');
  });

  it.each([
    [failing('ECONNREFUSED'), 'through the proxy proxy.acme.internal:3128: nothing answers there (ECONNREFUSED)'],
    [
      failing('UND_ERR_ABORTED', 'Proxy response (407) !== 200 when HTTP Tunneling'),
      'wants a user name and a password',
    ],
    [
      failing('UND_ERR_ABORTED', 'Proxy response (503) !== 200 when HTTP Tunneling'),
      'does not let the connection through',
    ],
  ])('behind a proxy names the proxy without its password', (error, words) => {
    const { message, mend } = networkVerdict(new ProxyError('proxy.acme.internal:3128', error), URL_ASKED);
    expect(message).toContain(words);
    expect(mend).toContain('HTTPS_PROXY');
    expect(`${message} ${mend}`).not.toContain('secret');
  });
});

it('at a port that web clients refuse is told so', async () => {
  const url = new URL('http://127.0.0.1:1/graphql');
  const error = await fetch(url).catch((thrown: unknown) => thrown);
  const { message, mend } = networkVerdict(error, url);
  expect(message).toContain('Port 1 of 127.0.0.1 is one that web clients refuse');
  expect(mend).toBe('Correct the port in the address.');
});

describe('the way to a host', () => {
  it.each([
    [undefined, true],
    ['*', false],
    ['dbt.com', false],
    ['.us1.dbt.com', false],
    ['*.dbt.com', false],
    ['localhost, AB123.metadata.us1.dbt.com', false],
    ['ab123.metadata.us1.dbt.com:443', false],
    ['ab123.metadata.us1.dbt.com:8443', true],
    ['123.metadata.us1.dbt.com', true],
    ['us1.dbt.com.example', true],
  ])('with NO_PROXY %s leads through the proxy: %s', (noProxy, isProxied) => {
    const text = proxyText(URL_ASKED, { ...PROXIES, noProxy });
    expect(text).toBe(isProxied ? 'the proxy proxy.acme.internal:3128' : undefined);
  });

  it('leads through the proxy of HTTP where there is none of HTTPS, but not the other way round', () => {
    const httpOnly = { httpProxy: 'http://one:1', httpsProxy: undefined, noProxy: undefined };
    expect(proxyText(URL_ASKED, httpOnly)).toBe('the proxy one:1');
    expect(proxyText(new URL('http://dbt.acme.internal'), PROXIES)).toBeUndefined();
  });
});
