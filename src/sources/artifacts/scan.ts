/**
 * Finds where the elements of a JSON file begin and end without parsing them, so that a large artifact is parsed
 * element by element: no string of the whole file (V8's end at about 512 MB) and no tree of the whole file.
 * What is between the boundaries is left to `JSON.parse`.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** The bit by which `[` and `{`, and `]` and `}`, differ. */
const BRACKET_BIT = 0x20;

/** Where a value lies, in bytes, and how deeply it is nested (0 for a scalar). */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

export interface Member extends Span {
  /** The key in an object; empty in an array. */
  readonly key: string;
}

/** A top-level value; `members` are those of an object or array that was to be opened. */
export interface TopLevel extends Span {
  readonly members: readonly Member[] | null;
  readonly isObject: boolean;
}

/** The bytes are no JSON object, as far as the scan can tell: what was found where, ready for a sentence. */
export class ScanError extends Error {
  override readonly name = 'ScanError';
  readonly isTruncated: boolean;
  constructor(message: string, isTruncated: boolean) {
    super(message);
    this.isTruncated = isTruncated;
  }
}

function ended(): ScanError {
  return new ScanError('it ends in the middle', true);
}

function unexpected(bytes: Buffer, at: number): ScanError {
  if (at >= bytes.length) return ended();
  const found = JSON.stringify(bytes.toString('utf8', at, Math.min(at + 12, bytes.length)));
  return new ScanError(`${found} at byte ${at} is not what JSON has there`, false);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}

/** The position after a string that begins here. */
function skipString(bytes: Buffer, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
  throw ended();
}

function skipContainer(bytes: Buffer, start: number): Span {
  const { length } = bytes;
  let depth = 0;
  let deepest = 0;
  for (let at = start; at < length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      for (at++; at < length; at++) {
        const inside = bytes[at];
        if (inside === QUOTE) break;
        if (inside === BACKSLASH) at++;
      }
    } else if ((byte | BRACKET_BIT) === OPEN_BRACE) {
      if (++depth > deepest) deepest = depth;
    } else if ((byte | BRACKET_BIT) === CLOSE_BRACE && --depth === 0) {
      return { start, end: at + 1, depth: deepest };
    }
  }
  throw ended();
}

function isScalarByte(byte: number | undefined): boolean {
  return byte !== undefined && byte !== COMMA && byte !== CLOSE_BRACE && byte !== CLOSE_BRACKET && !isSpace(byte);
}

function skipValue(bytes: Buffer, start: number): Span {
  const first = bytes[start];
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipContainer(bytes, start);
  if (first === QUOTE) return { start, end: skipString(bytes, start), depth: 0 };
  let end = start;
  while (isScalarByte(bytes[end])) end++;
  if (end === start) throw unexpected(bytes, start);
  return { start, end, depth: 0 };
}

function keyAt(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start + 1, end - 1);
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    throw unexpected(bytes, start);
  }
}

/** Walks the members of the object or array that begins here; `visit` skips a value and tells where it ends. */
function walk(bytes: Buffer, start: number, visit: (key: string, start: number) => number): number {
  const isObject = bytes[start] === OPEN_BRACE;
  const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === close) return at + 1;
  for (;;) {
    let key = '';
    if (isObject) {
      if (bytes[at] !== QUOTE) throw unexpected(bytes, at);
      const end = skipString(bytes, at);
      key = keyAt(bytes, at, end);
      at = skipSpace(bytes, end);
      if (bytes[at] !== COLON) throw unexpected(bytes, at);
      at = skipSpace(bytes, at + 1);
    }
    at = skipSpace(bytes, visit(key, at));
    if (bytes[at] === close) return at + 1;
    if (bytes[at] !== COMMA) throw unexpected(bytes, at);
    at = skipSpace(bytes, at + 1);
  }
}

/** Of a key that comes twice the last value counts, in the place of the first, as with `JSON.parse`. */
function withoutRepeats(members: Member[]): Member[] {
  const last = new Map(members.map((member) => [member.key, member]));
  return last.size === members.length ? members : [...last.values()];
}

function open(bytes: Buffer, start: number): TopLevel {
  const members: Member[] = [];
  const isObject = bytes[start] === OPEN_BRACE;
  let depth = 0;
  const end = walk(bytes, start, (key, from) => {
    const span = skipValue(bytes, from);
    if (span.depth > depth) depth = span.depth;
    members.push({ key, start: span.start, end: span.end, depth: span.depth });
    return span.end;
  });
  return { start, end, depth: depth + 1, members: isObject ? withoutRepeats(members) : members, isObject };
}

const isContainer = (byte: number | undefined) => byte === OPEN_BRACE || byte === OPEN_BRACKET;

/**
 * The top-level values of a JSON object by key, and the members of those that are to be opened. Of a key that comes
 * twice the last one counts, as with `JSON.parse`.
 * @throws ScanError when the bytes are not one whole JSON object.
 */
export function scan(bytes: Buffer, isOpened: (key: string) => boolean): Map<string, TopLevel> {
  const found = new Map<string, TopLevel>();
  const start = skipSpace(bytes, 0);
  if (bytes[start] !== OPEN_BRACE) throw unexpected(bytes, start);
  const end = walk(bytes, start, (key, from) => {
    const isObject = bytes[from] === OPEN_BRACE;
    const value =
      isOpened(key) && isContainer(bytes[from])
        ? open(bytes, from)
        : { ...skipValue(bytes, from), members: null, isObject };
    found.set(key, value);
    return value.end;
  });
  const rest = skipSpace(bytes, end);
  if (rest < bytes.length) throw unexpected(bytes, rest);
  return found;
}

/** The first member of a JSON object of which only the beginning is there; null when it is not whole, or none is. */
export function firstMember(bytes: Buffer): Member | null {
  const brace = skipSpace(bytes, 0);
  const at = skipSpace(bytes, brace + 1);
  if (bytes[brace] !== OPEN_BRACE || bytes[at] !== QUOTE) return null;
  try {
    const end = skipString(bytes, at);
    const colon = skipSpace(bytes, end);
    if (bytes[colon] !== COLON) return null;
    return { key: keyAt(bytes, at, end), ...skipValue(bytes, skipSpace(bytes, colon + 1)) };
  } catch (error) {
    if (error instanceof ScanError) return null;
    throw error;
  }
}
