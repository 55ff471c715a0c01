import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FatalError } from '../../src/domain/errors.ts';
import {
  type EmbeddedServer,
  embeddedStatus,
  embeddedUrl,
  startEmbedded,
  stopEmbedded,
} from '../../src/store/embedded/embedded.ts';
import { isRoot } from '../../src/store/embedded/server-user.ts';
import {
  ask,
  newDirectory,
  pidIn,
  removeServers,
  signalGroup,
  startInProcess,
  temporaryFolder,
} from './embedded-servers.ts';

afterAll(removeServers);

/** A server in a directory of its own. */
async function started(durable = false): Promise<{ directory: string; server: EmbeddedServer }> {
  const directory = await newDirectory();
  return { directory, server: await startEmbedded({ directory, durable }) };
}

describe('a running server', () => {
  let directory: string;
  let server: EmbeddedServer;
  beforeAll(async () => {
    directory = await newDirectory();
    server = await startEmbedded({ directory, durable: false, settings: { work_mem: '7MB', 'ours.word': "it's" } });
  });

  it('is reached through its connection string and has a database of its own', async () => {
    expect(server.started).toBe(true);
    expect(await ask(server.url, 'SELECT current_database()')).toBe('dbt_observer');
  });

  it('sorts by code point, speaks UTF-8 and keeps UTC', async () => {
    const settings = `SELECT current_setting('server_encoding') || ' ' || current_setting('TimeZone') || ' ' || ('Z' < 'a')`;
    expect(await ask(server.url, settings)).toBe('UTF8 UTC true');
    expect(await ask(server.url, `SELECT upper('é')`)).toBe('É');
  });

  it('listens on loopback only and has no socket file', async () => {
    expect(await ask(server.url, 'SHOW listen_addresses')).toBe('127.0.0.1');
    expect(await ask(server.url, 'SHOW unix_socket_directories')).toBe('');
  });

  it('takes the settings it was started with', async () => {
    expect(await ask(server.url, 'SHOW work_mem')).toBe('7MB');
    expect(await ask(server.url, 'SHOW ours.word')).toBe("it's");
    expect(await ask(server.url, 'SHOW fsync')).toBe('off');
  });

  it('refuses a wrong password', async () => {
    const wrong = server.url.replace(/:[^:@]+@/, ':wrong@');
    await expect(ask(wrong, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('keeps its password in a file only its user can read', async () => {
    const found = await stat(join(dirname(server.dataDirectory), 'password'));
    expect(found.mode & 0o777).toBe(0o600);
  });

  it('is found again by a second start', async () => {
    expect(await startEmbedded({ directory })).toEqual({ ...server, started: false });
    expect(await embeddedUrl({ directory })).toBe(server.url);
  });

  it('reports the process and the port that postmaster.pid names', async () => {
    expect(await embeddedStatus({ directory })).toEqual({
      state: 'running',
      dataDirectory: server.dataDirectory,
      pid: await pidIn(server.dataDirectory),
      port: Number(new URL(server.url).port),
    });
  });

  it('carries nothing of our environment', async () => {
    const environment = await readFile(`/proc/${await pidIn(server.dataDirectory)}/environ`, 'utf8').catch(() => '');
    expect(environment).not.toContain('VITEST');
  });
});

describe('starting and stopping', () => {
  it('gives two processes that start at once the same server, made by one of them', async () => {
    const directory = await newDirectory();
    const [one, two] = await Promise.all([startInProcess(directory), startInProcess(directory)]);
    expect(one.server.url).toBe(two.server.url);
    expect([one.server.started, two.server.started].sort()).toEqual([false, true]);
    expect(await readdir(directory)).toEqual(['cluster']);
  });

  it('survives a Ctrl-C in the terminal of the command that started it', async () => {
    const { child, server } = await startInProcess(await newDirectory(), true);
    await signalGroup(child, 'SIGINT');
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
  });

  it('starts again after its process was killed, with the rows that were committed', async () => {
    const { directory, server } = await started(true);
    await ask(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(await pidIn(server.dataDirectory), 'SIGKILL');
    const again = await startEmbedded({ directory });
    expect(again.started).toBe(true);
    expect(await ask(again.url, 'SELECT answer FROM kept')).toBe(42);
  });

  it('starts when the number in postmaster.pid now belongs to a process of another kind', async () => {
    const { directory, server } = await started();
    const pidFile = join(server.dataDirectory, 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await stopEmbedded({ directory });
    const { uid, gid } = await stat(server.dataDirectory);
    const stranger = spawn('sleep', ['60'], isRoot() ? { uid, gid } : {});
    await once(stranger, 'spawn');
    await writeFile(pidFile, [stranger.pid, ...lines.slice(1)].join('\n'), { mode: 0o600 });
    await chown(pidFile, uid, gid);
    expect((await embeddedStatus({ directory })).state).toBe('stopped');
    expect((await startEmbedded({ directory, durable: false })).started).toBe(true);
    expect(stranger.kill()).toBe(true);
  });

  it('is out of reach once stopped, and stopping it again says that nothing ran', async () => {
    const { directory } = await started();
    expect(await stopEmbedded({ directory })).toBe('stopped');
    expect(await embeddedUrl({ directory })).toBeUndefined();
    expect((await embeddedStatus({ directory })).state).toBe('stopped');
    expect(await stopEmbedded({ directory })).toBe('not running');
  });

  it('keeps its port over a restart, and moves when another program has taken it', async () => {
    const { directory, server } = await started();
    await stopEmbedded({ directory });
    expect((await startEmbedded({ directory, durable: false })).url).toBe(server.url);
    await stopEmbedded({ directory });
    const squatter = createServer().listen(server.port, '127.0.0.1');
    await once(squatter, 'listening');
    const moved = await startEmbedded({ directory, durable: false });
    squatter.close();
    expect(moved.port).not.toBe(server.port);
    expect(await ask(moved.url, 'SELECT 1')).toBe(1);
  });

  it('is not disturbed by what an interrupted first start left, and clears it away', async () => {
    const directory = await newDirectory();
    const ended = spawn('true');
    await once(ended, 'exit');
    const leftover = join(directory, `unfinished-${ended.pid}-abc123`);
    await mkdir(join(leftover, 'data'), { recursive: true });
    await writeFile(join(leftover, 'data', 'PG_VERSION'), '18\n');
    await chmod(directory, 0o711);
    const server = await startEmbedded({ directory, durable: false });
    expect(await ask(server.url, 'SELECT 1')).toBe(1);
    expect(existsSync(leftover)).toBe(false);
  });

  it('makes its database again when someone dropped it', async () => {
    const { directory, server } = await started();
    await ask(server.url.replace(/[^/]*$/, 'postgres'), 'DROP DATABASE dbt_observer WITH (FORCE)');
    await startEmbedded({ directory });
    expect(await ask(server.url, 'SELECT current_database()')).toBe('dbt_observer');
  });

  it('says that a directory where nothing was started is absent', async () => {
    const directory = await newDirectory();
    expect((await embeddedStatus({ directory })).state).toBe('absent');
    expect(await embeddedUrl({ directory })).toBeUndefined();
    expect(existsSync(directory)).toBe(false);
  });
});

describe('what cannot be done', () => {
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('names the reason of the log when the server does not come up', async () => {
    const directory = await newDirectory();
    const failure = await failureOf(startEmbedded({ directory, durable: false, settings: { work_mem: 'much' } }));
    expect(failure).toBeInstanceOf(FatalError);
    expect(String(failure)).toMatch(/invalid value for parameter "work_mem": "much".*server\.log/s);
  });

  it('refuses a setting whose name is not one', async () => {
    const directory = await newDirectory();
    const failure = await failureOf(startEmbedded({ directory, durable: false, settings: { "x'; touch y": '1' } }));
    expect(failure).toBeInstanceOf(FatalError);
    expect(String(failure)).toContain('not the name of a PostgreSQL setting');
  });

  it('says which file does not fit when the password was changed, without printing either', async () => {
    const { directory, server } = await started();
    const file = join(dirname(server.dataDirectory), 'password');
    const right = await readFile(file, 'utf8');
    await writeFile(file, 'another-word');
    const failure = await failureOf(startEmbedded({ directory }));
    await writeFile(file, right);
    expect(failure).toBeInstanceOf(FatalError);
    expect(String(failure)).toContain(file);
    expect(String(failure)).not.toMatch(new RegExp(`another-word|${right}`));
  });

  it('names the file that a person must make way for when the place of the data is taken', async () => {
    const directory = join(await temporaryFolder(), 'file');
    await writeFile(directory, '');
    const failure = await failureOf(startEmbedded({ directory }));
    expect(failure).toBeInstanceOf(FatalError);
    expect(String(failure)).toContain(directory);
    await unlink(directory);
  });
});

describe.runIf(isRoot())('as root', () => {
  it('keeps the data where the server can reach it, says so in one line, and finds it again', async () => {
    const directory = await newDirectory(join(await temporaryFolder(), 'closed'));
    const lines: string[] = [];
    const server = await startEmbedded({ directory, durable: false, onNotice: (line) => lines.push(line) });
    const home = dirname(dirname(server.dataDirectory));
    expect(home.startsWith(directory)).toBe(false);
    expect(lines).toEqual([expect.stringContaining(`cannot reach ${directory}; its data is kept in ${home}`)]);
    expect(await embeddedUrl({ directory })).toBe(server.url);
    expect((await startEmbedded({ directory, onNotice: (line) => lines.push(line) })).started).toBe(false);
    expect(lines).toHaveLength(1);
  });

  it('opens a new empty folder of its own rather than going elsewhere', async () => {
    const directory = await temporaryFolder();
    const server = await startEmbedded({ directory, durable: false });
    expect(server.dataDirectory).toBe(join(directory, 'cluster', 'data'));
    await stopEmbedded({ directory });
  });

  it('runs the server as the owner of the data', async () => {
    const { server } = await started();
    const owner = await stat(server.dataDirectory);
    expect(owner.uid).not.toBe(0);
    expect((await stat(`/proc/${await pidIn(server.dataDirectory)}`)).uid).toBe(owner.uid);
  });
});
