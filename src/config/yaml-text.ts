import { type ErrorCode, LineCounter, parseDocument } from 'yaml';
import { FatalError } from '../domain/errors.ts';

// The parser's own messages repeat pieces of the text, and a piece of this text may be a token: hence our own words.
const REASONS: Partial<Record<ErrorCode, string>> = {
  BAD_DQ_ESCAPE: 'a backslash in double quotes starts no known escape; use single quotes, or write \\\\',
  BAD_INDENT: 'the indentation does not fit the lines above',
  BAD_SCALAR_START: 'a value that starts with a special character needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a value that holds ": " needs quotes, and a nested key a line of its own',
  DUPLICATE_KEY: 'a key is given twice',
  MISSING_CHAR:
    'something is missing: a ":" with a space after the key, a closing quote or bracket, or quotes around a value inside [ ] or { }',
  MULTILINE_IMPLICIT_KEY: 'a key needs ": " (with the space) after it, on the same line',
  MULTIPLE_DOCS: 'there is a second document ("---"); only one is read',
  NON_STRING_KEY: 'a key must be plain text',
  TAB_AS_INDENT: 'a tab is used as indentation; use spaces',
  TAG_RESOLVE_FAILED: 'tags ("!name") are not supported',
  UNEXPECTED_TOKEN: 'something stands where it cannot; a value that holds any of { } [ ] , : # may need quotes',
};

const decode = (bytes: Uint8Array, file: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FatalError(`The configuration ${file} is not UTF-8 text; save it as UTF-8.`, { cause });
  }
};

/** The plain value that a file's YAML stands for (null for an empty file); FatalError with the line when it is not YAML. */
export const parseYaml = (bytes: Uint8Array, file: string): unknown => {
  const lineCounter = new LineCounter();
  const document = parseDocument(decode(bytes, file), {
    lineCounter,
    merge: true,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  });
  const [error] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    const reason = REASONS[error.code] ?? 'the text cannot be read';
    throw new FatalError(`The configuration ${file} is not valid YAML at line ${line}, column ${col}: ${reason}.`);
  }
  try {
    const value: unknown = document.toJS();
    // Refuses an alias that holds itself, which would make every later walk over the value endless.
    JSON.stringify(value);
    return value;
  } catch {
    throw new FatalError(
      `The configuration ${file} is not valid YAML: an alias ("*name") has no anchor ("&name") before it, or stands for itself or for too much; quote a value that starts with "*".`,
    );
  }
};
