import { expect, test } from 'vitest';
import { suggest } from '../../../src/config/suggest.ts';

const KEYS = ['name', 'token', 'token_file', 'account_id', 'environment_id', 'time_zone', 'url'];

test.each([
  ['nmae', 'name', 'two letters are swapped'],
  ['enviroment_id', 'environment_id', 'a letter is missing'],
  ['tokken', 'token', 'a letter is doubled'],
  ['uri', 'url', 'a letter is another'],
  ['time-zone', 'time_zone', 'a dash stands for an underscore'],
  ['environmentId', 'environment_id', 'it is in camel case'],
  ['TOKEN', 'token', 'it is in capitals'],
])('takes %s for %s because %s', (word, meant) => {
  expect(suggest(word, KEYS)).toBe(meant);
});

test('prefers the closest of several candidates', () => {
  expect(suggest('token_fil', KEYS)).toBe('token_file');
});

test.each(['colour', 'x', 'na', 'schedule', ''])('offers nothing for %j, which is like none of the words', (word) => {
  expect(suggest(word, KEYS)).toBeUndefined();
});
