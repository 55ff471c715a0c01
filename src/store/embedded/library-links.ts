import { randomUUID } from 'node:crypto';
import { readFile, rename, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { errorCode } from './layout.ts';

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Restores the library links a platform package lists in `native/pg-symlinks.json`. npm packs no symbolic links, so the
 * package makes them in an install script, which `--ignore-scripts` and several package managers block. A link that
 * works is left alone, a broken one is replaced; safe when several processes do it at once.
 *
 * @returns how many links were made. Rejects when the folder cannot be written.
 */
export async function restoreLibraryLinks(native: string): Promise<number> {
  const root = dirname(native);
  let made = 0;
  for (const { source, target } of await listedLinks(native)) {
    const link = join(root, target);
    if (await leadsSomewhere(link)) continue;
    const ours = `${link}.${randomUUID()}`;
    await symlink(relative(dirname(link), join(root, source)), ours);
    await rename(ours, link);
    made += 1;
  }
  return made;
}

async function listedLinks(native: string): Promise<z.infer<typeof linksSchema>> {
  try {
    return linksSchema.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function leadsSomewhere(link: string): Promise<boolean> {
  return stat(link).then(
    () => true,
    () => false,
  );
}
