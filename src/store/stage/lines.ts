import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { type Cell, copyLine } from '../copy-text.ts';
import type { Client } from '../pool.ts';

/** Rows on their way into tables, by what COPY calls the place: a table, with its columns where not all are given. */
export type Lines = Map<string, string[]>;

export function addLine(lines: Lines, place: string, cells: readonly Cell[]): void {
  const list = lines.get(place);
  if (list === undefined) lines.set(place, [copyLine(cells)]);
  else list.push(copyLine(cells));
}

/** One COPY per place, no statement per row. */
export async function copyLines(client: Client, lines: Lines): Promise<void> {
  for (const [place, rows] of lines) {
    await pipeline(Readable.from([rows.join('')]), client.query(copyFrom(`copy ${place} from stdin`)));
  }
}
