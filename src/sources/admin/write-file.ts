import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { SyncError } from '../../domain/errors.ts';

async function onDisk<Result>(file: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw new SyncError(`${file} cannot be written: ${(error as Error).message}. Check the disk.`, { cause: error });
  }
}

async function writeAll(handle: FileHandle, file: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    await onDisk(file, handle.writeFile(chunk));
    bytes += chunk.byteLength;
  }
  return bytes;
}

/** Parts have names of their own, for a try that was given up may still be writing when the next one begins. */
let parts = 0;

/**
 * Writes what comes into a file, chunk by chunk, and gives the number of bytes. The file is there whole or not at all.
 * @throws SyncError when the disk refuses; whatever breaks the chunks off.
 */
export async function writeFile(file: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const part = `${file}.${++parts}.part`;
  const handle = await onDisk(file, open(part, 'w'));
  try {
    const bytes = await writeAll(handle, file, chunks).finally(() => handle.close());
    await onDisk(file, rename(part, file));
    return bytes;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
