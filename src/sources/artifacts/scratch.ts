import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SyncError } from '../../domain/errors.ts';

/** A folder for files that nobody needs for long. */
export interface Scratch {
  /** A path that was not given before; nothing is there yet. */
  path(): string;
  /** The folder goes, with what is left in it. */
  remove(): Promise<void>;
}

/** @throws SyncError when there is no place for it. */
export async function createScratch(): Promise<Scratch> {
  const dir = await mkdtemp(join(tmpdir(), 'dbt-observer-')).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SyncError(`No folder for downloads can be made in ${tmpdir()} (${why}): check TMPDIR and the disk.`, {
      cause,
    });
  });
  let paths = 0;
  return {
    path: () => join(dir, String(++paths)),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
