import { type Command, Option } from 'commander';
import type { App } from '../../app.ts';
import { type IntegrationFlags, integrationFromFlags } from '../../config/flags.ts';
import { withSource } from '../../config/switch-source.ts';
import type { Config, IntegrationConfig, PlatformSource } from '../../config/types.ts';
import { FatalError, SyncError } from '../../domain/errors.ts';
import { describingOptions } from '../describing-options.ts';
import { codeOfError, EXIT, type ExitCode, worst } from '../exit-code.ts';
import { type Interruption, interruptible } from '../interruption.ts';
import { errorJson, type Io, printError } from '../io.ts';
import { progressLine } from '../progress-line.ts';
import { type CommonOptions, common, readConfig, requireKnown, withApp } from '../session.ts';
import { syncJson, syncText, type TimedSync } from '../sync-text.ts';

interface SyncFlags extends CommonOptions, Omit<IntegrationFlags, 'source'> {
  readonly full?: true;
  readonly dryRun?: true;
  readonly allowRemovals?: true;
  readonly source?: PlatformSource;
}

const DESCRIBING = [
  'accessUrl',
  'discoveryUrl',
  'adminUrl',
  'accountId',
  'projectId',
  'environmentId',
  'jobId',
  'tokenEnv',
  'tokenFile',
  'artifacts',
  'name',
] as const;

/** The command `sync`. */
export function addSync(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('sync')
    .description('take the state of each named (or every) integration into the database, in one pass each')
    .argument('[name...]', 'integrations of the configuration (default: all)')
    .option('--full', 'read everything, even when nothing moved since the last pass')
    .option('--dry-run', 'read everything and keep nothing of it (an empty database gets its tables all the same)')
    .option(
      '--allow-removals',
      'read everything and close nodes that are gone, however many they are (see max_removal_ratio)',
    )
    .addOption(
      new Option('--source <source>', 'way of asking, instead of the configured one').choices([
        'auto',
        'discovery',
        'artifacts',
      ]),
    )
    .optionsGroup('One integration without a configuration file:');
  describingOptions(command)
    .optionsGroup('Options:')
    .action(async (names: string[], flags: SyncFlags) => exit(await runSync(io, names, flags)));
  common(command, 'sync --access-url https://ab123.us1.dbt.com --environment-id 12345 --token-env DBT_TOKEN');
}

async function runSync(io: Io, names: readonly string[], flags: SyncFlags): Promise<ExitCode> {
  const config = await readConfig(io, flags, { tokens: true });
  const integrations = await chosenIntegrations(config, names, flags);
  const interruption = interruptible(io);
  try {
    return await withApp(io, config, async (app) => {
      await app.migrate();
      return syncAll({ io, app, integrations, flags, interruption });
    });
  } finally {
    interruption.release();
  }
}

/** The integrations that a command line asks for: one that flags describe, else those of the configuration. */
export async function chosenIntegrations(
  config: Pick<Config, 'integrations'>,
  names: readonly string[],
  flags: SyncFlags,
): Promise<IntegrationConfig[]> {
  if (DESCRIBING.some((flag) => flags[flag] !== undefined)) {
    if (flags.artifacts !== undefined && flags.source !== undefined) {
      throw new FatalError('--source and --artifacts exclude each other: a folder is read as it is.');
    }
    if (names.length === 0) return [await integrationFromFlags(flags)];
    throw new FatalError('Give names of configured integrations or flags that describe one, not both.');
  }
  const known = config.integrations.map(({ name }) => name);
  for (const name of names) requireKnown(name, known);
  if (known.length === 0) {
    throw new FatalError(
      'No integration is configured: run init, write one into dbt-observer.yaml, or describe it with --access-url and --token-env, or with --artifacts.',
    );
  }
  const chosen = config.integrations.filter(({ name }) => names.length === 0 || names.includes(name));
  const { source, runHistory } = flags;
  return chosen.map((one) => {
    // Folders that nobody named are read like ever.
    const isLeft = source === undefined || (one.source === 'files' && names.length === 0);
    const asked = isLeft ? one : withSource(one, source);
    return runHistory === false && asked.source !== 'files' ? { ...asked, runHistory } : asked;
  });
}

interface Work {
  readonly io: Io;
  readonly app: App;
  readonly integrations: readonly IntegrationConfig[];
  readonly flags: SyncFlags;
  readonly interruption: Interruption;
}

/** One after the other, so that they do not share a host's rate; each is tried even when another one fails. */
async function syncAll(work: Work): Promise<ExitCode> {
  const { io, integrations, interruption } = work;
  const codes: ExitCode[] = [];
  const results: unknown[] = [];
  for (const integration of integrations) {
    const { code, json } = interruption.signal.aborted
      ? notBegun(work, integration)
      : await syncShown(work, integration);
    codes.push(code);
    results.push(json);
  }
  if (io.json) io.out(`${JSON.stringify(results, null, 2)}\n`);
  return interruption.signal.aborted ? EXIT.interrupted : worst(codes);
}

/** After an interruption the other integrations are told, too: nobody shall take them for synced. */
function notBegun({ io }: Work, { name }: IntegrationConfig): { code: ExitCode; json: unknown } {
  const error = new SyncError(`"${name}" was not synced: the command was interrupted before.`);
  printError(io, error);
  return { code: EXIT.interrupted, json: { integration: name, outcome: 'interrupted', error: errorJson(error) } };
}

async function syncShown(work: Work, integration: IntegrationConfig): Promise<{ code: ExitCode; json: unknown }> {
  const { io, integrations, interruption } = work;
  const line = progressLine(io, integration.name);
  try {
    const sync = await syncTimed(work, integration, line.update).finally(line.clear);
    if (!io.json) io.out(syncText(sync));
    return { code: sync.outcome === 'partial' ? EXIT.partial : EXIT.done, json: syncJson(sync) };
  } catch (error) {
    printError(io, error, integrations.length > 1 ? integration.name : undefined);
    const outcome = interruption.signal.aborted ? 'interrupted' : 'failed';
    return { code: codeOfError(error), json: { integration: integration.name, outcome, error: errorJson(error) } };
  }
}

async function syncTimed(
  { app, flags, interruption }: Work,
  integration: IntegrationConfig,
  onProgress: ReturnType<typeof progressLine>['update'],
): Promise<TimedSync> {
  const start = performance.now();
  const dryRun = flags.dryRun === true;
  const { signal } = interruption;
  const result = await app.syncOne(integration, {
    reason: 'manual',
    full: flags.full === true,
    dryRun,
    allowRemovals: flags.allowRemovals === true,
    signal,
    onProgress,
  });
  return { ...result, dryRun, durationS: (performance.now() - start) / 1_000 };
}
