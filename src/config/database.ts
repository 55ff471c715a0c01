import { join } from 'node:path';
import { Secret } from '../domain/secret.ts';
import type { Outcome } from './problems.ts';
import type { DatabaseConfig } from './types.ts';
import { databaseUrlProblem } from './urls.ts';

type Choices = {
  /** `--database-url` */
  readonly flag: string | undefined;
  /** `DATABASE_URL`; an empty one counts as not set. */
  readonly variable: string | undefined;
  /** What the file says, already checked; undefined when there is no file. */
  readonly file: { readonly url?: string | undefined } | undefined;
  /** Folder of the file, or the working directory. */
  readonly folder: string;
};

const fromUrl = (url: string, origin: string): Outcome<DatabaseConfig> => {
  const text = databaseUrlProblem(url);
  if (text !== undefined) return { problems: [{ path: [origin], text }] };
  return { value: { kind: 'url', url: new Secret(url.trim()) }, problems: [] };
};

/**
 * The flag before all. Then the file alone, when there is one: a variable set for something else must not move the
 * store. `DATABASE_URL` counts only without a file. Else the embedded PostgreSQL beside the file.
 */
export const chooseDatabase = ({ flag, variable, file, folder }: Choices): Outcome<DatabaseConfig> => {
  if (flag !== undefined) return fromUrl(flag, '--database-url');
  if (file?.url !== undefined) return { value: { kind: 'url', url: new Secret(file.url.trim()) }, problems: [] };
  if (!file && variable) return fromUrl(variable, 'DATABASE_URL');
  return { value: { kind: 'embedded', directory: join(folder, '.dbt-observer') }, problems: [] };
};
