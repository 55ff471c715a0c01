/**
 * Rows in the text format of COPY (PostgreSQL manual, "COPY", File Formats).
 * The one place where text that Postgres refuses is replaced: NUL and lone surrogates become U+FFFD.
 */

export type Cell = string | number | boolean | null | undefined | readonly string[] | JsonCell;

/** Marks a value that goes into a jsonb column. */
export interface JsonCell {
  readonly json: unknown;
}

/** Most text has none of the characters that need attention, and one look tells. */
const SPECIAL = /[\\\n\r\t\0\uD800-\uDFFF]/;

function escapeText(text: string): string {
  if (!SPECIAL.test(text)) return text;
  // One character after the other: a function that is called for each line of code takes longer.
  return storable(text).replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
}

/** Text as Postgres takes it. */
export function storable(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed;
}

function storableJson(value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storableJson(item)]));
  }
  return value;
}

/** JSON text that jsonb takes: the escapes of NUL and of lone surrogates are the only ones it refuses. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.includes('\\u') && /\\u(0000|d[89a-f])/i.test(text)
    ? (JSON.stringify(storableJson(value)) ?? 'null')
    : text;
}

/** What is to be looked at in the items of an array. */
const SPECIAL_ITEM = /["\\\0\uD800-\uDFFF]/;

function arrayText(items: readonly string[]): string {
  let text = '';
  for (const item of items) {
    text += text === '' ? '"' : ',"';
    text += `${SPECIAL_ITEM.test(item) ? storable(item).replace(/["\\]/g, '\\$&') : item}"`;
  }
  return `{${text}}`;
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '\\N';
  if (typeof cell === 'string') return escapeText(cell);
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  if (Array.isArray(cell)) return escapeText(arrayText(cell));
  const { json } = cell as JsonCell;
  return json === null || json === undefined ? '\\N' : escapeText(jsonText(json));
}

/** One line of COPY text, newline included. */
export function copyLine(cells: readonly Cell[]): string {
  let line = cellText(cells[0]);
  for (let index = 1; index < cells.length; index++) line += `\t${cellText(cells[index])}`;
  return `${line}\n`;
}
