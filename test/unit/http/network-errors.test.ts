import { describe, expect, it } from 'vitest';
import { type NetworkFault, networkFailure } from '../../../src/http/network-errors.ts';

const coded = (code: unknown, cause?: unknown) => Object.assign(new Error('failed', { cause }), { code });

describe('what the system says', () => {
  it.each<[string, NetworkFault]>([
    ['ENOTFOUND', 'unknown_host'],
    ['EAI_AGAIN', 'unresolved'],
    ['ECONNREFUSED', 'refused'],
    ['ENETUNREACH', 'no_way'],
    ['ETIMEDOUT', 'timeout'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
    ['UND_ERR_SOCKET', 'reset'],
    ['CERT_HAS_EXPIRED', 'expired_certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'foreign_certificate'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'untrusted_certificate'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'untrusted_certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'no_tls'],
    ['EWHATEVER', 'other'],
  ])('by %s is %s', (code, fault) => {
    expect(networkFailure(new TypeError('fetch failed', { cause: coded(code) }))).toMatchObject({ fault, code });
  });

  it('is read from the innermost cause, and numbers are no codes', () => {
    expect(networkFailure(coded(0, coded('ERR_X', coded('ECONNRESET')))).code).toBe('ECONNRESET');
    expect(networkFailure(coded(0))).toMatchObject({ fault: 'other', code: '' });
  });

  it('of several addresses is that of the first', () => {
    const several = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]);
    expect(networkFailure(new TypeError('fetch failed', { cause: several })).fault).toBe('refused');
  });

  it('may be nothing at all', () => {
    expect(networkFailure('text')).toEqual({ fault: 'other', code: '', proxy: undefined, proxyStatus: undefined });
  });

  it('ends although an error is its own cause', () => {
    const error: Error & { cause?: unknown } = coded('ECONNRESET');
    error.cause = error;
    expect(networkFailure(error).fault).toBe('reset');
  });
});
