import { describe, expect, it } from 'vitest';
import { advice, alike, reasonFor } from '../../../src/app/fallback.ts';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { refused } from '../../../src/sources/admin/failures.ts';
import { type FailureKind, failure } from '../../../src/sources/discovery/failures.ts';

const discovery = (kind: FailureKind) => failure('Discovery cannot serve.', { kind, what: kind });
const url = new URL('https://ab123.us1.dbt.com/api/v2/accounts/');
const place = { url, setting: 'access_url' as const, token: new Secret('secret') };
const admin = (status: number) => refused({ status, isEnveloped: true, said: null }, place);

describe('a reason to ask for artifacts', () => {
  it.each<FailureKind>([
    'wrong_host',
    'bad_token',
    'missing_permission',
    'no_environment',
    'nothing_built',
    'different_api',
    'throttled',
    'down',
    'timeout',
    'too_complex',
    'oversized',
    'broken_answer',
    'service_error',
  ])('is a Discovery API that fails for good: %s', (kind) => {
    expect(reasonFor(discovery(kind))).toBe('Discovery cannot serve.');
  });

  it.each([
    ['a configuration that is wrong', new FatalError('Environment 3 belongs to account 1, but account_id is 8.')],
    ['a database that fails', new SyncError('The database cannot be reached.')],
    ['a failure of the Admin API', admin(403)],
    ['an interruption', new DOMException('stopped', 'AbortError')],
    ['no error at all', 'a text'],
  ])('is not %s', (_, error) => {
    expect(reasonFor(error)).toBeNull();
  });
});

describe('the advice for a token that neither API admits', () => {
  it.each([401, 403, 404])('names the permission sets of both (Admin API: %i)', (status) => {
    expect(advice(discovery('missing_permission'), admin(status))).toMatch(
      /"Metadata Only".*"Read-Only".*"Job Viewer"/,
    );
  });

  it('is not given where either fails for another reason', () => {
    expect(advice(discovery('down'), admin(403))).toBeNull();
    expect(advice(discovery('missing_permission'), admin(503))).toBeNull();
    expect(advice(discovery('missing_permission'), new SyncError('No run has a manifest.'))).toBeNull();
  });
});

describe('what is said of the Admin API after the Discovery API', () => {
  const page = refused({ status: 200, isEnveloped: false, said: null }, place);

  it('is short where it failed in the same way', () => {
    expect(alike(true)(discovery('bad_token'), admin(401))).toBe('The Admin API does not accept it either.');
    expect(alike(false)(discovery('wrong_host'), page)).toBe('Nor does an Admin API answer there.');
  });

  it('is its own sentence where its host is named for itself and is not there', () => {
    expect(alike(true)(discovery('wrong_host'), page)).toBeNull();
  });

  it.each([
    ['in another way', discovery('bad_token'), admin(403)],
    ['for lack of a permission, which is another one for each', discovery('missing_permission'), admin(403)],
    ['by what is none of its failures', discovery('down'), new SyncError('No run has a manifest.')],
  ])('is its own sentence where it failed %s', (_, first, second) => {
    expect(alike(false)(first, second)).toBeNull();
  });
});
