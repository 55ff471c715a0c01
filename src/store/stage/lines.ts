import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { type Cell, copyLine } from '../copy-text.ts';
import type { Client } from '../pool.ts';

/** Text is made into bytes when so much of it has come: what waits for its COPY is then of no concern to the collector. */
const CHUNK = 65_536;

interface Rows {
  readonly chunks: Uint8Array[];
  text: string;
}

/** Rows on their way into tables, by what COPY calls the place: a table, with its columns where not all are given. */
export type Lines = Map<string, Rows>;

export function addLine(lines: Lines, place: string, cells: readonly Cell[]): void {
  let rows = lines.get(place);
  if (rows === undefined) {
    rows = { chunks: [], text: '' };
    lines.set(place, rows);
  }
  rows.text += copyLine(cells);
  if (rows.text.length > CHUNK) flush(rows);
}

function flush(rows: Rows): void {
  if (rows.text !== '') rows.chunks.push(Buffer.from(rows.text));
  rows.text = '';
}

/** The rows of one place as bytes, for those that wait longer. */
export function packedRows(lines: Lines, place: string): readonly Uint8Array[] {
  const rows = lines.get(place);
  if (rows === undefined) return [];
  flush(rows);
  return rows.chunks;
}

/** Adds rows that were packed. */
export function addPacked(lines: Lines, place: string, packed: readonly Uint8Array[]): void {
  const rows = lines.get(place) ?? { chunks: [], text: '' };
  lines.set(place, rows);
  flush(rows);
  rows.chunks.push(...packed);
}

/** So many chunks are worth a COPY of their own: each costs some turns of the event loop. */
const FULL = 16;
/** So many go along with others, so that little is left for the end, where nothing else is done meanwhile. */
const PART = 8;

/** Takes away what is worth copying now; everything at the end. */
export function takeFull(lines: Lines, isEnd: boolean): Lines {
  const all = [...lines];
  if (!isEnd && all.every(([, { chunks }]) => chunks.length < FULL)) return new Map();
  const taken: Lines = new Map(all.filter(([, { chunks }]) => isEnd || chunks.length >= PART));
  for (const place of taken.keys()) lines.delete(place);
  return taken;
}

/** One COPY per place, no statement per row. */
export async function copyLines(client: Client, lines: Lines): Promise<void> {
  for (const [place, rows] of lines) {
    flush(rows);
    await pipeline(Readable.from(rows.chunks), client.query(copyFrom(`copy ${place} from stdin`)));
  }
}
