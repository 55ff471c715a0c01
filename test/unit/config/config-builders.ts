import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, expect } from 'vitest';
import { stringify } from 'yaml';
import type { IntegrationConfig, PlatformIntegration } from '../../../src/config/types.ts';
import { FatalError } from '../../../src/domain/errors.ts';

export const TOKEN = 'dbtc_S3cretOfTheTests';

type Keys = Record<string, unknown>;

/** An integration of the file with all it needs; a key given as undefined is left out. */
export const integration = (changes: Keys = {}): Keys => ({
  name: 'prod',
  access_url: 'https://ab123.us1.dbt.com',
  environment_id: 70403103966027,
  token: TOKEN,
  ...changes,
});

/** An integration that reads the dbt platform, by its type too. */
export const platformOf = (one: IntegrationConfig | undefined): PlatformIntegration => {
  if (one === undefined || one.source === 'files') throw new Error('expected an integration of the dbt platform');
  return one;
};

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder of its own with these files, gone after the test. */
export const folderWith = async (files: Record<string, string | Uint8Array> = {}): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'dbt-observer-config-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
};

/** A folder whose `dbt-observer.yaml` says what `content` does (YAML text, or a value to be written as YAML). */
export const folderOf = async (content: string | Uint8Array | Keys, files: Record<string, string> = {}) =>
  folderWith({
    'dbt-observer.yaml': typeof content === 'string' || content instanceof Uint8Array ? content : stringify(content),
    ...files,
  });

/** The message of the FatalError that `work` ends in; nothing of the error may show the tests' token. */
export const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FatalError)) throw new Error(`expected a FatalError, got ${inspect(error)}`);
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain(TOKEN);
  return error.message;
};

/** The sentences of a refusal, without its heading. */
export const sentencesOf = async (work: Promise<unknown>): Promise<string[]> => {
  const [, ...lines] = (await refusalOf(work)).split('\n');
  return lines.map((line) => line.trim());
};
