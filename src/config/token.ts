import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Secret } from '../domain/secret.ts';

const REASONS: Record<string, string> = {
  ENOENT: 'names a file that does not exist',
  EACCES: 'names a file that may not be read by this user',
  EISDIR: 'names a folder, not a file',
};

type Token = { readonly token: Secret } | { readonly problem: string };

/** What a text is to hold, for the sentence that says that it does not. */
export type TokenKind = 'dbt token' | 'webhook secret';

/** The token that a text holds, without line breaks at its end (files and secret stores like to add one). */
export const tokenOf = (text: string, kind: TokenKind = 'dbt token'): Token => {
  const token = text.replace(/[\r\n]+$/, '');
  if (token === '') return { problem: `is empty: it must hold a ${kind}` };
  if (/^[\x21-\x7e]+$/.test(token)) return { token: new Secret(token) };
  return { problem: `holds a space, a line break or another character that no ${kind.replace(/^\w+ /, '')} has` };
};

/** The token in a file; a relative path starts at `folder`. The path is not repeated: it may be a token put in the wrong place. */
export const tokenInFile = async (path: string, folder: string, kind?: TokenKind): Promise<Token> => {
  let text: string;
  try {
    text = await readFile(resolve(folder, path), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { problem: `${REASONS[code] ?? 'names a file that cannot be read'} (relative paths start at ${folder})` };
  }
  const result = tokenOf(text, kind);
  return 'token' in result ? result : { problem: `names a file that ${result.problem}` };
};
