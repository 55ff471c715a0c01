import { existsSync } from 'node:fs';
import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { FatalError } from '../domain/errors.ts';
import { type Draft, KEYS } from './init-draft.ts';

const NOTES: { readonly [key: string]: string } = {
  name: 'shown in every view; a name stays with its environment',
  access_url: 'from "Account settings > Access URLs"; the hosts of the APIs follow from it',
  discovery_url: 'the whole Discovery endpoint, instead of the one that follows',
  account_id: 'an environment of another account is refused',
  project_id: 'an environment of another project is refused',
  environment_id: 'the environment to read',
  token: 'from this environment variable; the token itself does not belong here',
  schedule: 'how often you run the sync; a second missed tick makes the integration stale',
  time_zone: 'the zone that the schedule is read in',
};

/** Where the notes begin. */
const NOTE_COLUMN = 56;

const PLAIN = /^(https?:\/\/[\w.:/-]+|[A-Za-z][\w/-]*|[1-9]\d*)$/;
/** Words that YAML takes for something else than text. */
const RESERVED = /^(true|false|null|yes|no|on|off|y|n|\d+)$/i;

function yamlOf(answer: keyof typeof KEYS, text: string): string {
  const isId = answer.endsWith('Id');
  return PLAIN.test(text) && (isId || !RESERVED.test(text)) ? text : JSON.stringify(text);
}

/** The file that the answers make. It holds names of variables where secrets go. */
export function fileText(draft: Draft): string {
  const { tokenEnv, databaseEnv } = draft;
  const entries: [string, string][] = [];
  for (const [answer, key] of Object.entries(KEYS) as [keyof typeof KEYS, string][]) {
    const text = draft[answer];
    if (text !== undefined && text !== '') entries.push([key, yamlOf(answer, text)]);
    if (key === 'environment_id') entries.push(['token', `\${${tokenEnv}}`]);
  }
  const database =
    databaseEnv === undefined || databaseEnv === ''
      ? ['# Without "database: {url: …}" the store is an embedded PostgreSQL under ./.dbt-observer.']
      : ['database:', noted(`  url: \${${databaseEnv}}`, 'PostgreSQL 14 or later, in a database of its own')];
  const lines = entries.map(([key, value], index) =>
    noted(`${index === 0 ? '  - ' : '    '}${key}: ${value}`, NOTES[key] ?? ''),
  );
  return [
    '# What dbt-observer reads, and where it keeps it. Check with "dbt-observer doctor", run with "dbt-observer sync".',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own spelling
    '# ${NAME} is replaced from the environment. More integrations are further items of the list.',
    ...database,
    'integrations:',
    ...lines,
    '',
  ].join('\n');
}

const noted = (text: string, note: string) => `${text.padEnd(NOTE_COLUMN)}  # ${note}`;

/** @throws FatalError when there is such a file already and it is not to be replaced. */
export function refuseExisting(file: string, force: boolean): void {
  if (force || !existsSync(file)) return;
  throw new FatalError(
    `${file} exists already: add to it by hand, replace it with --force, or name another one with --config.`,
  );
}

/** @throws FatalError when no file can be made there, which nobody wants to hear after the last question. */
export async function refusePlace(file: string): Promise<void> {
  const folder = dirname(file);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new FatalError(`The folder ${folder} is not there: make it, or choose another place with --config.`);
  }
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new FatalError(`This user may not write into ${folder}: choose another place with --config.`, {
      cause,
    });
  }
}

/** Reads the file back as every command will, and only then puts it in its place, whole. */
export async function writeConfig(file: string, draft: Draft, force: boolean): Promise<void> {
  const draftFile = `${file}.${process.pid}.tmp`;
  const { databaseEnv } = draft;
  try {
    await writeFile(draftFile, fileText(draft), { flag: 'wx' });
    // What the variable holds here has been judged before, or is not to be.
    const databaseUrl = databaseEnv ? 'postgresql://127.0.0.1/unused' : undefined;
    const { integrations } = await loadConfig({ path: draftFile, tokens: false, webhooks: false, databaseUrl });
    if (integrations.length !== 1) throw new FatalError('What was written is not what was answered.');
    refuseExisting(file, force);
    await rename(draftFile, file);
  } catch (error) {
    await rm(draftFile, { force: true });
    if (error instanceof FatalError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new FatalError(`${file} cannot be written (${why}): choose another place with --config.`, { cause: error });
  }
}
