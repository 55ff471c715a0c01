import { stat } from 'node:fs/promises';
import { FatalError } from '../../domain/errors.ts';
import { errorCode } from './layout.ts';
import { run, type ServerUser } from './run.ts';

const CANDIDATES = ['postgres', 'nobody'];

/** True when we are the superuser, as whom Postgres refuses to run. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The user a server must run as: our own (undefined), or, as root, the owner of a cluster that is already there, else
 * the first of `postgres` and `nobody` that exists.
 */
export async function serverUserFor(cluster: string): Promise<ServerUser> {
  if (!isRoot()) return undefined;
  const owner = await ownerOf(cluster);
  if (owner !== undefined) return owner;
  for (const name of CANDIDATES) {
    const [uid, gid] = await Promise.all([numberOf('-u', name), numberOf('-g', name)]);
    if (uid && gid) return { uid, gid, name };
  }
  throw new FatalError(
    `PostgreSQL does not run as root and none of the users ${CANDIDATES.join(', ')} exists here. ` +
      'Create one (`useradd --system postgres`), run as another user, or set database.url to a server of your own.',
  );
}

/** Whether that user may enter a folder; asked by doing it, so that every parent and every access rule counts. */
export async function canEnter(user: ServerUser, folder: string): Promise<boolean> {
  const { code } = await run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { user });
  return code === 0;
}

async function ownerOf(cluster: string): Promise<ServerUser> {
  try {
    const { uid, gid } = await stat(cluster);
    return { uid, gid, name: `with the id ${uid}` };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function numberOf(flag: '-u' | '-g', name: string): Promise<number | undefined> {
  const { code, output } = await run('id', [flag, name]);
  return code === 0 ? Number(output) : undefined;
}
