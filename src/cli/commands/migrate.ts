import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { counted } from '../format.ts';
import { answer, type Io } from '../io.ts';
import { type CommonOptions, common, readConfig, withApp } from '../session.ts';

interface MigrateFlags extends CommonOptions {
  readonly rebuildStatus?: true;
}

/** The command `migrate`. */
export function addMigrate(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('migrate')
    .description('bring the database and its job queue to this version (sync and serve do so by themselves)')
    .option('--rebuild-status', 'derive the status of every node anew from its results')
    .action(async (flags: MigrateFlags) => exit(await runMigrate(io, flags)));
  common(command, 'migrate --database-url postgresql://me@db.example.com/observer');
}

async function runMigrate(io: Io, flags: MigrateFlags): Promise<ExitCode> {
  const config = await readConfig(io, flags);
  const { applied, version, corrected } = await withApp(io, config, async (app) => {
    const migrated = await app.migrate();
    await app.queue.migrate();
    return { ...migrated, corrected: flags.rebuildStatus === true ? await app.rebuildStatus() : undefined };
  });
  answer(io, { version, applied, ...(corrected === undefined ? {} : { status_rows_corrected: corrected }) }, () => {
    const did = applied.length === 0 ? 'nothing to do' : `applied ${applied.join(', ')}`;
    const rebuilt = corrected === undefined ? '' : `Status rebuilt: ${counted(corrected, 'row')} corrected.\n`;
    return `The database is at ${version}: ${did}.\n${rebuilt}`;
  });
  return EXIT.done;
}
