import { resolve } from 'node:path';
import type { Command } from 'commander';
import { VERSION } from '../../app.ts';
import { proxyFromEnvironment } from '../../config/proxy.ts';
import { variable } from '../../config/secrets.ts';
import { quickWire } from '../../doctor/doctor.ts';
import { FatalError } from '../../domain/errors.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Draft } from '../init-draft.ts';
import { describeEnvironment } from '../init-environment.ts';
import { refuseExisting, refusePlace, writeConfig } from '../init-file.ts';
import { refuseWrongFlags, type Setting } from '../init-setting.ts';
import { describeDatabase, describeSchedule } from '../init-store.ts';
import { interruptible } from '../interruption.ts';
import { answer, type Io, printError } from '../io.ts';
import { questionsAtTerminal } from '../questions.ts';

interface InitFlags extends Draft {
  readonly config?: string;
  readonly yes?: true;
  readonly force?: true;
  readonly check: boolean;
}

/** What this command does not ask for. */
const FOLDERS =
  'A folder of dbt Core is one more item of the list: "name", "source: files" and "artifacts_dir: ./target".';

/** The command `init`. */
export function addInit(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  program
    .command('init')
    .description('ask for the access URL, ids and the token variable, check them, and write dbt-observer.yaml')
    .optionsGroup('Answers, so that they are not asked for:')
    .option('--access-url <url>', "the account's access URL, or the address of any of its pages")
    .option('--discovery-url <url>', 'the whole Discovery endpoint, if it does not follow from the access URL')
    .option('--account-id <id>')
    .option('--project-id <id>')
    .option('--environment-id <id>')
    .option('--token-env <variable>', 'environment variable that holds the token (default: DBT_TOKEN)')
    .option('--name <name>', 'name of the integration')
    .option('--schedule <cron>', 'how often you will run the sync')
    .option('--time-zone <zone>', 'the zone that the schedule is read in (default: UTC)')
    .option(
      '--database-env <variable>',
      "environment variable with the database's URL, or none for an embedded PostgreSQL (default: DATABASE_URL if it is set, else none)",
    )
    .option('--yes', 'ask nothing: take the default where no answer is given')
    .optionsGroup('Options:')
    .option('--force', 'replace a file that is there')
    .option('--no-check', 'write what is answered without asking dbt or the database')
    .option('--config <path>', 'file to write (default: dbt-observer.yaml, or DBT_OBSERVER_CONFIG)')
    .option('--json', 'print nothing but the result, as one JSON document; asks nothing')
    .addHelpText('after', '\nExample:\n  $ dbt-observer init --access-url https://ab123.us1.dbt.com')
    .addHelpText('after', '\nA folder of dbt Core needs no file: dbt-observer sync --artifacts target')
    .action(async (flags: InitFlags) => exit(await runInit(io, flags)));
}

async function runInit(io: Io, flags: InitFlags): Promise<ExitCode> {
  const file = resolve(flags.config ?? (variable('DBT_OBSERVER_CONFIG') || 'dbt-observer.yaml'));
  const force = flags.force === true;
  refuseExisting(file, force);
  await refusePlace(file);
  const interruption = interruptible(io, 'nothing was written.');
  const questions = flags.yes === true || io.json ? undefined : questionsAtTerminal(interruption.signal);
  const signal = questions?.signal ?? interruption.signal;
  try {
    const draft = await describe(io, flags, { questions, signal });
    signal.throwIfAborted();
    await writeConfig(file, draft, force);
    tellWritten(io, file, draft);
    return EXIT.done;
  } catch (error) {
    // The end of the input is an answer that is missing; Ctrl-C and signals are a wish to stop.
    if (!signal.aborted || signal.reason instanceof FatalError) throw error;
    if (questions !== undefined) io.err('\n');
    printError(io, signal.reason);
    questions?.close();
    // A database that never answers would keep its connection, and so the process, for seconds.
    return process.exit(EXIT.interrupted);
  } finally {
    questions?.close();
    interruption.release();
  }
}

async function describe(
  io: Io,
  flags: InitFlags,
  asking: Pick<Setting, 'questions'> & { signal: AbortSignal },
): Promise<Draft> {
  const { questions, signal } = asking;
  const userAgent = `dbt-observer/${VERSION}`;
  const setting: Setting = {
    questions,
    wire: quickWire({ userAgent, proxies: proxyFromEnvironment(), signal }),
    unchecked: !flags.check,
    width: io.columns,
    show: (text) => {
      if (!io.json) io.err(text);
    },
  };
  const { config: _config, yes: _yes, force: _force, check: _check, ...given } = flags;
  refuseWrongFlags(given, questions !== undefined);
  const environment = await describeEnvironment(setting, given);
  return describeDatabase(setting, await describeSchedule(setting, environment));
}

function tellWritten(io: Io, file: string, { name, tokenEnv, databaseEnv }: Draft): void {
  const variables = [tokenEnv, databaseEnv].filter((one) => one !== undefined && one !== '');
  answer(io, { file, integration: name, variables }, () => {
    const needs = `It needs ${variables.join(' and ')} in the environment of every command that asks dbt.`;
    return `Wrote ${file}.\n${needs}\nNext: dbt-observer sync; and dbt-observer doctor when something is wrong.\n${FOLDERS}\n`;
  });
}
