import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { SyncError } from '../../domain/errors.ts';

/** A body that came whole. */
export interface Kept {
  /** Its bytes. */
  readonly size: number;
  /** Gives the bytes, once: if they lay in a file, it goes. */
  take(): Promise<Buffer>;
}

/** Bodies up to so many bytes stay in memory: most of the thousands that a history has, which a file each would hold up. */
const SMALL = 500_000;

async function onDisk<Result>(file: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw new SyncError(`${file} cannot be written: ${(error as Error).message}. Check the disk.`, { cause: error });
  }
}

async function writeAll(handle: FileHandle, file: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of chunks) {
    await onDisk(file, handle.writeFile(chunk));
    size += chunk.byteLength;
  }
  return size;
}

/** Parts have names of their own, for a try that was given up may still be writing when the next one begins. */
let parts = 0;

/** Writes what comes into a file, which is there whole or not at all. */
async function inFile(file: string, chunks: AsyncIterable<Uint8Array>): Promise<Kept> {
  const part = `${file}.${++parts}.part`;
  const handle = await onDisk(file, open(part, 'w'));
  try {
    const size = await writeAll(handle, file, chunks).finally(() => handle.close());
    await onDisk(file, rename(part, file));
    // What is left of it goes with its folder.
    return { size, take: () => readFile(file).finally(() => rm(file, { force: true }).catch(() => undefined)) };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function* following(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/**
 * Keeps what comes, chunk by chunk: in memory as long as it is small, else in the file.
 * @throws SyncError when the disk refuses; whatever breaks the chunks off. Then no file is left.
 */
export async function keep(file: string, chunks: AsyncIterable<Uint8Array>): Promise<Kept> {
  const rest = chunks[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { value, done } = await rest.next();
    if (done) break;
    first.push(value);
    size += value.byteLength;
    if (size > SMALL) return inFile(file, following(first, rest));
  }
  const bytes = Buffer.concat(first);
  return { size, take: async () => bytes };
}
