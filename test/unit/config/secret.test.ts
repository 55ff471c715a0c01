import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';

const secret = new Secret('hunter2');

test('gives its text to the one who asks for it by name', () => {
  expect(secret.reveal()).toBe('hunter2');
});

test.each([
  ['a template', `${secret}`],
  ['String', String(secret)],
  ['format %s', format('%s', secret)],
  ['util.inspect', inspect(secret)],
  ['util.inspect with hidden properties', inspect(secret, { showHidden: true, depth: null })],
])('reads as three stars in %s', (_, shown) => {
  expect(shown).toBe('***');
});

test('reads as three stars in JSON', () => {
  expect(JSON.stringify({ token: secret })).toBe('{"token":"***"}');
});

test('shows nothing even to an inspection that skips custom methods', () => {
  expect(inspect(secret, { customInspect: false, showHidden: true })).not.toContain('hunter2');
});

test('has no property that holds its text', () => {
  expect(Object.values({ ...secret })).toEqual([]);
});
