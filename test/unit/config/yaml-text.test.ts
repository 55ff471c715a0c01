// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration's own syntax are what is tested
import { expect, test } from 'vitest';
import { parseYaml } from '../../../src/config/yaml-text.ts';
import { refusalOf, TOKEN } from './config-builders.ts';

const read = async (text: string | Uint8Array): Promise<unknown> =>
  parseYaml(typeof text === 'string' ? new TextEncoder().encode(text) : text, '/etc/x.yaml');

test.each([
  ['a nested mapping on one line', 'a: 1\nb: c: d', 'line 2, column 4', 'needs quotes'],
  ['a key given twice', 'token: a\nname: b\ntoken: c', 'line 3, column 1', 'given twice'],
  ['a tab as indentation', 'a:\n\tb: 1', 'line 2, column 1', 'tab'],
  ['an unknown escape', 'a: 1\nb: "\\q"', 'line 2, column 5', 'backslash'],
  ['an open quote', 'a: 1\nb: "x', 'line 2', 'closing quote'],
  ['a reserved first character', 'b: @x', 'line 1, column 4', 'needs quotes'],
  ['a second document', 'a: 1\n---\nb: 2', 'line 2', 'second document'],
  ['a tag', 'a: 1\nb: !env X', 'line 2, column 4', 'tags'],
  ['a key that is a list', '? [a]\n: 1', 'line 1', 'plain text'],
  ['an unquoted reference in a flow list', 'a: [${X}]', 'line 1', 'quotes'],
])('says where and why: %s', async (_, text, place, reason) => {
  const message = await refusalOf(read(text));
  expect(message).toContain(`/etc/x.yaml is not valid YAML at ${place}`);
  expect(message).toContain(reason);
});

test.each([
  ['a colon without a space', `- name: a\n  token:${TOKEN}\n  x: 1`],
  ['an unquoted special character', `token: @${TOKEN}`],
  ['a text after the end of a value', `token: "a" ${TOKEN}`],
  ['an escape', `token: "${TOKEN}\\q"`],
  ['an alias', `token: *${TOKEN}`],
  ['a tag', `token: !${TOKEN} x`],
  ['a bracket', `a: ]${TOKEN}`],
])('never repeats a secret next to a mistake: %s', async (_, text) => {
  expect(await refusalOf(read(text))).toContain('is not valid YAML');
});

test.each([
  ['an alias without an anchor', 'a: *b'],
  ['an alias that holds itself', 'a: &b [*b]'],
  [
    'aliases that multiply',
    `a0: &a0 [1, 1]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}, *a${i}]`).join('\n')}`,
  ],
])('refuses %s', async (_, text) => {
  expect(await refusalOf(read(text))).toContain('alias');
});

test('merges shared keys, so that integrations of one account need not repeat them', async () => {
  expect(await read('- &first {account_id: 1, name: a}\n- <<: *first\n  name: b')).toEqual([
    { account_id: 1, name: 'a' },
    { account_id: 1, name: 'b' },
  ]);
});

test('reads a byte order mark and Windows line ends', async () => {
  expect(await read('\uFEFFa: 1\r\nb: 2\r\n')).toEqual({ a: 1, b: 2 });
});

test.each(['', '# nothing yet\n'])('reads null from a file without content: %j', async (text) => {
  expect(await read(text)).toBeNull();
});

test('refuses a file that is not UTF-8', async () => {
  const utf16 = Buffer.from('\uFEFFname: x', 'utf16le');
  expect(await refusalOf(read(utf16))).toBe('The configuration /etc/x.yaml is not UTF-8 text; save it as UTF-8.');
});
