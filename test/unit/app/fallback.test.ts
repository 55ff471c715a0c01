import { describe, expect, it } from 'vitest';
import { advice, reasonFor } from '../../../src/app/fallback.ts';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { refused } from '../../../src/sources/admin/failures.ts';
import { type FailureKind, failure } from '../../../src/sources/discovery/failures.ts';

const discovery = (kind: FailureKind) => failure('Discovery cannot serve.', { kind, what: kind });
const place = { url: new URL('https://ab123.us1.dbt.com/api/v2/accounts/'), token: new Secret('secret') };
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
