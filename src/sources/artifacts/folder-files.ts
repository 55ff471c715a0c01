import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { FatalError, SyncError } from '../../domain/errors.ts';
import { type Invocation, invocationOf } from '../../normalize/artifacts/invocation.ts';
import { parseJson } from './lenient-json.ts';
import { firstMember } from './scan.ts';
import { ARTIFACTS, type ArtifactKind } from './versions.ts';

const unzip = promisify(gunzip);

/** An artifact of a folder, as the file system tells it. */
export interface ArtifactFile {
  readonly kind: ArtifactKind;
  readonly path: string;
  readonly size: number;
  /** When it was written, in nanoseconds. */
  readonly mtimeNs: bigint;
}

const isMissing = (error: unknown) =>
  ['ENOENT', 'ENOTDIR'].includes(String((error as { code?: unknown } | null)?.code));

async function fileAt(kind: ArtifactKind, path: string): Promise<ArtifactFile[]> {
  try {
    const { size, mtimeNs } = await stat(path, { bigint: true });
    return [{ kind, path, size: Number(size), mtimeNs }];
  } catch (error) {
    if (isMissing(error)) return [];
    const isLoop = (error as { code?: unknown }).code === 'ELOOP';
    const why = isLoop
      ? 'is a link that leads to itself: put the artifact there'
      : 'cannot be looked at: check its permissions';
    throw new SyncError(`${path} ${why}.`, { cause: error });
  }
}

/** The file of one kind, plain or gzipped; where there are both, the one written later. */
async function findFile(dir: string, kind: ArtifactKind): Promise<ArtifactFile[]> {
  const [plain = [], zipped = []] = await Promise.all(
    [`${kind}.json`, `${kind}.json.gz`].map((name) => fileAt(kind, join(dir, name))),
  );
  const [newest] = [...plain, ...zipped].sort((left, right) => Number(right.mtimeNs - left.mtimeNs));
  return newest === undefined ? [] : [newest];
}

const filesIn = async (dir: string) => (await Promise.all(ARTIFACTS.map(({ kind }) => findFile(dir, kind)))).flat();

/** dbt writes them into a folder of the project's, and people name the project's. */
async function hintFor(dir: string): Promise<string> {
  const target = join(dir, 'target');
  const found = await filesIn(target).catch(() => []);
  return found.length === 0 ? 'run dbt there first' : `name ${target}, which does`;
}

/** The artifacts of a folder. @throws FatalError when there are none, or no folder. */
export async function findFiles(dir: string): Promise<ArtifactFile[]> {
  const folder = await stat(dir).catch(() => null);
  if (folder === null) throw new FatalError(`The folder ${dir} is not there: correct artifacts_dir, or run dbt first.`);
  if (!folder.isDirectory()) throw new FatalError(`${dir} is no folder: artifacts_dir names dbt's target folder.`);
  const found = await filesIn(dir);
  if (found.length === 0) {
    const names = ARTIFACTS.map(({ kind }) => `${kind}.json`).join(', ');
    throw new FatalError(`${dir} holds no artifact of dbt (${names}, plain or .gz): ${await hintFor(dir)}.`);
  }
  return found;
}

/** dbt writes the metadata first, and they are small unless somebody's environment is not. */
const HEAD = 64 * 1024;

async function headOf(path: string): Promise<Buffer> {
  // What is no file, such as a pipe, may never give anything.
  if (!(await stat(path)).isFile()) return Buffer.alloc(0);
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    const bytes = buffer.subarray(0, bytesRead);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return isGzip ? await unzip(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
  } finally {
    await file.close();
  }
}

/** What an artifact says of its invocation, by the beginning of its file alone; null when it says it elsewhere. */
export async function peek({ path }: ArtifactFile): Promise<Invocation | null> {
  try {
    const head = await headOf(path);
    const first = firstMember(head);
    if (first?.key !== 'metadata') return null;
    return invocationOf({ metadata: parseJson(head.toString('utf8', first.start, first.end)) });
  } catch {
    // Whatever is wrong with the file is said when it is read whole.
    return null;
  }
}
