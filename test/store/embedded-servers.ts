import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type EmbeddedServer, embeddedStatus, stopEmbedded } from '../../src/store/embedded/embedded.ts';

const SCRIPT = fileURLToPath(new URL('./embedded-start.ts', import.meta.url));
const temporary: string[] = [];
const directories: string[] = [];

/** A new folder that is removed, with the servers of all directories made in it, by {@link removeServers}. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-test-'));
  temporary.push(folder);
  return folder;
}

/** A directory for an embedded server that does not exist yet. */
export async function newDirectory(parent?: string): Promise<string> {
  const directory = join(parent ?? (await mkdtempOpen()), '.dbt-observer');
  directories.push(directory);
  return directory;
}

export async function removeServers(): Promise<void> {
  for (const directory of directories) {
    const { dataDirectory } = await embeddedStatus({ directory });
    await stopEmbedded({ directory });
    await rm(dirname(dirname(dataDirectory)), { recursive: true, force: true });
  }
  for (const folder of temporary) await rm(folder, { recursive: true, force: true });
}

/** Starts a process of its own, leader of its own group, that starts the server of a directory. */
export async function startInProcess(
  directory: string,
  stay = false,
): Promise<{ child: ChildProcess; server: EmbeddedServer }> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, directory, ...(stay ? ['stay'] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, server: JSON.parse(line) as EmbeddedServer };
  }
  throw new Error('the process ended without starting a server');
}

/** Sends a signal to every process of a child's group, as a terminal does, and waits for the child's end. */
export async function signalGroup(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  if (child.pid === undefined) throw new Error('the child has no process id');
  process.kill(-child.pid, signal);
  await ended;
}

/** The first column of the first row a statement returns. */
export async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

export async function pidIn(dataDirectory: string): Promise<number> {
  return Number((await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

async function mkdtempOpen(): Promise<string> {
  const folder = await temporaryFolder();
  await chmod(folder, 0o711);
  return folder;
}
