import type { Command } from 'commander';
import type { Metrics } from '../app/metrics.ts';
import { type App, hasDatabase, openApp } from '../app.ts';
import { loadConfig } from '../config/load.ts';
import { suggest } from '../config/suggest.ts';
import type { Config } from '../config/types.ts';
import { FatalError } from '../domain/errors.ts';
import { createLogger, type Logger } from '../log.ts';
import { type Reader, readSnapshot } from '../store/read/snapshot.ts';
import type { Io } from './io.ts';

/** Options that every command has. */
export interface CommonOptions {
  readonly config?: string;
  readonly databaseUrl?: string;
}

/** Adds the options of every command, and its example. */
export function common(command: Command, example: string): Command {
  return command
    .option('--config <path>', 'configuration file (default: dbt-observer.yaml, or DBT_OBSERVER_CONFIG)')
    .option('--database-url <url>', 'PostgreSQL to use instead of the configured one')
    .option('--json', 'print nothing but the result, as one JSON document')
    .addHelpText('after', `\nExample:\n  $ dbt-observer ${example}`);
}

/** Reads the configuration that the options name. Only a command that asks dbt needs `tokens`, only a server `webhooks`. */
export async function readConfig(
  io: Io,
  { config: path, databaseUrl }: CommonOptions,
  { tokens = false, webhooks = false } = {},
): Promise<Config> {
  requireDirectory();
  const config = await loadConfig({ path, databaseUrl, tokens, webhooks });
  io.debug = config.log.level === 'debug';
  return config;
}

/** @throws FatalError when the working directory was deleted, because relative paths then lead nowhere. */
function requireDirectory(): void {
  try {
    process.cwd();
  } catch (cause) {
    throw new FatalError('The working directory does not exist any more: change to one that does.', { cause });
  }
}

/** What a command that runs all the time wants otherwise than one that ends by itself. */
export interface Running {
  /** Its log is all it has to say. */
  readonly isTalking?: boolean;
  readonly connections?: number;
  readonly metrics?: Metrics;
}

/** Opens everything for a command and closes it again, whatever happens. */
export async function withApp<Result>(
  io: Io,
  config: Config,
  work: (app: App, logger: Logger) => Promise<Result>,
  { isTalking = false, connections, metrics }: Running = {},
): Promise<Result> {
  const { level, format } = config.log;
  // Machines that ask for JSON get lines of the log only where the file asks for them.
  const silent = io.json && !config.logLevelIsStated && !isTalking;
  // On a terminal the progress line and the summary tell what the lines of level info would.
  const quiet = io.isTerminal && !io.json && level === 'info' && !isTalking;
  const written = format === 'auto' ? (io.isTerminal && !(isTalking && io.json) ? 'pretty' : 'json') : format;
  const logger = createLogger({
    level: quiet ? 'warn' : level,
    format: written,
    // A progress line may stand where the log is written.
    write: silent ? () => undefined : (line) => io.err(io.isTerminal ? `\r\u001b[2K${line}` : line),
  });
  if (isTalking && written === 'json') io.log = logger;
  const { database, limits } = config;
  const app = await openApp({ database, limits, logger, onNotice: noticeTo(io), connections, metrics });
  try {
    return await work(app, logger);
  } finally {
    await app.close();
  }
}

/** Takes what a person should read beside the result; nothing comes beside a result for machines. */
export function noticeTo(io: Io): (line: string) => void {
  return (line) => {
    if (io.log !== undefined) io.log.info({ note: line }, 'note');
    else if (!io.json) io.err(`note: ${line}\n`);
  };
}

/** Answers a question from the store; undefined when there is none yet, which makes none either. */
export async function withStore<Result>(
  io: Io,
  config: Config,
  work: (reader: Reader) => Promise<Result>,
): Promise<Result | undefined> {
  if (!(await hasDatabase(config.database))) return undefined;
  return withApp(io, config, (app) => readSnapshot(app.pool, work));
}

/** @throws FatalError unless the name is one of the known ones; it suggests the one that was probably meant. */
export function requireKnown(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const meant = suggest(name, known);
  const hint =
    meant === undefined
      ? `there ${known.length === 0 ? 'is none' : `are: ${known.join(', ')}`}`
      : `did you mean ${meant}?`;
  throw new FatalError(`There is no integration "${name}"; ${hint}${hint.endsWith('?') ? '' : '.'}`);
}
