import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { SyncError } from '../../domain/errors.ts';
import { tooLarge } from './refusal.ts';

const unzip = promisify(gunzip);

const MB = 1024 * 1024;

/** The size above which an artifact is refused, where the configuration does not say another (`max_artifact_mb`). */
export const MAX_ARTIFACT_MB = 400;

const hasCode = (error: unknown, code: string) => (error as { code?: unknown } | null)?.code === code;

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** As UTF-8 without a mark: PowerShell's `>` writes UTF-16, and editors of Windows write marks. */
function asUtf8(bytes: Buffer): Buffer {
  if (bytes[0] === 0x7b && bytes[1] === 0) return Buffer.from(bytes.toString('utf16le'), 'utf8');
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(bytes.toString('utf16le', 2), 'utf8');
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/**
 * An artifact's bytes as plain UTF-8, unpacked if they are gzipped, whatever the file is called.
 * @param maxMb how large it may be unpacked, in MB of 2^20 bytes.
 * @throws SyncError when it is larger, or when it is no whole gzip file.
 */
export async function plainBytes(name: string, raw: Uint8Array, maxMb: number): Promise<Buffer> {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (bytes.length > maxMb * MB) throw tooLarge(name, bytes.length / MB, maxMb);
  if (!isGzip(bytes)) return asUtf8(bytes);
  try {
    return asUtf8(await unzip(bytes, { maxOutputLength: Math.floor(maxMb * MB) }));
  } catch (error) {
    if (hasCode(error, 'ERR_BUFFER_TOO_LARGE')) throw tooLarge(name, null, maxMb);
    throw new SyncError(`${name} is not a whole gzip file: it was cut off or damaged on its way, get it again.`, {
      cause: error,
    });
  }
}

/** Reads an artifact from a file. @throws SyncError as `plainBytes`, and when the file cannot be read. */
export async function readArtifactFile(path: string, maxMb: number): Promise<Buffer> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new SyncError(`${path} is no file: put the artifact there.`);
    const { size } = found;
    if (size > maxMb * MB) throw tooLarge(path, size / MB, maxMb);
    return await plainBytes(path, await readFile(path), maxMb);
  } catch (error) {
    if (error instanceof SyncError) throw error;
    const why = hasCode(error, 'EACCES') ? 'this user may not read it' : error instanceof Error ? error.message : error;
    throw new SyncError(`${path} cannot be read (${why}).`, { cause: error });
  }
}
