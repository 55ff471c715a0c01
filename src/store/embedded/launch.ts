import { chown, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { FatalError } from '../../domain/errors.ts';
import type { Binaries } from './binaries.ts';
import { type Layout, readIfThere } from './layout.ts';
import { run, type ServerUser } from './run.ts';

/** How one server is to run; see StartOptions for the meaning of the last two. */
export type LaunchRequest = {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly durable: boolean;
  readonly settings: Readonly<Record<string, string>>;
};

/** For data nobody will miss: nothing waits for a disk. */
const NOT_DURABLE = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  shared_buffers: '32MB',
};

const LARGEST_LOG_BYTES = 10 * 1024 * 1024;

/**
 * Runs `pg_ctl start` once and waits for its answer. It starts the server in a session of its own; pg_ctl itself runs
 * detached too, since a Ctrl-C while it waits would make it stop what it started.
 *
 * @returns undefined when the server answers, else what the log said about this attempt.
 */
export async function launch(request: LaunchRequest, preferUsualPort: boolean): Promise<string | undefined> {
  const { layout, binaries, user } = request;
  const port = await choosePort(layout, preferUsualPort);
  await putAsideLargeLog(layout.log);
  const log = await open(layout.log, 'a', 0o600);
  try {
    if (user) await log.chown(user.uid, user.gid);
    const before = (await log.stat()).size;
    const args = ['start', '--silent', '--wait', '--timeout', '60', '-D', layout.data, '-l', layout.log];
    args.push('-o', serverOptions(request, port));
    const { code } = await run(join(binaries.bin, 'pg_ctl'), args, { user, outputFd: log.fd, detached: true });
    if (code !== 0) return (await readFile(layout.log)).subarray(before).toString('utf8').trim();
  } finally {
    await log.close();
  }
  await writeFile(layout.port, `${port}\n`);
  if (user) await chown(layout.port, user.uid, user.gid);
  return undefined;
}

/** pg_ctl hands these to a shell. Loopback comes last, where no setting overrides it. */
function serverOptions({ durable, settings }: LaunchRequest, port: number): string {
  const all = { ...(durable ? {} : NOT_DURABLE), ...settings, listen_addresses: '127.0.0.1', port: String(port) };
  const options = Object.entries(all).map(([name, value]) => {
    if (!/^[a-z_][a-z0-9_.]*$/i.test(name)) {
      throw new FatalError(`"${name}" is not the name of a PostgreSQL setting. Correct it and try again.`);
    }
    return `-c '${name}=${value.replaceAll("'", "'\\''")}'`;
  });
  return options.join(' ');
}

/** The port of last time when it is free, so that a reader's saved connection keeps working; else any free one. */
async function choosePort(layout: Layout, preferUsual: boolean): Promise<number> {
  const usual = preferUsual ? Number.parseInt((await readIfThere(layout.port)) ?? '', 10) : Number.NaN;
  if (usual > 0) {
    const free = await freePort(usual).catch(() => undefined);
    if (free !== undefined) return free;
  }
  return freePort(0);
}

function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port: wanted, exclusive: true }, () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : wanted;
      probe.close(() => resolve(port));
    });
  });
}

async function putAsideLargeLog(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LARGEST_LOG_BYTES) await rename(log, `${log}.old`);
}
