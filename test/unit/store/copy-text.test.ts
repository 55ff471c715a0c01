import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, copyLine, jsonText, storable } from '../../../src/store/copy-text.ts';

const ESCAPES: { readonly [letter: string]: string } = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Reads one line of COPY's text format by the PostgreSQL manual: fields between tabs, backslash escapes, \N for null. */
function parseLine(line: string): (string | null)[] {
  if (!line.endsWith('\n')) throw new Error('the line has no end');
  const body = line.slice(0, -1);
  if (/[\n\r]/.test(body)) throw new Error('a raw line break would end the row');
  if (body === '\\.') throw new Error('this would end the data');
  return body.split('\t').map((field) => (field === '\\N' ? null : unescapeField(field)));
}

function unescapeField(field: string): string {
  let text = '';
  for (let index = 0; index < field.length; index++) {
    const character = field.charAt(index);
    if (character !== '\\') {
      text += character;
      continue;
    }
    index++;
    const escaped = field.charAt(index);
    if (escaped === '' || /[0-7xN.]/.test(escaped)) throw new Error(`an escape that was not meant: \\${escaped}`);
    text += ESCAPES[escaped] ?? escaped;
  }
  return text;
}

/** Reads an array literal in which every item is quoted, as the manual describes array input. */
function parseArray(text: string): string[] {
  const items: string[] = [];
  let rest = text.slice(1);
  while (rest !== '}') {
    const match = /^"((?:[^"\\]|\\.)*)"(?:,(?="))?/s.exec(rest);
    if (match?.[1] === undefined) throw new Error(`no array literal: ${text}`);
    items.push(match[1].replace(/\\(.)/gs, '$1'));
    rest = rest.slice(match[0].length);
  }
  return items;
}

const awkward = fc.string({
  unit: fc.constantFrom(
    '\\',
    '\n',
    '\r',
    '\t',
    '\0',
    '"',
    '{',
    '}',
    ',',
    'N',
    '.',
    'x',
    'é',
    '\uD800',
    '\uDFFF',
    '😀',
    ' ',
  ),
});
const anyText = fc.oneof(awkward, fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

/** What Postgres takes: no NUL, no lone surrogate. */
const taken = (text: string) => text.replaceAll('\0', '\uFFFD').toWellFormed();

describe('a line of COPY text', () => {
  it('holds every text, read back by the manual', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1 }), (texts) => {
        expect(parseLine(copyLine(texts))).toEqual(texts.map(taken));
      }),
    );
  });

  it('holds every list of texts, read back by the manual', () => {
    fc.assert(
      fc.property(fc.array(anyText), (texts) => {
        const [cell] = parseLine(copyLine([texts]));
        expect(parseArray(cell ?? '')).toEqual(texts.map(taken));
      }),
    );
  });

  it('holds every JSON value, read back as JSON that jsonb takes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const [cell] = parseLine(copyLine([{ json: value }]));
        const plain = JSON.stringify(value);
        const isRefused = /\\u(0000|d[89a-f])/i.test(plain);
        if (value === null) expect(cell).toBeNull();
        else if (isRefused) expect(JSON.stringify(JSON.parse(cell ?? ''))).not.toMatch(/\\u(0000|d[89a-f])/i);
        else expect(JSON.parse(cell ?? '')).toEqual(JSON.parse(plain));
      }),
    );
  });

  it('has one field for each cell, whatever they hold', () => {
    const cell: fc.Arbitrary<Cell> = fc.oneof(
      anyText,
      fc.constantFrom(null, undefined),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.array(anyText),
      fc.jsonValue().map((json) => ({ json })),
    );
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
        expect(parseLine(copyLine(cells))).toHaveLength(cells.length);
      }),
    );
  });

  it('keeps numbers to the last digit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(parseLine(copyLine([value]))[0])).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('tells null from an empty text, from the letters of null and from the empty list', () => {
    expect(parseLine(copyLine([null, undefined, '', '\\N', 'NULL', []]))).toEqual([
      null,
      null,
      '',
      '\\N',
      'NULL',
      '{}',
    ]);
  });

  it('tells the empty text and the text NULL from null within a list', () => {
    expect(copyLine([['', 'NULL']])).toBe('{"","NULL"}\n');
  });

  it('writes booleans and ids as Postgres reads them', () => {
    expect(copyLine([true, false, 9007199254740991, -1.5])).toBe('true\tfalse\t9007199254740991\t-1.5\n');
  });

  it('does not end the data with a text that looks like its end', () => {
    expect(parseLine(copyLine(['\\.']))).toEqual(['\\.']);
  });

  it('takes a JSON null for null, and keeps the JSON that is empty', () => {
    expect(
      parseLine(copyLine([{ json: null }, { json: undefined }, { json: {} }, { json: [] }, { json: '' }])),
    ).toEqual([null, null, '{}', '[]', '""']);
  });
});

describe('text that Postgres refuses', () => {
  it.each([
    ['a\0b', 'a\uFFFDb'],
    ['\uD800', '\uFFFD'],
    ['x\uDFFFy', 'x\uFFFDy'],
    ['\uDE00\uD83D', '\uFFFD\uFFFD'],
    ['😀', '😀'],
    ['plain', 'plain'],
  ])('%j is stored as %j', (sent, stored) => {
    expect(storable(sent)).toBe(stored);
  });

  it('is replaced in JSON in keys and values at any depth', () => {
    const sent = { 'a\0': [{ b: 'x\uD800' }], c: '😀' };
    expect(JSON.parse(jsonText(sent))).toEqual({ 'a\uFFFD': [{ b: 'x\uFFFD' }], c: '😀' });
  });

  it('leaves JSON alone that only looks like it', () => {
    const sent = { code: String.raw`\u0000 and \ud800` };
    expect(JSON.parse(jsonText(sent))).toEqual(sent);
  });

  it('is null when there is no JSON for it', () => {
    expect(jsonText(undefined)).toBe('null');
  });
});
