import { chmod, cp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { unfinishedIn } from './layout.ts';
import { restoreLibraryLinks } from './library-links.ts';

const manifestSchema = z.object({ version: z.string() });

/**
 * Copies the platform package's `native` folder into a home every user can read, under the package's version, and
 * returns the copy. It appears in one rename; a copy that is there is taken as it is.
 */
export async function copyPackage(native: string, home: string): Promise<string> {
  const { version } = manifestSchema.parse(JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')));
  const folder = join(home, `postgresql-${version}`);
  const copy = join(folder, 'native');
  if (await isThere(copy)) return copy;
  const temporary = await unfinishedIn(home);
  try {
    const target = join(temporary, 'native');
    await cp(native, target, { recursive: true, verbatimSymlinks: true, filter: isNeeded });
    await restoreLibraryLinks(target);
    await openForReading(temporary);
    await rename(temporary, folder);
  } catch (error) {
    // Another process was first: its copy is as good as ours.
    if (!(await isThere(copy))) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return copy;
}

function isNeeded(path: string): boolean {
  return !path.endsWith('.a') && basename(path) !== 'pkgconfig';
}

/** An installation made under a strict umask is closed to other users, file by file. */
async function openForReading(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openForReading(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
