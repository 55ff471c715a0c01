import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SyncError } from '../../domain/errors.ts';

/** A folder for files that nobody needs for long. */
export interface Scratch {
  /** A path that was not given before; nothing is there yet. */
  path(): string;
  /** The folder goes, with what is left in it. */
  remove(): Promise<void>;
}

/** Processes are told apart by their numbers on one machine alone, and several may share the place. */
const OURS = `dbt-observer-${hostname().replaceAll(/[^A-Za-z0-9]/g, '')}-`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code !== 'ESRCH';
  }
}

/** Whether a process made the folder that is gone; one with our own number came before us, as in a container. */
function isLeft(name: string): boolean {
  const [, number] = name.startsWith(OURS) ? (/^(\d+)-\w{6}$/.exec(name.slice(OURS.length)) ?? []) : [];
  if (number === undefined) return false;
  const pid = Number(number);
  return pid === process.pid || !isAlive(pid);
}

/** Removes what processes that were killed left behind; what cannot be removed is in nobody's way. */
async function removeLeft(place: string): Promise<void> {
  const names = await readdir(place).catch(() => []);
  const left = names.filter(isLeft);
  await Promise.all(left.map((name) => rm(join(place, name), { recursive: true, force: true }).catch(() => undefined)));
}

/** Places that were looked at, which is done once and before this process makes a folder there. */
const cleared = new Map<string, Promise<void>>();

function clear(place: string): Promise<void> {
  const clearing = cleared.get(place) ?? removeLeft(place);
  cleared.set(place, clearing);
  return clearing;
}

/** @throws SyncError when there is no place for it. */
export async function createScratch(): Promise<Scratch> {
  const place = tmpdir();
  await clear(place);
  const dir = await mkdtemp(join(place, `${OURS}${process.pid}-`)).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SyncError(`No folder for downloads can be made in ${place} (${why}): check TMPDIR and the disk.`, {
      cause,
    });
  });
  let paths = 0;
  return {
    path: () => join(dir, String(++paths)),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
