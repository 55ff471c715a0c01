import { randomBytes } from 'node:crypto';
import { appendFile, chmod, chown, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FatalError } from '../../domain/errors.ts';
import { type Binaries, majorOf } from './binaries.ts';
import { DATABASE, errorCode, type Layout, UNFINISHED, unfinishedIn } from './layout.ts';
import { isAlive } from './postmaster.ts';
import { run, type ServerUser } from './run.ts';

type Request = {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly durable: boolean;
};

const FIRST_MAJOR_WITH_BUILTIN_LOCALE = 17;

/** Loopback only, over TCP, so that nothing depends on a socket folder; UTC, so that text casts do not depend on the machine. */
const CONFIGURATION = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
`;

/**
 * Makes the cluster when there is none: initdb runs in a folder beside, which then gets its name in one step. Of two
 * processes the first rename wins and the other's work is thrown away.
 */
export async function ensureCluster(request: Request): Promise<void> {
  const { layout, user } = request;
  await removeUnfinished(layout.home);
  if ((await majorOf(layout.data)) !== undefined) return;
  const temporary = await unfinishedIn(layout.home);
  try {
    if (user) await chown(temporary, user.uid, user.gid);
    await initialize(temporary, request);
    await rename(temporary, layout.cluster);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    if ((await majorOf(layout.data)) === undefined) throw inTheWay(layout, error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What an interrupted start left; the folder's name says whose it is, and that process is gone. */
async function removeUnfinished(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(UNFINISHED) || isAlive(Number.parseInt(name.slice(UNFINISHED.length), 10))) continue;
    await rm(join(home, name), { recursive: true, force: true });
  }
}

async function initialize(temporary: string, { binaries, user, durable }: Request): Promise<void> {
  const data = join(temporary, 'data');
  const password = join(temporary, 'password');
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
  await chmod(password, 0o600);
  if (user) await chown(password, user.uid, user.gid);
  const args = ['--pgdata', data, '--username', DATABASE, '--pwfile', password, '--auth', 'scram-sha-256'];
  args.push('--encoding', 'UTF8', ...localeArguments(binaries.major));
  if (!durable) args.push('--no-sync');
  const { code, output } = await run(join(binaries.bin, 'initdb'), args, { user });
  if (code !== 0) {
    throw new FatalError(
      `initdb of PostgreSQL ${binaries.version} failed for ${temporary}: ${lastLine(output)}. ` +
        'Check the free space and the permissions of that folder, or set database.url to a server of your own.',
    );
  }
  await appendFile(join(data, 'postgresql.conf'), CONFIGURATION);
}

/** The built-in C.UTF-8 sorts alike on every system and needs no locale of the operating system. */
function localeArguments(major: number): string[] {
  if (major < FIRST_MAJOR_WITH_BUILTIN_LOCALE) return ['--locale', 'C.UTF-8'];
  return ['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C'];
}

function lastLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /(error|FATAL):/.test(line)) ?? lines.at(-1) ?? 'no output').trim();
}

function inTheWay(layout: Layout, cause: unknown): FatalError {
  return new FatalError(
    `${layout.cluster} is there but holds no PostgreSQL data. Move that folder away and try again.`,
    { cause },
  );
}
