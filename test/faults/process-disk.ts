import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { query } from '../store/database.ts';

const SIZE = '96m';
const CHUNK = Buffer.alloc(64 * 1024);

/** A disk of its own that can be filled to the last byte. */
export interface Disk {
  readonly folder: string;
  fill(): void;
  makeRoom(): void;
  remove(): void;
}

/** Mounts a small file system; undefined where this process may not do that. */
export function smallDisk(): Disk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'faults-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  chmodSync(folder, 0o711);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill: () => fill(ballast),
    makeRoom: () => rmSync(ballast, { force: true }),
    remove: () => {
      execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, CHUNK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

/** Gives the server a tablespace of that name on the disk, in a folder of the server's own user. */
export async function tablespaceOn(disk: Disk, name: string, url: string): Promise<void> {
  const [server] = await query<{ data: string }>(url, "select current_setting('data_directory') as data");
  const { uid, gid } = statSync(server?.data ?? '');
  const folder = join(disk.folder, name);
  mkdirSync(folder, { mode: 0o700 });
  chownSync(folder, uid, gid);
  await query(url, `create tablespace "${name}" location '${folder}'`);
}
