import { readIntegration } from './integration.ts';
import { type Path, type Problem, refusal } from './problems.ts';
import { emptyVariable, isVariableName, variable } from './secrets.ts';
import type { IntegrationConfig } from './types.ts';

type Flag = string | undefined;

/** The flags that describe one integration, as an argument parser hands them over. */
export type IntegrationFlags = {
  readonly name?: Flag;
  readonly accessUrl?: Flag;
  readonly discoveryUrl?: Flag;
  readonly adminUrl?: Flag;
  readonly accountId?: Flag;
  readonly projectId?: Flag;
  readonly environmentId?: Flag;
  readonly jobId?: Flag;
  readonly source?: Flag;
  /** Name of the environment variable that holds the token; a token itself is never taken from the command line. */
  readonly tokenEnv?: Flag;
  readonly tokenFile?: Flag;
  /** A folder with artifacts, in place of everything that is asked of the dbt platform. */
  readonly artifacts?: Flag;
  /** False: only the last state is taken. */
  readonly runHistory?: boolean | undefined;
};

const UNLIKE_KEYS: Readonly<Record<string, string>> = {
  token: '--token-env',
  artifacts_dir: '--artifacts',
  run_history: '--no-run-history',
};

const flagName = (path: Path): string => {
  const key = String(path[0]);
  return UNLIKE_KEYS[key] ?? `--${key.replaceAll('_', '-')}`;
};

const problemsWithVariable = (name: Flag, value: Flag): Problem[] => {
  if (name === undefined || (value !== undefined && value !== '')) return [];
  const isEmpty = value === '';
  const named = isEmpty ? emptyVariable(name) : `names the environment variable ${name}, which is not set`;
  const text =
    isEmpty || isVariableName(name)
      ? named
      : 'must be the name of an environment variable that holds the token; there is none of the name given';
  return [{ path: ['token'], text }];
};

/**
 * The integration that flags describe (name `default` unless told), checked by the rules of the file.
 * Relative paths start at `cwd`. Throws FatalError with a sentence per wrong flag.
 */
export const integrationFromFlags = async (
  flags: IntegrationFlags,
  env: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): Promise<IntegrationConfig> => {
  const { tokenEnv } = flags;
  const token = tokenEnv === undefined ? undefined : variable(tokenEnv, env);
  const missing = problemsWithVariable(tokenEnv, token);
  const raw = {
    name: flags.name ?? 'default',
    access_url: flags.accessUrl,
    discovery_url: flags.discoveryUrl,
    admin_url: flags.adminUrl,
    account_id: flags.accountId,
    project_id: flags.projectId,
    environment_id: flags.environmentId,
    job_id: flags.jobId,
    source: flags.artifacts === undefined ? flags.source : 'files',
    artifacts_dir: flags.artifacts,
    run_history: flags.runHistory === false ? false : undefined,
    token,
    token_file: flags.tokenFile,
  };
  const { value, problems } = await readIntegration(raw, { path: [], label: flagName, folder: cwd });
  if (value && missing.length === 0) return value;
  throw refusal('The flags do not describe an integration', [...missing, ...problems], flagName);
};
