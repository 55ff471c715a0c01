import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FatalError } from '../domain/errors.ts';
import { chooseDatabase } from './database.ts';
import { readIntegration } from './integration.ts';
import { interpolate } from './interpolate.ts';
import { isKeys, type Keys } from './keys.ts';
import { keyPath, type Problem, refusal } from './problems.ts';
import { fileSchema, problemsOf } from './schema.ts';
import type { Config, IntegrationConfig } from './types.ts';
import { parseYaml } from './yaml-text.ts';

const DEFAULT_FILE = 'dbt-observer.yaml';

/** Where the configuration may come from; what is left out comes from the process. */
export type LoadOptions = {
  /** `--config`: the file to read, relative to `cwd`. */
  readonly path?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string | undefined;
  /** `--database-url`: wins over everything else, which is then not even checked. */
  readonly databaseUrl?: string | undefined;
  /** False for commands that only read the store: people who may do that need not hold the tokens. Default true. */
  readonly tokens?: boolean | undefined;
  /** False for whoever takes no webhooks, and need not hold their secrets: no integration has any then. Default true. */
  readonly webhooks?: boolean | undefined;
};

type Integrations = { readonly list: readonly IntegrationConfig[]; readonly problems: readonly Problem[] };

const readBytes = async (file: string, isNamed: boolean): Promise<Uint8Array | undefined> => {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (code !== 'ENOENT') {
      const advice = 'it must be a file that this user may read';
      throw new FatalError(`The configuration ${file} cannot be read (${code}); ${advice}.`, { cause });
    }
    if (!isNamed) return undefined;
    const advice = 'correct --config or DBT_OBSERVER_CONFIG, or create the file';
    throw new FatalError(`The configuration ${file} does not exist; ${advice}.`, { cause });
  }
};

const withoutDatabaseUrl = (raw: unknown): unknown =>
  isKeys(raw) && isKeys(raw.database) ? { ...raw, database: { ...raw.database, url: undefined } } : raw;

/** The integrations with something else in the place of what is not to be read, so that all the rest is checked as ever. */
const withIntegrations = (raw: unknown, instead: (item: Keys) => Keys): unknown => {
  if (!isKeys(raw) || !Array.isArray(raw.integrations)) return raw;
  const integrations = raw.integrations.map((item: unknown) => (isKeys(item) ? instead(item) : item));
  return { ...raw, integrations };
};

const withoutTokens = (raw: unknown, env: NodeJS.ProcessEnv): unknown =>
  withIntegrations(raw, (item) =>
    interpolate(item.source, env).value === 'files' ? item : { ...item, token: 'not-read', token_file: undefined },
  );

const withoutSecrets = (raw: unknown): unknown =>
  withIntegrations(raw, (item) =>
    isKeys(item.webhook)
      ? { ...item, webhook: { ...item.webhook, secrets: ['not-read'], secret_files: undefined } }
      : item,
  );

const deaf = (integration: IntegrationConfig): IntegrationConfig =>
  integration.source === 'files' ? integration : { ...integration, webhookSecrets: undefined };

const repeatedNames = (list: readonly unknown[]): Problem[] => {
  const first = new Map<unknown, number>();
  return list.flatMap((raw, index) => {
    const name = isKeys(raw) ? raw.name : undefined;
    if (typeof name !== 'string') return [];
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    const text = `is already the name of integrations[${earlier}]`;
    return earlier === undefined ? [] : [{ path: ['integrations', index, 'name'], text }];
  });
};

const readIntegrations = async (raw: unknown, folder: string): Promise<Integrations> => {
  const items: readonly unknown[] = Array.isArray(raw) ? raw : [];
  const outcomes = await Promise.all(
    items.map((item, index) => readIntegration(item, { path: ['integrations', index], label: keyPath, folder })),
  );
  return {
    list: outcomes.flatMap(({ value }) => value ?? []),
    problems: [...outcomes.flatMap(({ problems }) => problems), ...repeatedNames(items)],
  };
};

/**
 * Reads and checks the configuration: the file of `path`, else of `DBT_OBSERVER_CONFIG`, else `dbt-observer.yaml` in the
 * working directory, else none at all. Throws one FatalError with a sentence per problem, which never repeats a value.
 */
export const loadConfig = async (options: LoadOptions = {}): Promise<Config> => {
  const { env = process.env, cwd = process.cwd(), databaseUrl, tokens = true, webhooks = true } = options;
  const named = options.path ?? (env.DBT_OBSERVER_CONFIG || undefined);
  const file = resolve(cwd, named ?? DEFAULT_FILE);
  const bytes = await readBytes(file, named !== undefined);
  const folder = bytes ? dirname(file) : resolve(cwd);

  const parsedTree = bytes ? (parseYaml(bytes, file) ?? {}) : {};
  const heard = webhooks ? parsedTree : withoutSecrets(parsedTree);
  const tree = tokens ? heard : withoutTokens(heard, env);
  const { value: raw, problems } = interpolate(databaseUrl === undefined ? tree : withoutDatabaseUrl(tree), env);
  const parsed = fileSchema.safeParse(raw);
  const integrations = await readIntegrations(isKeys(raw) ? raw.integrations : [], folder);
  const database = chooseDatabase({
    flag: databaseUrl,
    variable: env.DATABASE_URL,
    file: bytes ? (parsed.data?.database ?? {}) : undefined,
    folder,
  });
  const schemaProblems = parsed.success ? [] : problemsOf(parsed.error, []);
  const all = [...problems, ...schemaProblems, ...integrations.problems, ...database.problems];
  if (!parsed.success || !database.value || all.length > 0) {
    throw refusal(`The configuration${bytes ? ` ${file}` : ''} cannot be used`, all, keyPath);
  }
  const { retention } = parsed.data;
  return {
    file: bytes ? file : undefined,
    database: database.value,
    integrations: webhooks ? integrations.list : integrations.list.map(deaf),
    limits: {
      requestsPerMinute: parsed.data.requests_per_minute,
      maxArtifactMb: parsed.data.max_artifact_mb,
    },
    retention: {
      runResultsS: retention.run_results,
      syncRunsS: retention.sync_runs,
      rejectsS: retention.rejects,
      webhookEventsS: retention.webhook_events,
    },
    server: parsed.data.server,
    log: parsed.data.log,
    logLevelIsStated: isKeys(raw) && isKeys(raw.log) && raw.log.level !== undefined,
  };
};
