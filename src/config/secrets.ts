import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Secret } from '../domain/secret.ts';
import { interpolate } from './interpolate.ts';
import { tokenInFile, tokenOf } from './token.ts';
import { parseYaml } from './yaml-text.ts';

/** A token, or a sentence on why there is none. */
export type TokenFound = { readonly secret: Secret } | { readonly problem: string };

type Keys = Readonly<Record<string, unknown>>;

const isKeys = (raw: unknown): raw is Keys => typeof raw === 'object' && raw !== null && !Array.isArray(raw);

const found = (key: string, result: Awaited<ReturnType<typeof tokenInFile>>): TokenFound =>
  'token' in result ? { secret: result.token } : { problem: `${key} ${result.problem}.` };

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

/** The token that a variable of the environment holds. */
export const tokenInVariable = (name: string, env: NodeJS.ProcessEnv = process.env): TokenFound => {
  const text = variable(name, env);
  if (text === undefined) return { problem: `The environment variable ${name} is not set here.` };
  return found(`The environment variable ${name}`, tokenOf(text));
};

/** A variable of the environment; undefined when it is not set. */
export const variable = (name: string, env: NodeJS.ProcessEnv = process.env): string | undefined =>
  Object.hasOwn(env, name) ? env[name] : undefined;
