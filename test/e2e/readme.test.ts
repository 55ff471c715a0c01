import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Loop, openLoop } from './loop.ts';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const HISTORY = fileURLToPath(new URL('../../demo/histories/duckdb', import.meta.url));
/** Each query of the README is followed by its output on the demo. `UPDATE_README=1` writes the outputs anew. */
const EXAMPLE = /```sql\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g;

const text = readFileSync(README, 'utf8');
const examples = [...text.matchAll(EXAMPLE)].map(([, query = '', output = '']) => ({ query, output }));

function cell(value: unknown): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString().slice(0, 16).replace('T', ' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Rows as psql shows them: aligned columns under their names. */
function table(columns: readonly string[], rows: readonly Record<string, unknown>[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
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

describe('the README', () => {
  let loop: Loop;
  let client: pg.Client;

  beforeAll(async () => {
    loop = await openLoop(HISTORY, 'duckdb');
    client = new pg.Client(loop.databaseUrl);
    await client.connect();
    const { runs } = JSON.parse(readFileSync(`${HISTORY}/history.json`, 'utf8')) as { runs: unknown[] };
    for (let run = 1; run <= runs.length; run++) {
      await loop.advance(run);
      await loop.sync();
    }
  }, 60_000);

  afterAll(async () => {
    await client?.end();
    await loop?.close();
  });

  it('has example queries', () => {
    expect(examples.length).toBeGreaterThanOrEqual(6);
  });

  it.each(examples)('shows what the demo really answers to $query', async ({ query, output }) => {
    const { fields, rows } = await client.query(query);
    const real = table(
      fields.map(({ name }) => name),
      rows,
    );
    if (process.env.UPDATE_README === '1') {
      const now = readFileSync(README, 'utf8');
      writeFileSync(
        README,
        now.replace(`${query}\`\`\`\n\n\`\`\`text\n${output}`, () => `${query}\`\`\`\n\n\`\`\`text\n${real}`),
      );
    } else {
      expect(output).toBe(real);
    }
    expect(rows.length).toBeGreaterThan(0);
  });
});
