// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration's own syntax are what is tested
import { describe, expect, test } from 'vitest';
import { interpolate } from '../../../src/config/interpolate.ts';

const env = { HOST: 'db.example', EMPTY: '', CURLY: '${HOST}', _x1: 'low' };

describe('a reference', () => {
  test.each([
    ['is the whole text', '${HOST}', 'db.example'],
    ['is part of a text', 'postgresql://${HOST}:5432/${_x1}', 'postgresql://db.example:5432/low'],
    ['stands twice', '${HOST},${HOST}', 'db.example,db.example'],
    ['is set but empty', 'a${EMPTY}b', 'ab'],
    ['has a default it does not need', '${HOST:-other}', 'db.example'],
    ['has a default because it is not set', '${NONE:-other}', 'other'],
    ['has a default because it is empty', '${EMPTY:-other}', 'other'],
    ['has an empty default', 'a${NONE:-}b', 'ab'],
    ['has a default with special characters', '${NONE:-a:-b $1 $& "c"}', 'a:-b $1 $& "c"'],
    ['is replaced by text that looks like a reference', '${CURLY}', '${HOST}'],
    ['is written with two dollars', '$${HOST}', '${HOST}'],
    ['is written with three dollars', '$$${HOST}', '$${HOST}'],
    ['stands after a literal one', '$${HOST} ${HOST}', '${HOST} db.example'],
  ])('is replaced when it %s', (_, text, expected) => {
    expect(interpolate(text, env)).toEqual({ value: expected, problems: [] });
  });

  test.each(['$HOST', '$', '$$', '{HOST}', '$ {HOST}', 'cost: 5$'])('is not seen in %j', (text) => {
    expect(interpolate(text, env)).toEqual({ value: text, problems: [] });
  });

  test.each([
    '${}',
    '${1ST}',
    '${HOST',
    '${A-b}',
    '${ HOST }',
    '${A:-${HOST}}',
    '${a.b}',
    '${HOST:=x}',
  ])('is refused when it is malformed: %s', (text) => {
    const { problems } = interpolate({ key: text }, env);
    expect(problems).toEqual([
      {
        path: ['key'],
        text: 'holds a "${" that is neither ${NAME} nor ${NAME:-default}; write "$${" for the two characters themselves',
      },
    ]);
  });

  test('names its variable when that is not set', () => {
    expect(interpolate({ a: [{ b: '${NONE}' }] }, env).problems).toEqual([
      { path: ['a', 0, 'b'], text: 'needs the environment variable NONE, which is not set' },
    ]);
  });

  test('names every missing variable of a text once', () => {
    const { problems } = interpolate('${NONE}:${OTHER}:${NONE}', env);
    expect(problems[0]?.text).toBe('needs the environment variables NONE, OTHER, which are not set');
  });

  test.each(['constructor', 'toString', '__proto__'])('does not take %s for a variable that is set', (name) => {
    expect(interpolate(`\${${name}}`, env).problems).toHaveLength(1);
  });
});

test('leaves keys, numbers, booleans and nulls as they are', () => {
  const value = { '${HOST}': [1, true, null, { deep: 2.5 }] };
  expect(interpolate(value, env)).toEqual({ value, problems: [] });
});

test('changes a copy and not what it was given', () => {
  const value = { list: ['${HOST}'] };
  const copy = interpolate(value, env).value;
  expect(copy).toEqual({ list: ['db.example'] });
  expect(value).toEqual({ list: ['${HOST}'] });
});
