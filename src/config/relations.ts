import type { Keys } from './keys.ts';
import type { Label, Path, Problem } from './problems.ts';
import { ID } from './schema.ts';

/** Where an integration stands, and how its keys are called. */
type Place = { readonly path: Path; readonly label: Label };

/** Keys that say how the dbt platform is asked, and for what. */
const PLATFORM_KEYS = [
  'access_url',
  'discovery_url',
  'admin_url',
  'account_id',
  'project_id',
  'environment_id',
  'job_id',
  'token',
  'token_file',
  'discovery_lag',
  'run_history',
  'webhook',
] as const;

type Asked = {
  readonly has: (key: string) => boolean;
  readonly value: (key: string) => unknown;
  /** What a key is called, towards the reader. */
  readonly name: (key: string) => string;
};

type Found = { readonly key: string; readonly text: string };

const ofFiles = ({ has, name }: Asked): Found[] => {
  const dir = name('artifacts_dir');
  const foreign = PLATFORM_KEYS.filter(has).map((key) => ({
    key,
    text: `means nothing to a folder (${dir}): remove it`,
  }));
  const missing = { key: 'artifacts_dir', text: "is required: dbt's target folder, or any other with its artifacts" };
  return has('artifacts_dir') ? foreign : [missing, ...foreign];
};

/** The APIs that a source asks need their addresses. */
const addresses = (source: unknown, { has, name }: Asked): Found[] => {
  const hasAdmin = has('access_url') || has('admin_url');
  if (source === 'artifacts') {
    const text = `is required (or ${name('admin_url')}): artifacts come from the Admin API`;
    if (!hasAdmin) return [{ key: 'access_url', text }];
  } else if (!has('access_url') && !has('discovery_url')) {
    return [{ key: 'access_url', text: `is required (or ${name('discovery_url')})` }];
  }
  if (has('environment_id') || hasAdmin) return [];
  const way = `(or ${name('access_url')}, for the production environment to be looked up)`;
  return [{ key: 'environment_id', text: `is required: ${ID} ${way}` }];
};

const ofPlatform = (source: unknown, asked: Asked): Found[] => {
  const { has, value, name } = asked;
  const found = addresses(source, asked);
  if (!has('token') && !has('token_file')) {
    found.push({ key: 'token', text: `is required (or ${name('token_file')})` });
  }
  if (has('token') && has('token_file')) {
    found.push({ key: 'token', text: `and ${name('token_file')} exclude each other: give one of them` });
  }
  const isWanted = String(value('run_history')) === 'true';
  if (isWanted && !has('access_url') && !has('admin_url')) {
    found.push({
      key: 'run_history',
      text: `needs ${name('access_url')} or ${name('admin_url')}: runs come from the Admin API`,
    });
  }
  if (has('artifacts_dir')) found.push({ key: 'artifacts_dir', text: `needs ${name('source')}: files` });
  return found;
};

/** What one key of an integration alone cannot show: keys that need or exclude each other. */
export const relationProblems = (raw: Keys, { path, label }: Place): Problem[] => {
  const asked: Asked = {
    has: (key) => raw[key] !== undefined,
    value: (key) => raw[key],
    name: (key) => label([...path, key]),
  };
  const found = raw.source === 'files' ? ofFiles(asked) : ofPlatform(raw.source, asked);
  return found.map(({ key, text }) => ({ path: [...path, key], text }));
};
