import type { Command } from 'commander';
import { FatalError, SyncError } from '../../domain/errors.ts';
import { embeddedUrl, startEmbedded, stopEmbedded } from '../../store/embedded/embedded.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { answer, type Io } from '../io.ts';
import { type CommonOptions, common, noticeTo, readConfig } from '../session.ts';

type Action = (io: Io, directory: string) => Promise<void>;

/** The commands `db start`, `db stop` and `db url`. */
export function addDb(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const db = program.command('db').description('the embedded PostgreSQL, used where no database is configured');
  db.addHelpText('after', '\nExample:\n  $ psql "$(dbt-observer db url)"');
  const add = (name: string, description: string, action: Action, example: string) => {
    const command = db.command(name).description(description);
    command.action(async (options: CommonOptions) => {
      await action(io, await embeddedDirectory(io, options));
      exit(EXIT.done);
    });
    common(command, example);
  };
  add('start', 'start it, unless it runs', start, 'db start');
  add('stop', 'stop it; the data stays', stop, 'db stop');
  add('url', 'print the connection string, password included', url, 'db url');
}

async function embeddedDirectory(io: Io, options: CommonOptions): Promise<string> {
  const { database } = await readConfig(io, options);
  if (database.kind === 'embedded') return database.directory;
  throw new FatalError(
    'The configuration names a database of its own (database.url, --database-url or DATABASE_URL), so no embedded PostgreSQL is in use here.',
  );
}

async function start(io: Io, directory: string): Promise<void> {
  const { port, dataDirectory, started } = await startEmbedded({ directory, onNotice: noticeTo(io) });
  answer(io, { port, data_directory: dataDirectory, started }, () => {
    const how = started ? 'started' : 'was running already';
    return `PostgreSQL ${how} on port ${port}, data in ${dataDirectory}.\nConnection string: dbt-observer db url\n`;
  });
}

async function stop(io: Io, directory: string): Promise<void> {
  const result = await stopEmbedded({ directory });
  answer(io, { stopped: result === 'stopped' }, () =>
    result === 'stopped' ? 'PostgreSQL stopped; its data stays.\n' : 'PostgreSQL was not running.\n',
  );
}

async function url(io: Io, directory: string): Promise<void> {
  const found = await embeddedUrl({ directory });
  if (found === undefined) {
    throw new SyncError('The embedded PostgreSQL is not running here: start it with "dbt-observer db start".');
  }
  answer(io, { url: found }, () => `${found}\n`);
}
