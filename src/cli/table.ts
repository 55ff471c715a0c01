import { plain } from './format.ts';

export type Cell = string | number | null | undefined;

export interface TableOptions {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Width that no line may pass; cells are shortened to keep to it. Undefined: as wide as the content. */
  readonly width: number | undefined;
  /** Headers of columns that are never shortened, because half of their text says nothing. */
  readonly whole?: readonly string[];
}

const GAP = '  ';
/** Narrower than this a column tells nothing. */
const NARROWEST = 6;

/** A table of text: numbers to the right, no rules, a line break at each end of line. */
export function table({ headers, rows, width, whole = [] }: TableOptions): string {
  const texts = rows.map((row) => headers.map((_, column) => cellText(row[column])));
  const all = [headers, ...texts];
  const wanted = headers.map((_, column) => Math.max(...all.map((row) => length(row[column] ?? ''))));
  const isElastic = headers.map((header) => !whole.includes(header));
  const widths = width === undefined ? wanted : fitted(wanted, width - GAP.length * (headers.length - 1), isElastic);
  const isNumber = headers.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  const line = (row: readonly string[]) =>
    row
      .map((text, column) =>
        aligned(shortened(text, widths[column] ?? 0), widths[column] ?? 0, isNumber[column] === true),
      )
      .join(GAP)
      .trimEnd();
  return all.map((row) => `${line(row)}\n`).join('');
}

/** A text cut to a width, its last character an ellipsis when something is missing. */
export function shortened(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** The widest columns give way, one character at a time, so that narrow ones stay whole. */
function fitted(wanted: readonly number[], space: number, isElastic: readonly boolean[]): number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, width) => sum + width, 0) - space;
  while (excess > 0) {
    const elastic = widths.map((width, column) => (isElastic[column] === true ? width : 0));
    const width = Math.max(...elastic);
    if (width <= NARROWEST) break;
    widths[elastic.indexOf(width)] = width - 1;
    excess--;
  }
  return widths;
}

function cellText(cell: Cell): string {
  return cell === null || cell === undefined ? '-' : plain(String(cell)) || '-';
}

function aligned(text: string, width: number, right: boolean): string {
  const padding = ' '.repeat(Math.max(0, width - length(text)));
  return right ? padding + text : text + padding;
}

function length(text: string): number {
  return [...text].length;
}
