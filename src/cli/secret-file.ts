import { type FileHandle, open, rm } from 'node:fs/promises';
import type { SecretKeeper } from '../app/webhooks/subscribe.ts';
import { FatalError } from '../domain/errors.ts';

const REASONS: { readonly [code: string]: string } = {
  EEXIST: 'it is there already: choose another path, or remove it if nothing needs it',
  ENOENT: 'its folder does not exist',
  EACCES: 'this user may not write there',
  EISDIR: 'it is a folder',
};

/** Keeps a secret in a new file that nobody but its owner may read. */
export function secretFile(path: string): SecretKeeper {
  let handle: FileHandle | undefined;
  return {
    async prepare() {
      try {
        handle = await open(path, 'wx', 0o600);
      } catch (cause) {
        const { code = '', message } = cause as NodeJS.ErrnoException;
        throw new FatalError(`The secret cannot be written to ${path}: ${REASONS[code] ?? message}.`, { cause });
      }
    },
    async keep(secret) {
      await handle?.writeFile(`${secret}\n`);
      await handle?.sync();
      await handle?.close();
      handle = undefined;
    },
    async discard() {
      await handle?.close().catch(() => undefined);
      await rm(path, { force: true });
    },
  };
}
