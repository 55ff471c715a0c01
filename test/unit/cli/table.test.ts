import { describe, expect, it } from 'vitest';
import { shortened, table } from '../../../src/cli/table.ts';

describe('a table', () => {
  it('aligns texts to the left and numbers to the right', () => {
    const rows = [
      ['orders', 5],
      ['customers', 12],
    ];
    expect(table({ headers: ['name', 'failures'], rows, width: undefined })).toBe(
      'name       failures\norders            5\ncustomers        12\n',
    );
  });

  it('shows what is not known as a dash', () => {
    expect(table({ headers: ['name', 'owner'], rows: [['orders', null]], width: undefined })).toBe(
      'name    owner\norders  -\n',
    );
  });

  it('keeps every line to the width and takes it from the widest column', () => {
    const rows = [['a_name_that_goes_on_for_a_long_while', 'pass']];
    const lines = table({ headers: ['name', 'status'], rows, width: 20 }).split('\n');
    expect(lines).toEqual(['name          status', 'a_name_that…  pass', '']);
  });

  it('shortens no column that must stay whole', () => {
    const rows = [['a_long_name', '2026-11-04 06:00']];
    const lines = table({ headers: ['name', 'since'], rows, width: 24, whole: ['since'] }).split('\n');
    expect(lines[1]).toBe('a_lon…  2026-11-04 06:00');
  });

  it('keeps a row on one line whatever its texts hold', () => {
    const rows = [['first\nsecond']];
    expect(table({ headers: ['name'], rows, width: undefined })).toBe('name\nfirst second\n');
  });
});

it('counts characters, not code units, when it shortens', () => {
  expect(shortened('🦆🦆🦆', 2)).toBe('🦆…');
});
