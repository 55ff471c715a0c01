import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../src/domain/errors.ts';
import { Secret } from '../../../src/domain/secret.ts';
import type { NetworkFailure } from '../../../src/http/network-errors.ts';
import { explain } from '../../../src/sources/discovery/explain.ts';
import { unreachable } from '../../../src/sources/discovery/unreachable.ts';
import { useNock } from '../http/nock.ts';
import { clientWith, everyTry, failure, HOST, query, TOKEN } from './one-query.ts';

useNock();

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
    everyTry().replyWithError(Object.assign(new Error(`getaddrinfo ${code}`), { code }));
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toContain(HOST);
    expect(error.message).toContain(said);
  });

  it('in time ends the pass', async () => {
    everyTry().delay(60_000).reply(200, 'too late');
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

describe('a proxy', () => {
  const told = (failure: Partial<NetworkFailure>) =>
    unreachable(
      { fault: 'other', code: '', proxy: 'proxy.acme.internal:3128', proxyStatus: undefined, ...failure },
      { url: `https://${HOST}/graphql`, environmentId: 7, token: new Secret(TOKEN), setting: 'access_url' },
    ).message;

  it('that cannot be reached is named, for nothing is known of the host behind it', () => {
    expect(told({ fault: 'refused', code: 'ECONNREFUSED' })).toBe(
      `The proxy proxy.acme.internal:3128 cannot be reached: nothing answers there (ECONNREFUSED). Check HTTPS_PROXY and HTTP_PROXY, or name ${HOST} in NO_PROXY.`,
    );
  });

  it('that wants a user name and a password is told so', () => {
    expect(told({ fault: 'proxy_refusal', proxyStatus: 407 })).toMatch(
      /^The proxy proxy\.acme\.internal:3128 does not let .+ through \(407\)\. .+ with a user name and a password/,
    );
  });

  it('is named when the connection through it breaks off', () => {
    expect(told({ fault: 'reset', code: 'ECONNRESET' })).toContain(
      `${HOST} cannot be reached through the proxy proxy.acme.internal:3128: the connection was reset`,
    );
  });
});

describe('a time that ended', () => {
  it.each(['TimeoutError', 'AbortError'])('is never told as a %s', (name) => {
    const place = { url: `https://${HOST}/graphql`, environmentId: 7, token: new Secret(TOKEN) };
    const error = explain(new DOMException('The operation was aborted', name), { ...place, setting: 'access_url' });
    expect(error).toBeInstanceOf(SyncError);
    expect((error as Error).message).toBe(`${HOST} did not answer in time: try again later.`);
  });
});
