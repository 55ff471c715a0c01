import type { Command } from 'commander';
import { VERSION } from '../../app.ts';
import type { IntegrationFlags } from '../../config/flags.ts';
import { loadConfig } from '../../config/load.ts';
import { proxyFromEnvironment } from '../../config/proxy.ts';
import { emptyDatabaseVariable, emptyVariable, tokensOfFile } from '../../config/secrets.ts';
import type { Config, IntegrationConfig } from '../../config/types.ts';
import type { Check } from '../../doctor/check.ts';
import type { DatabaseSubject } from '../../doctor/database.ts';
import { type ConfiguredSubject, examine } from '../../doctor/doctor.ts';
import { FatalError } from '../../domain/errors.ts';
import { describingOptions } from '../describing-options.ts';
import { checkText, headingText, summaryText } from '../doctor-text.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { errorJson, type Io, printError } from '../io.ts';
import { type CommonOptions, common, noticeTo, readConfig } from '../session.ts';
import { chosenIntegrations } from './sync.ts';

interface DoctorFlags extends CommonOptions, Omit<IntegrationFlags, 'source'> {}

/** The command `doctor`. */
export function addDoctor(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('doctor')
    .description(
      'check each named (or every) integration and the database step by step, and say how to mend what fails',
    )
    .argument('[name...]', 'integrations of the configuration (default: all)')
    .optionsGroup('One integration without a configuration file:');
  describingOptions(command)
    .optionsGroup('Options:')
    .action(async (names: string[], flags: DoctorFlags) => exit(await runDoctor(io, names, flags)));
  common(command, 'doctor analytics-prod');
}

async function runDoctor(io: Io, names: readonly string[], flags: DoctorFlags): Promise<ExitCode> {
  const { config, database } = await readSubject(io, flags);
  // Without any there is no name to mistake: what is missing is a configuration.
  if (config.integrations.length === 0) await chosenIntegrations(config, [], flags);
  const chosen = await chosenIntegrations(config, names, flags);
  const integrations = await subjects(config, chosen);
  const interruption = interruptible(io, null);
  try {
    const checks = await examine({
      integrations,
      database,
      userAgent: `dbt-observer/${VERSION}`,
      proxies: proxyFromEnvironment(),
      signal: interruption.signal,
      tell: io.json ? () => undefined : printer(io),
      onNotice: noticeTo(io),
    });
    io.out(io.json ? `${JSON.stringify({ checks }, null, 2)}\n` : `\n${summaryText(checks)}`);
    return checks.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.done;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    const { reason } = interruption.signal;
    printError(io, reason);
    if (io.json) io.out(`${JSON.stringify({ error: errorJson(reason) }, null, 2)}\n`);
    // A server that never answers would keep its connection, and so the process, for seconds.
    process.exit(EXIT.interrupted);
  } finally {
    interruption.release();
  }
}

/** Prints each check under the heading it belongs to. */
function printer(io: Io): (check: Check) => void {
  let current: string | null | undefined;
  return (check) => {
    if (check.integration !== current) io.out(`${current === undefined ? '' : '\n'}${headingText(check.integration)}`);
    current = check.integration;
    io.out(checkText(check, io.columns));
  };
}

/** Reads the configuration; a database address that cannot be read is for the doctor to tell, like a token. */
async function readSubject(io: Io, flags: DoctorFlags): Promise<{ config: Config; database: DatabaseSubject }> {
  try {
    const config = await readConfig(io, flags);
    return { config, database: config.database };
  } catch (error) {
    if (!(error instanceof FatalError) || flags.databaseUrl !== undefined) throw error;
    const anyUrl = 'postgresql://127.0.0.1/unused';
    const config = await loadConfig({ path: flags.config, databaseUrl: anyUrl, tokens: false, webhooks: false }).catch(
      () => undefined,
    );
    // Something else is wrong, too: then the whole list of what is wrong is the better answer.
    if (config === undefined) throw error;
    const [, ...problems] = error.message.split('\n');
    const empty = config.file === undefined ? undefined : await emptyDatabaseVariable(config.file);
    const message =
      empty === undefined ? problems.map((line) => line.trim()).join(' ') : `database.url ${emptyVariable(empty)}.`;
    const mend = 'Correct database.url, or set the variable that it names.';
    return { config, database: { kind: 'problem', message, mend } };
  }
}

/** Those of the file with the tokens that it names; what flags describe has been checked with its token. */
async function subjects(
  { file, integrations }: Config,
  chosen: readonly IntegrationConfig[],
): Promise<ConfiguredSubject[]> {
  const tokens = file === undefined ? undefined : await tokensOfFile(file);
  return chosen.map((config) => {
    if (config.source === 'files') return { config };
    const isOfFile = integrations.some(({ name }) => name === config.name) && tokens !== undefined;
    return { config, token: (isOfFile ? tokens.get(config.name) : undefined) ?? { secret: config.token } };
  });
}
