import type { Command } from 'commander';
import { hasDatabase } from '../../app.ts';
import type { Config } from '../../config/types.ts';
import { FatalError } from '../../domain/errors.ts';
import { type Counts, forget, storedCounts } from '../../store/forget.ts';
import { integrationNames } from '../../store/read/tests.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { answer, errorJson, type Io, printError } from '../io.ts';
import { questionsAtTerminal } from '../questions.ts';
import { type CommonOptions, common, readConfig, requireKnown, withApp } from '../session.ts';
import { table } from '../table.ts';

interface ForgetFlags extends CommonOptions {
  readonly yes?: true;
}

/** The command `forget`. */
export function addForget(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('forget')
    .description('remove everything that is stored of one integration')
    .argument('<name>', 'integration of the configuration or of the database')
    .option('--yes', 'remove it without asking')
    .action(async (name: string, flags: ForgetFlags) => exit(await runForget(io, name, flags)));
  common(command, 'forget analytics-staging --yes');
}

async function runForget(io: Io, name: string, flags: ForgetFlags): Promise<ExitCode> {
  const config = await readConfig(io, flags);
  const isConfigured = config.integrations.some((one) => one.name === name);
  const interruption = interruptible(io, 'what was removed stays removed; the same command removes the rest.');
  const { signal } = interruption;
  try {
    const stored = await countsOf(io, config, name);
    const isThere = Object.keys(stored).length > 0;
    if (isThere && !io.json) io.err(`Of "${name}" is stored:\n${countsText(stored)}`);
    const answered = isThere ? await isWanted(io, name, { flags, signal }) : true;
    if (answered !== true) {
      io.err('Nothing was removed.\n');
      return answered === false ? EXIT.failed : EXIT.interrupted;
    }
    const removed = isThere ? await withApp(io, config, (app) => forget(app.pool, name, { signal })) : {};
    answer(io, { integration: name, removed, still_configured: isConfigured }, () => doneText(name, removed));
    if (isConfigured && !io.json) io.err(STILL);
    return EXIT.done;
  } catch (error) {
    if (!signal.aborted) throw error;
    printError(io, signal.reason);
    if (io.json) io.out(`${JSON.stringify({ error: errorJson(signal.reason) }, null, 2)}\n`);
    return EXIT.interrupted;
  } finally {
    interruption.release();
  }
}

const STILL =
  'It is still configured: the next sync takes it anew. Remove it from the configuration, and restart serve.\n';

/** What is stored under the name. @throws FatalError when nobody knows it. */
async function countsOf(io: Io, config: Config, name: string): Promise<Counts> {
  const configured = config.integrations.map((one) => one.name);
  if (!(await hasDatabase(config.database))) {
    requireKnown(name, configured);
    return {};
  }
  return withApp(io, config, async (app) => {
    await app.migrate();
    const counts = await storedCounts(app.pool, name);
    if (Object.keys(counts).length > 0) return counts;
    requireKnown(name, [...new Set([...configured, ...(await integrationNames(app.pool))])]);
    return counts;
  });
}

/** Undefined when whoever was asked broke off. @throws FatalError when nobody can be asked and nobody has said yes. */
async function isWanted(
  io: Io,
  name: string,
  { flags, signal }: { readonly flags: ForgetFlags; readonly signal: AbortSignal },
): Promise<boolean | undefined> {
  if (flags.yes === true) return true;
  const questions = io.json ? undefined : questionsAtTerminal(signal);
  if (questions === undefined) {
    throw new FatalError(`Nothing was removed: give --yes to remove everything of "${name}", which cannot be undone.`);
  }
  try {
    return await questions.confirm('Remove all of it? It cannot be undone');
  } catch (error) {
    if (!questions.signal.aborted) throw error;
    io.err('\n');
    return undefined;
  } finally {
    questions.close();
  }
}

/** One line for each kind of row. */
function countsText(counts: Counts): string {
  const rows = Object.entries(counts).map(([what, number]) => [what.replaceAll('_', ' '), number]);
  return table({ headers: ['kind', 'rows'], rows, width: undefined });
}

function doneText(name: string, removed: Counts): string {
  const rows = Object.values(removed).reduce((sum, one) => sum + one, 0);
  return rows === 0
    ? `Nothing is stored of "${name}".\n`
    : `"${name}" is forgotten: ${rows.toLocaleString('en-US')} rows were removed.\n`;
}
