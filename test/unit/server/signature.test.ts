import { expect, test } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { isSigned } from '../../../src/server/signature.ts';

/** RFC 4231, test case 2. */
const BODY = Buffer.from('what do ya want for nothing?');
const KEY = new Secret('Jefe');
const MAC = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
const OTHER = new Secret('another');

test('a signature is the hex HMAC-SHA256 of the bytes', () => {
  expect(isSigned(BODY, MAC, [KEY])).toBe(true);
});

test('while secrets are exchanged any of them will do, wherever it stands', () => {
  expect(isSigned(BODY, MAC, [OTHER, KEY])).toBe(true);
  expect(isSigned(BODY, MAC, [KEY, OTHER])).toBe(true);
});

test('capital digits are the same digits', () => {
  expect(isSigned(BODY, MAC.toUpperCase(), [KEY])).toBe(true);
});

test.each([
  ['of another secret', BODY, MAC, [OTHER]],
  ['without any secret', BODY, MAC, []],
  ['of other bytes', Buffer.from('what do ya want for nothing!'), MAC, [KEY]],
  ['that is not there', BODY, undefined, [KEY]],
  ['that is empty', BODY, '', [KEY]],
  ['that is shorter', BODY, MAC.slice(2), [KEY]],
  ['that is longer', BODY, `${MAC}00`, [KEY]],
  ['with a prefix', BODY, `sha256=${MAC}`, [KEY]],
  ['that is no hex', BODY, `z${MAC.slice(1)}`, [KEY]],
])('a signature %s does not fit', (_, body, header, secrets) => {
  expect(isSigned(body, header, secrets)).toBe(false);
});
