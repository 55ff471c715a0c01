import { expect, test } from 'vitest';
import { compareRows } from '../../oracle/compare.ts';

const key = ['id'];

test('equal rows give no difference, whatever the order of rows and of keys in jsonb', () => {
  const actual = [{ id: 'b' }, { id: 'a', meta: { x: 1, y: [1, 2] } }];
  expect(compareRows(actual, [{ id: 'a', meta: { y: [1, 2], x: 1 } }, { id: 'b' }], { key })).toEqual([]);
});

test('missing, surplus and unequal rows are named with both values', () => {
  const actual = [
    { id: 'a', name: 'is' },
    { id: 'c', name: 'x' },
  ];
  const expected = [
    { id: 'a', name: 'must' },
    { id: 'b', name: 'x' },
  ];
  expect(compareRows(actual, expected, { key })).toEqual([
    'a: name is "is", expected "must"',
    'missing b',
    'surplus c',
  ]);
});

test('a row that is there twice is surplus', () => {
  expect(compareRows([{ id: 'a' }, { id: 'a' }], [{ id: 'a' }], { key })).toEqual(['surplus a']);
});

test('an expected column that the view lacks is a difference and a further column is none', () => {
  expect(compareRows([{ id: 'a', more: 1 }], [{ id: 'a', name: null }], { key })).toEqual(['a: no column name']);
});

test('ignored columns are not compared', () => {
  expect(compareRows([{ id: 'a', x: 1 }], [{ id: 'a', x: 2 }], { key, ignore: ['x'] })).toEqual([]);
});

test.each([
  new Date('2026-01-01T01:00:00.123Z'),
  '2026-01-01 02:00:00.123456+01',
  '2026-01-01T01:00:00.123999Z',
])('%s is the expected instant', (time) => {
  expect(compareRows([{ id: 1, time }], [{ id: 1, time: '2026-01-01T01:00:00.123Z' }], { key })).toEqual([]);
});

test('another millisecond is a difference', () => {
  const actual = [{ id: 1, time: new Date('2026-01-01T01:00:00.124Z') }];
  expect(compareRows(actual, [{ id: 1, time: '2026-01-01T01:00:00.123Z' }], { key })).toEqual([
    '1: time is "2026-01-01T01:00:00.124Z", expected "2026-01-01T01:00:00.123Z"',
  ]);
});

test('times work as part of the key', () => {
  const actual = [{ id: new Date('2026-01-01T01:00:00.123Z'), x: 1 }];
  expect(compareRows(actual, [{ id: '2026-01-01T01:00:00.123Z', x: 1 }], { key })).toEqual([]);
});

test('a bigint may come as text but a text never as a number', () => {
  expect(compareRows([{ id: 1, job: '70403103970001' }], [{ id: 1, job: 70403103970001 }], { key })).toEqual([]);
  expect(compareRows([{ id: 1, run: 12 }], [{ id: 1, run: '12' }], { key })).toEqual(['1: run is 12, expected "12"']);
});

test('lists are compared in their order', () => {
  expect(compareRows([{ id: 1, tags: ['b', 'a'] }], [{ id: 1, tags: ['a', 'b'] }], { key })).toHaveLength(1);
});

test('a null member of jsonb equals an absent one only where that is said', () => {
  const actual = [{ id: 1, params: { where: { a: null }, list: [{ b: null }] } }];
  const expected = [{ id: 1, params: { where: {}, list: [{}] } }];
  expect(compareRows(actual, expected, { key })).toHaveLength(1);
  expect(compareRows(actual, expected, { key, nullIsAbsent: ['params'] })).toEqual([]);
});

test('null, an empty text and an empty list are three values', () => {
  expect(compareRows([{ id: 1, x: '' }], [{ id: 1, x: null }], { key })).toHaveLength(1);
  expect(compareRows([{ id: 1, x: [] }], [{ id: 1, x: null }], { key })).toHaveLength(1);
});
