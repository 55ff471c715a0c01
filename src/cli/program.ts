import { Command, CommanderError } from 'commander';
import { VERSION } from '../app.ts';
import { addBackfill } from './commands/backfill.ts';
import { addDb } from './commands/db.ts';
import { addDoctor } from './commands/doctor.ts';
import { addForget } from './commands/forget.ts';
import { addInit } from './commands/init.ts';
import { addLineage } from './commands/lineage.ts';
import { addMigrate } from './commands/migrate.ts';
import { addRuns } from './commands/runs.ts';
import { addServe } from './commands/serve.ts';
import { addStatus } from './commands/status.ts';
import { addSync } from './commands/sync.ts';
import { addTests } from './commands/tests.ts';
import { addWebhooks } from './commands/webhooks.ts';
import { codeOfError, EXIT, type ExitCode } from './exit-code.ts';
import { errorJson, type Io, printError } from './io.ts';

/** Runs a command line (without the names of node and script) and says how the process should end. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const program = createProgram(io, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (!isHelp(error)) {
      printError(io, error);
      if (io.json) io.out(`${JSON.stringify({ error: errorJson(error) }, null, 2)}\n`);
    }
    return codeOfError(error);
  }
}

function createProgram(io: Io, exit: (code: ExitCode) => void): Command {
  const program = new Command('dbt-observer')
    .description('Observability of dbt environments in PostgreSQL: models, tests, lineage and results as plain views.')
    .version(VERSION)
    .exitOverride()
    // What is wrong with a command line is printed like every other error.
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => undefined })
    .addHelpText('after', '\nExample:\n  $ dbt-observer sync\n  $ dbt-observer tests --failing');
  for (const add of [
    addSync,
    addBackfill,
    addServe,
    addForget,
    addStatus,
    addTests,
    addRuns,
    addLineage,
    addInit,
    addDoctor,
    addMigrate,
    addDb,
    addWebhooks,
  ])
    add(program, io, exit);
  return program;
}

/** Help and version were asked for and printed; help without a command is printed too, but the command was missing. */
function isHelp(error: unknown): boolean {
  return (
    error instanceof CommanderError &&
    ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(error.code)
  );
}
