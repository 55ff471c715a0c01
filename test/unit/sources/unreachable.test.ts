import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../src/domain/errors.ts';
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
