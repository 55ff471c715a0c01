import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Secret } from '../domain/secret.ts';
import { interpolate } from './interpolate.ts';
import { isKeys, type Keys } from './keys.ts';
import { tokenInFile, tokenOf } from './token.ts';
import { parseYaml } from './yaml-text.ts';

/** A token, or a sentence on why there is none. */
export type TokenFound = { readonly secret: Secret } | { readonly problem: string };

const found = (key: string, result: Awaited<ReturnType<typeof tokenInFile>>): TokenFound =>
  'token' in result ? { secret: result.token } : { problem: `${key} ${result.problem}.` };

/** The variable that a text is nothing but a reference to. */
const referenceOf = (raw: unknown): string | undefined =>
  typeof raw === 'string' ? /^\s*\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-)?\}\s*$/.exec(raw)?.[1] : undefined;

/** What is wrong with a variable that is set to nothing, to be read after the name of the key or flag that names it. */
export const emptyVariable = (name: string): string => `names the environment variable ${name}, which is empty`;

const tokenOfKeys = async ({ token, token_file: path }: Keys, env: NodeJS.ProcessEnv, folder: string) => {
  const has = [token, path].filter((value) => value !== undefined).length;
  if (has !== 1)
    return {
      problem:
        has === 0 ? 'token is required (or token_file).' : 'token and token_file exclude each other: give one of them.',
    };
  const key = token === undefined ? 'token_file' : 'token';
  const { value, problems } = interpolate(token ?? path, env);
  const [problem] = problems;
  if (problem !== undefined) return { problem: `${key} ${problem.text}.` };
  const name = referenceOf(token ?? path);
  if (value === '' && name !== undefined) return { problem: `${key} ${emptyVariable(name)}.` };
  if (typeof value !== 'string' || value === '') return { problem: `${key} must be text that is not empty.` };
  return found(key, key === 'token' ? tokenOf(value) : await tokenInFile(value, folder));
};

/**
 * The token of each integration of a configuration file, by the integration's name. The rest of the file has been checked
 * before; what is wrong with a token is told instead of it, without any piece of it.
 */
export const tokensOfFile = async (
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ReadonlyMap<string, TokenFound>> => {
  const tree = parseYaml(await readFile(file), file);
  const items = isKeys(tree) && Array.isArray(tree.integrations) ? tree.integrations.filter(isKeys) : [];
  const entries = items.map(async (keys): Promise<[string, TokenFound]> => {
    const name = interpolate(keys.name, env).value;
    return [String(name), await tokenOfKeys(keys, env, dirname(file))];
  });
  return new Map(await Promise.all(entries));
};

/** The environment variable that a file names as the whole of `database.url`, if that is set to nothing. */
export const emptyDatabaseVariable = async (
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> => {
  const tree = parseYaml(await readFile(file), file);
  const name = isKeys(tree) && isKeys(tree.database) ? referenceOf(tree.database.url) : undefined;
  return name !== undefined && variable(name, env)?.trim() === '' ? name : undefined;
};

/** The token that a variable of the environment holds. */
export const tokenInVariable = (name: string, env: NodeJS.ProcessEnv = process.env): TokenFound => {
  const text = variable(name, env);
  if (text === undefined) return { problem: `The environment variable ${name} is not set here.` };
  return found(`The environment variable ${name}`, tokenOf(text));
};

/** A variable of the environment; undefined when it is not set. */
export const variable = (name: string, env: NodeJS.ProcessEnv = process.env): string | undefined =>
  Object.hasOwn(env, name) ? env[name] : undefined;

/**
 * Whether a text may be shown and written as the name of a variable: one in capitals. A secret that was given where its
 * variable's name belongs is not, because tokens and URLs have small letters.
 */
export const isVariableName = (text: string): boolean => /^[A-Z_][A-Z0-9_]{0,40}$/.test(text);
