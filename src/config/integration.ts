import { resolve } from 'node:path';
import type { z } from 'zod';
import type { Secret } from '../domain/secret.ts';
import { isKeys, type Keys } from './keys.ts';
import type { Label, Outcome, Path } from './problems.ts';
import { relationProblems } from './relations.ts';
import { integrationSchema, problemsOf } from './schema.ts';
import { tokenInFile, tokenOf } from './token.ts';
import type { FilesIntegration, IntegrationConfig, PlatformIntegration } from './types.ts';

/** Where an integration stands, how its keys are called, and the folder that relative paths start at. */
type Place = { readonly path: Path; readonly label: Label; readonly folder: string };

type Checked = z.output<typeof integrationSchema>;

const DISCOVERY_LAG_S = 1_800;

const readToken = async (raw: Keys, { path, folder }: Place): Promise<Outcome<Secret>> => {
  const key = typeof raw.token === 'string' ? 'token' : 'token_file';
  const text = raw[key];
  if (typeof text !== 'string' || (key === 'token_file' && text === '')) return { problems: [] };
  const result = key === 'token' ? tokenOf(text) : await tokenInFile(text, folder);
  if ('token' in result) return { value: result.token, problems: [] };
  return { problems: [{ path: [...path, key], text: result.problem }] };
};

/** Every secret that may have signed, wherever it lies. */
const readWebhookSecrets = async (raw: Keys, { path, folder }: Place): Promise<Outcome<readonly Secret[]>> => {
  const { webhook } = raw;
  if (!isKeys(webhook)) return { value: [], problems: [] };
  const found = ['secrets', 'secret_files'].flatMap((key) => {
    const list: readonly unknown[] = Array.isArray(webhook[key]) ? webhook[key] : [];
    return list.map(async (text, index): Promise<Outcome<Secret>> => {
      if (typeof text !== 'string') return { problems: [] };
      const isFile = key === 'secret_files';
      const result = isFile ? await tokenInFile(text, folder, 'webhook secret') : tokenOf(text, 'webhook secret');
      if ('token' in result) return { value: result.token, problems: [] };
      return { problems: [{ path: [...path, 'webhook', key, index], text: result.problem }] };
    });
  });
  if (found.length === 0) {
    return { problems: [{ path: [...path, 'webhook'], text: 'holds no secret: give secrets or secret_files' }] };
  }
  const outcomes = await Promise.all(found);
  return {
    value: outcomes.flatMap(({ value }) => value ?? []),
    problems: outcomes.flatMap(({ problems }) => problems),
  };
};

const common = ({ name, schedule, time_zone, max_removal_ratio }: Checked) => ({
  name,
  schedule,
  timeZone: time_zone,
  maxRemovalRatio: max_removal_ratio,
});

const filesOf = (data: Checked, folder: string): FilesIntegration | undefined =>
  data.artifacts_dir === undefined
    ? undefined
    : { ...common(data), source: 'files', artifactsDir: resolve(folder, data.artifacts_dir) };

type Secrets = { readonly token: Secret | undefined; readonly webhookSecrets: readonly Secret[] };

const platformOf = (data: Checked, { token, webhookSecrets }: Secrets): PlatformIntegration | undefined =>
  data.source === 'files' || token === undefined
    ? undefined
    : {
        ...common(data),
        accessUrl: data.access_url,
        discoveryUrl: data.discovery_url,
        adminUrl: data.admin_url,
        accountId: data.account_id,
        projectId: data.project_id,
        environmentId: data.environment_id,
        jobId: data.job_id,
        token,
        source: data.source,
        discoveryLagS: data.discovery_lag ?? DISCOVERY_LAG_S,
        runHistory: data.run_history ?? true,
        ...(webhookSecrets.length > 0 && { webhookSecrets }),
      };

/** Checks one integration, from the file or from flags; its value is there exactly when there is no problem. */
export const readIntegration = async (raw: unknown, place: Place): Promise<Outcome<IntegrationConfig>> => {
  const parsed = integrationSchema.safeParse(raw);
  const problems = parsed.success ? [] : problemsOf(parsed.error, place.path);
  if (!isKeys(raw)) return { problems };
  const isFiles = raw.source === 'files';
  const token: Outcome<Secret> = isFiles ? { problems: [] } : await readToken(raw, place);
  // What a source needs is not asked for while nobody knows which one is meant.
  const isSourceKnown = !problems.some(({ path }) => path.at(-1) === 'source');
  const secrets: Outcome<readonly Secret[]> = isFiles ? { problems: [] } : await readWebhookSecrets(raw, place);
  problems.push(...(isSourceKnown ? relationProblems(raw, place) : []), ...token.problems, ...secrets.problems);
  if (!parsed.success || problems.length > 0) return { problems };
  const value = isFiles
    ? filesOf(parsed.data, place.folder)
    : platformOf(parsed.data, { token: token.value, webhookSecrets: secrets.value ?? [] });
  return value === undefined ? { problems } : { value, problems };
};
