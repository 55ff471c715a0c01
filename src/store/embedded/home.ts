import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FatalError } from '../../domain/errors.ts';
import { errorCode, type Layout, layoutIn, locate, pointerIn } from './layout.ts';
import type { ServerUser } from './run.ts';
import { canEnter } from './server-user.ts';

const SYSTEM_FOLDER = '/var/lib/dbt-observer';
const ENTER_ONLY = 0o711;

type Request = { readonly directory: string; readonly user: ServerUser; readonly onNotice: (line: string) => void };

/**
 * Creates the folder that holds the server and returns its layout: the directory itself, or, when the server's user
 * cannot reach that, a folder elsewhere that a small file in the directory points at.
 */
export async function prepareHome({ directory, user, onNotice }: Request): Promise<Layout> {
  await mkdir(directory, { recursive: true, mode: user ? ENTER_ONLY : 0o700 });
  const known = await locate(directory);
  if (known.home !== directory) {
    if (await isFolder(known.home)) return known;
    await rm(pointerIn(directory), { force: true });
  }
  if (user === undefined || (await isFolder(layoutIn(directory).cluster))) return layoutIn(directory);
  // A folder made for us alone (mkdtemp gives 700) may be opened for passing through; one with contents is not ours to open.
  if ((await readdir(directory)).length === 0) await chmod(directory, ENTER_ONLY);
  if (await canEnter(user, directory)) return layoutIn(directory);
  const home = await remember(directory, await folderElsewhere(directory, user));
  onNotice(`PostgreSQL runs as user ${user.name}, who cannot reach ${directory}; its data is kept in ${home}.`);
  return layoutIn(home);
}

async function folderElsewhere(directory: string, user: NonNullable<ServerUser>): Promise<string> {
  const name = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex')
    .slice(0, 16);
  const wanted = join(SYSTEM_FOLDER, name);
  const made = await mkdir(wanted, { recursive: true, mode: ENTER_ONLY }).then(
    () => wanted,
    () => mkdtemp(join(tmpdir(), 'dbt-observer-')),
  );
  await chmod(made, ENTER_ONLY);
  if (await canEnter(user, made)) return made;
  throw new FatalError(
    `PostgreSQL does not run as root, and user ${user.name} can reach neither ${directory} nor ${made}. ` +
      'Run as another user, work in a folder that user can enter, or set database.url to a server of your own.',
  );
}

/** The first of several processes decides; the others take what it wrote. */
async function remember(directory: string, home: string): Promise<string> {
  try {
    await writeFile(pointerIn(directory), `${home}\n`, { flag: 'wx' });
    return home;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return (await locate(directory)).home;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
