import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, lstat, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBinaries, packageFolder } from '../../src/store/embedded/binaries.ts';
import { bringUp } from '../../src/store/embedded/bring-up.ts';
import { ensureCluster } from '../../src/store/embedded/cluster.ts';
import { connectionString } from '../../src/store/embedded/database.ts';
import { prepareHome } from '../../src/store/embedded/home.ts';
import { restoreLibraryLinks } from '../../src/store/embedded/library-links.ts';
import { isRoot, serverUserFor } from '../../src/store/embedded/server-user.ts';
import { ask, newDirectory, removeServers, temporaryFolder } from './embedded-servers.ts';

const ICU = join('lib', 'libicuuc.so.60');
let native: string;

/** A copy of the platform package, in a folder closed to every other user, without the links its install script makes. */
beforeAll(async () => {
  const original = packageFolder();
  if (original === undefined) throw new Error('the platform package is not installed');
  const root = await temporaryFolder();
  native = join(root, 'native');
  await cp(join(dirname(original), 'package.json'), join(root, 'package.json'));
  await cp(original, native, {
    recursive: true,
    verbatimSymlinks: true,
    filter: async (path) => !path.endsWith('.a') && !(await lstat(path)).isSymbolicLink(),
  });
});
afterAll(removeServers);

const version = async (): Promise<string> =>
  (await promisify(execFile)(join(native, 'bin', 'postgres'), ['--version'])).stdout;

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('library links', () => {
  it('are made when the install script did not run', async () => {
    await expect(version()).rejects.toThrow('error while loading shared libraries');
    expect(await restoreLibraryLinks(native)).toBeGreaterThan(0);
    expect(await version()).toMatch(/^postgres \(PostgreSQL\) 18\./);
  });

  it('are left alone when they work', async () => {
    await restoreLibraryLinks(native);
    expect(await restoreLibraryLinks(native)).toBe(0);
  });

  it('are replaced when they lead nowhere', async () => {
    await rm(join(native, ICU), { force: true });
    await symlink('gone', join(native, ICU));
    await expect(version()).rejects.toThrow('error while loading shared libraries');
    expect(await restoreLibraryLinks(native)).toBeGreaterThan(0);
    expect(await version()).toMatch(/^postgres \(PostgreSQL\) 18\./);
  });
});

describe.runIf(existsSync('/usr/lib/postgresql'))('without a platform package', () => {
  it('a server of the system is started', async () => {
    const directory = await newDirectory();
    const onNotice = (): void => undefined;
    const user = await serverUserFor(join(directory, 'cluster'));
    const layout = await prepareHome({ directory, user, onNotice });
    const found = await findBinaries({ home: layout.home, user, native: undefined, major: undefined, onNotice });
    const { port } = await bringUp(layout, async () => {
      await ensureCluster({ layout, binaries: found, user, durable: false });
      return { layout, binaries: found, user, durable: false, settings: {} };
    });
    const url = await connectionString(layout, port);
    expect(await ask(url, 'SHOW server_version')).toContain(found.version);
    expect(await ask(url, `SELECT upper('é') || ('Z' < 'a')`)).toBe('Étrue');
  });
});

describe.runIf(isRoot())('packages the server user cannot reach', () => {
  const search = async (major: number | undefined) => {
    const home = await temporaryFolder();
    await chmod(home, 0o711);
    const lines: string[] = [];
    const user = await serverUserFor(join(home, 'cluster'));
    const found = await findBinaries({ home, user, native, major, onNotice: (line) => lines.push(line) });
    return { home, found, lines };
  };

  it.runIf(existsSync('/usr/lib/postgresql'))('give way to binaries of the system, and that is said', async () => {
    const { found, lines } = await search(undefined);
    expect(found.bin).toMatch(/^\/usr\/lib\/postgresql\/\d+\/bin$/);
    expect(lines).toEqual([expect.stringContaining(found.bin)]);
  });

  it('are copied beside the data when the system has no fitting ones', async () => {
    const { home, found } = await search(18);
    expect(found).toMatchObject({ major: 18, bin: expect.stringContaining(home) });
  });

  it('end in a sentence with a way out when nothing fits the data', async () => {
    await expect(search(9)).rejects.toThrow(/PostgreSQL 9, which made the data, cannot be run.*database\.url/s);
  });
});
