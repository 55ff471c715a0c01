import type { Secret } from '../domain/secret.ts';
import type { Label, Outcome, Path, Problem } from './problems.ts';
import { integrationSchema, isUnsupportedSource, problemsOf } from './schema.ts';
import { tokenInFile, tokenOf } from './token.ts';
import type { IntegrationConfig } from './types.ts';

export type Keys = Readonly<Record<string, unknown>>;

/** Where an integration stands, how its keys are called, and the folder that relative paths start at. */
type Place = { readonly path: Path; readonly label: Label; readonly folder: string };

/** Whether a piece of a file holds keys and values. */
export const isKeys = (raw: unknown): raw is Keys => typeof raw === 'object' && raw !== null && !Array.isArray(raw);

/** What one key alone cannot show: keys that need or exclude each other. */
const relationProblems = (raw: Keys, { path, label }: Place): Problem[] => {
  const has = (key: string): boolean => raw[key] !== undefined;
  const name = (key: string): string => label([...path, key]);
  const problems: Problem[] = [];
  if (!has('access_url') && !has('discovery_url')) {
    problems.push({ path: [...path, 'access_url'], text: `is required (or ${name('discovery_url')})` });
  }
  if (!has('token') && !has('token_file')) {
    problems.push({ path: [...path, 'token'], text: `is required (or ${name('token_file')})` });
  }
  if (has('token') && has('token_file')) {
    problems.push({ path: [...path, 'token'], text: `and ${name('token_file')} exclude each other: give one of them` });
  }
  return problems;
};

const readToken = async (raw: Keys, { path, folder }: Place): Promise<Outcome<Secret>> => {
  const key = typeof raw.token === 'string' ? 'token' : 'token_file';
  const text = raw[key];
  if (typeof text !== 'string' || (key === 'token_file' && text === '')) return { problems: [] };
  const result = key === 'token' ? tokenOf(text) : await tokenInFile(text, folder);
  if ('token' in result) return { value: result.token, problems: [] };
  return { problems: [{ path: [...path, key], text: result.problem }] };
};

/** Checks one integration, from the file or from flags; its value is there exactly when there is no problem. */
export const readIntegration = async (raw: unknown, place: Place): Promise<Outcome<IntegrationConfig>> => {
  const parsed = integrationSchema.safeParse(raw);
  const problems = parsed.success ? [] : problemsOf(parsed.error, place.path);
  if (!isKeys(raw)) return { problems };
  // What a kind of source that does not exist yet would need is not asked for: its one refusal says it all.
  if (isUnsupportedSource(raw.source))
    return { problems: problems.filter(({ text }) => !text.startsWith('is required')) };
  const token = await readToken(raw, place);
  problems.push(...relationProblems(raw, place), ...token.problems);
  if (!parsed.success || !token.value || problems.length > 0) return { problems };
  const { data } = parsed;
  const value: IntegrationConfig = {
    name: data.name,
    accessUrl: data.access_url,
    discoveryUrl: data.discovery_url,
    accountId: data.account_id,
    projectId: data.project_id,
    environmentId: data.environment_id,
    jobId: data.job_id,
    token: token.value,
    source: data.source,
    schedule: data.schedule,
    timeZone: data.time_zone,
    maxRemovalRatio: data.max_removal_ratio,
  };
  return { value, problems };
};
