import { integrationSchema, LONGEST_NAME, problemsOf } from '../config/schema.ts';
import { isVariableName } from '../config/secrets.ts';
import { withScheme } from '../config/urls.ts';
import { accessUrlOfApi } from '../sources/hosts.ts';

/** The answers as they were typed or given by flags. */
export interface Draft {
  readonly accessUrl?: string | undefined;
  readonly discoveryUrl?: string | undefined;
  readonly accountId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly environmentId?: string | undefined;
  readonly tokenEnv?: string | undefined;
  readonly name?: string | undefined;
  readonly schedule?: string | undefined;
  readonly timeZone?: string | undefined;
  /** Variable with the database's URL; empty for an embedded one. */
  readonly databaseEnv?: string | undefined;
  /** A name that follows from what dbt calls things, for who gives none. */
  readonly nameProposal?: string | undefined;
}

export type Answer = Exclude<keyof Draft, 'nameProposal'>;

/** Stands for the embedded PostgreSQL where the name of a variable is asked for and has a default. */
export const NO_DATABASE = 'none';
const NOT_A_VARIABLE =
  'must be the name of an environment variable in capitals, such as DBT_TOKEN, and not the value itself';

/** Keys of the file, by the answers that go into them. */
export const KEYS = {
  name: 'name',
  accessUrl: 'access_url',
  discoveryUrl: 'discovery_url',
  accountId: 'account_id',
  projectId: 'project_id',
  environmentId: 'environment_id',
  schedule: 'schedule',
  timeZone: 'time_zone',
} as const;

/** What is wrong with one answer, by the rules of the file; the answer itself is not repeated. */
export function problemWith(answer: Answer, text: string): string | undefined {
  if (answer === 'databaseEnv' && (text === '' || text === NO_DATABASE)) return undefined;
  if (answer === 'tokenEnv' || answer === 'databaseEnv') return isVariableName(text) ? undefined : NOT_A_VARIABLE;
  const read = integrationSchema.shape[KEYS[answer]].safeParse(text);
  return read.success ? undefined : problemsOf(read.error, [])[0]?.text;
}

/** A number in the path or the fragment of an address of the dbt platform. */
function numberAfter(word: string, { pathname, hash }: URL): string | undefined {
  return new RegExp(`/(?:${word})/([1-9]\\d{0,15})(?:/|$)`).exec(`${pathname}${hash}/`)?.[1];
}

/**
 * Everything that an address tells. People paste what the browser shows, which has the ids in its path, or the address
 * of an API: `https://ab123.us1.dbt.com/deploy/1/projects/2/environments/3`.
 */
export function readAddress(text: string): Pick<Draft, 'accessUrl' | 'accountId' | 'projectId' | 'environmentId'> {
  const url = new URL(withScheme(text.trim()));
  const [accountId, projectId, environmentId] = ['deploy|accounts|develop', 'projects', 'environments'].map((word) =>
    numberAfter(word, url),
  );
  return {
    accessUrl: accessUrlOfApi(url.href) ?? url.origin,
    ...(accountId !== undefined && { accountId }),
    ...(projectId !== undefined && { projectId }),
    ...(environmentId !== undefined && { environmentId }),
  };
}

/** A name out of what dbt calls things: `Jaffle Shop`, `Production` become `jaffle-shop-production`. */
export function nameOf(...words: readonly (string | null | undefined)[]): string {
  const text = words.filter((word) => word != null).join('-');
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const name = plain.replaceAll(/[^a-z0-9_]+/g, '-').replaceAll(/^[-_]+/g, '');
  return name.slice(0, LONGEST_NAME).replace(/-+$/, '') || 'analytics-prod';
}
