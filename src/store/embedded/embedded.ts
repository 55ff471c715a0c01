import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FatalError } from '../../domain/errors.ts';
import { findBinaries, majorOf, packageFolder } from './binaries.ts';
import { bringUp, LONGEST_WAIT_MS, LOOK_AGAIN_MS } from './bring-up.ts';
import { ensureCluster } from './cluster.ts';
import { connectionString } from './database.ts';
import { prepareHome } from './home.ts';
import { errorCode, locate } from './layout.ts';
import { inspectPostmaster } from './postmaster.ts';
import { serverUserFor } from './server-user.ts';

/** The folder an embedded PostgreSQL belongs to, `.dbt-observer` of a project; it holds nothing else. */
export type EmbeddedOptions = { readonly directory: string };

export type StartOptions = EmbeddedOptions & {
  /** Receives single lines a person should read: data kept elsewhere, binaries of the system. */
  readonly onNotice?: (line: string) => void;
  /** False for data nobody will miss (tests): starts faster and never waits for a disk. Default true. */
  readonly durable?: boolean;
  /** Server settings (`postgresql.conf` names); they count only for the call that starts the server. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The `native` folder of a platform package, for another version of PostgreSQL than the installed one. */
  readonly native?: string | undefined;
};

/** A running server. `url` holds the password. `started` is false when it was running, or another process started it. */
export type EmbeddedServer = {
  readonly url: string;
  readonly port: number;
  readonly dataDirectory: string;
  readonly started: boolean;
};

export type EmbeddedStatus = {
  /** `absent`: never started here. */
  readonly state: 'absent' | 'stopped' | 'starting' | 'running' | 'stopping';
  readonly dataDirectory: string;
  readonly pid?: number;
  readonly port?: number;
};

/**
 * Makes sure that the embedded PostgreSQL of a directory runs and returns how to reach it. The server outlives this
 * process and its signals; {@link stopEmbedded} ends it. Any number of processes may call this at once: one starts the
 * server, the others wait for it. Needs no repair after a crash, a reboot or an interrupted first start.
 *
 * @throws FatalError that says what to mend: no usable binaries, no permission, a server that does not come up.
 */
export async function startEmbedded(options: StartOptions): Promise<EmbeddedServer> {
  const { onNotice = () => undefined, durable = true, settings = {}, native = packageFolder() } = options;
  return explained('start', options, async (directory) => {
    const user = await serverUserFor((await locate(directory)).cluster);
    const layout = await prepareHome({ directory, user, onNotice });
    const { port, started } = await bringUp(layout, async () => {
      const major = await majorOf(layout.data);
      const binaries = await findBinaries({ home: layout.home, user, native, major, onNotice });
      await ensureCluster({ layout, binaries, user, durable });
      return { layout, binaries, user, durable, settings };
    });
    return { url: await connectionString(layout, port), port, dataDirectory: layout.data, started };
  });
}

/**
 * Stops the server of a directory: sessions are ended, transactions rolled back (PostgreSQL's fast shutdown, SIGINT).
 *
 * @throws FatalError when it has not stopped after two minutes or belongs to another user.
 */
export async function stopEmbedded(options: EmbeddedOptions): Promise<'stopped' | 'not running'> {
  return explained('stop', options, async (directory) => {
    const { data, log } = await locate(directory);
    const deadline = Date.now() + LONGEST_WAIT_MS;
    let asked: number | undefined;
    while (Date.now() < deadline) {
      const server = await inspectPostmaster(data);
      const pid = 'pid' in server ? server.pid : undefined;
      if (server.state === 'stopped' || server.state === 'stale') return asked ? 'stopped' : 'not running';
      if (asked && pid !== undefined && pid !== asked) return 'stopped';
      if (!asked && pid !== undefined) {
        askToStop(pid);
        asked = pid;
      }
      await pause(LOOK_AGAIN_MS);
    }
    throw new FatalError(`The embedded PostgreSQL in ${data} does not stop. Look into ${log} and try again.`);
  });
}

/** The connection string, password included, when the server of a directory runs; else undefined. Starts nothing. */
export async function embeddedUrl(options: EmbeddedOptions): Promise<string | undefined> {
  return explained('reach', options, async (directory) => {
    const layout = await locate(directory);
    const server = await inspectPostmaster(layout.data);
    return server.state === 'running' ? connectionString(layout, server.port) : undefined;
  });
}

/** What the files and the process table say about the server of a directory. Starts and changes nothing. */
export async function embeddedStatus(options: EmbeddedOptions): Promise<EmbeddedStatus> {
  return explained('inspect', options, async (directory) => {
    const { data } = await locate(directory);
    const server = await inspectPostmaster(data);
    if (server.state === 'running') {
      return { state: 'running', dataDirectory: data, pid: server.pid, port: server.port };
    }
    if (server.state === 'stopped' || server.state === 'stale') {
      return { state: (await majorOf(data)) === undefined ? 'absent' : 'stopped', dataDirectory: data };
    }
    return { state: server.state, dataDirectory: data, ...(server.pid === undefined ? {} : { pid: server.pid }) };
  });
}

function askToStop(pid: number): void {
  try {
    process.kill(pid, 'SIGINT');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** Turns what the system refused into a sentence with a way out. */
async function explained<T>(
  verb: string,
  options: EmbeddedOptions,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = resolve(options.directory);
  try {
    return await work(directory);
  } catch (error) {
    if (error instanceof FatalError) throw error;
    const denied = ['EACCES', 'EPERM'].includes(errorCode(error) ?? '');
    const mend = denied ? 'Run as the user who first started it' : 'Mend that and try again';
    throw new FatalError(
      `Cannot ${verb} the embedded PostgreSQL of ${directory}: ${error instanceof Error ? error.message : String(error)}. ` +
        `${mend}, or set database.url to a server of your own.`,
      { cause: error },
    );
  }
}
