import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Cell } from './answers-now.ts';

const FILE = fileURLToPath(new URL('../../docs/queries.md', import.meta.url));
const QUESTION = /## (\d+)\. (.+)\n\n[^\n]+\n\n```sql\n([\s\S]*?);\n```\n\n```text\n([\s\S]*?)```/g;

export interface Question {
  readonly number: number;
  readonly title: string;
  readonly query: string;
  readonly output: string;
}

export const questions = (): Question[] =>
  [...readFileSync(FILE, 'utf8').matchAll(QUESTION)].map(([, number, title = '', query = '', output = '']) => ({
    number: Number(number),
    title,
    query,
    output,
  }));

/** Puts another output below a question. */
export function writeOutput({ query, output }: Question, real: string): void {
  const below = (text: string) => `${query};\n\`\`\`\n\n\`\`\`text\n${text}\`\`\``;
  writeFileSync(
    FILE,
    readFileSync(FILE, 'utf8').replace(below(output), () => below(real)),
  );
}

/** Days of queries are midnights of UTC, wherever the tests run. */
export const readDaysAsUtc = (): void =>
  pg.types.setTypeParser(pg.types.builtins.DATE, (text) => new Date(`${text}T00:00:00Z`));

function shown(value: unknown): string {
  if (value === null) return '';
  if (!(value instanceof Date)) return String(value);
  const text = value.toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ');
}

/** Rows as psql shows them: aligned columns under their names. */
export function table(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  if (rows.length === 0) return '(no rows)\n';
  const lines = [columns, ...rows.map((row) => row.map(shown))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  const written = lines.map((line) =>
    line
      .map((value, index) => value.padEnd(widths[index] ?? 0))
      .join(' | ')
      .trimEnd(),
  );
  const [head = '', ...body] = written;
  return [head, widths.map((width) => '-'.repeat(width)).join('-+-'), ...body, ''].join('\n');
}

/** A cell of an answer as the query rounds it. */
function alike(real: unknown, expected: Cell): boolean {
  if (real === null || expected === null) return real === expected;
  if (real instanceof Date) {
    const text = real.toISOString();
    return String(expected).length === 10
      ? text.slice(0, 10) === expected
      : text === new Date(String(expected)).toISOString();
  }
  if (typeof expected !== 'number') return real === expected;
  const decimals = /\.(\d+)$/.exec(String(real))?.[1]?.length ?? 0;
  return Math.abs(Number(real) - expected) <= 0.5 * 10 ** -decimals + 1e-9;
}

const keyOf = (row: readonly unknown[]) =>
  row
    .map((cell) => (cell instanceof Date ? cell.toISOString() : typeof cell === 'number' ? '' : String(cell)))
    .join(' ');

/** Rows of a query that no row of the answer is like, and the other way round. */
export function unlike(real: readonly (readonly unknown[])[], expected: readonly (readonly Cell[])[]): unknown[] {
  const left = [...expected];
  const found: unknown[] = [];
  for (const row of real) {
    const at = left.findIndex(
      (one) => one.length === row.length && one.every((cell, index) => alike(row[index], cell)),
    );
    if (at === -1) found.push({ real: keyOf(row) });
    else left.splice(at, 1);
  }
  return [...found, ...left.map((row) => ({ expected: row }))];
}
