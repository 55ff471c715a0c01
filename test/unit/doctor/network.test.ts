import { describe, expect, it } from 'vitest';
import { networkFailure } from '../../../src/doctor/network.ts';

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
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another host', 'Correct access_url'],
    ['CERT_HAS_EXPIRED', 'not valid at this time', 'clock'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'is not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'is not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not speak TLS', 'https://'],
    ['EPROTO', 'does not speak TLS', 'https://'],
    ['ECONNRESET', 'breaks off (ECONNRESET)', 'Try again'],
  ])('for %s is told with its cause and its mend', (code, message, mend) => {
    const verdict = networkFailure(failing(code), URL_ASKED, undefined);
    expect(verdict.status).toBe('failed');
    expect(verdict.message).toContain(message);
    expect(verdict.mend).toContain(mend);
  });

  it('is judged by the first of several addresses', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const error = new TypeError('fetch failed', { cause: new AggregateError([refused, new Error('other')]) });
    expect(networkFailure(error, URL_ASKED, undefined).message).toContain('refused');
  });

  it('in time is told so', () => {
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(networkFailure(error, URL_ASKED, undefined).message).toContain('does not answer in time');
  });

  it.each([
    [failing('ECONNREFUSED'), 'through the proxy proxy.acme.internal:3128 (ECONNREFUSED)'],
    [
      failing('UND_ERR_ABORTED', 'Proxy response (407) !== 200 when HTTP Tunneling'),
      'wants a user name and a password',
    ],
    [
      failing('UND_ERR_ABORTED', 'Proxy response (503) !== 200 when HTTP Tunneling'),
      'does not let the connection through',
    ],
  ])('behind a proxy names the proxy without its password', (error, words) => {
    const { message, mend } = networkFailure(error, URL_ASKED, PROXIES);
    expect(message).toContain(words);
    expect(mend).toContain('HTTPS_PROXY');
    expect(`${message} ${mend}`).not.toContain('secret');
  });
});
