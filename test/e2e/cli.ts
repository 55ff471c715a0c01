import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inject, onTestFinished } from 'vitest';
import { DEFAULT_TOKEN, type Platform } from '../../demo/platform/platform.ts';
import { createTestDatabase, query } from '../store/database.ts';
import { type MiniRun, PRODUCTION } from './mini-history.ts';
import { given } from './mini-platform.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Settles when these words were written to standard error. */
  says(words: string): Promise<void>;
}

export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** What Node is given to run, instead of the command line. */
  readonly program?: readonly string[];
}

/** A new folder that any user may enter, until the end of the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'cli-test-'));
  chmodSync(path, 0o711);
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Starts the command line as a process of its own, with nothing of our environment but what it needs to run. */
export function start(args: readonly string[], surroundings: Surroundings = {}): Running {
  const { cwd = folder(), env = {}, program = [inject('cliMain')] } = surroundings;
  const child = spawn(process.execPath, [...program, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]): Ended => ({ out, err, code }));
  const says = async (words: string) => {
    while (!err.includes(words)) await once(child.stderr, 'data');
  };
  return { child, ended, says };
}

export function cli(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  return start(args, surroundings).ended;
}

/** A platform, a database, and the command line between them. */
export interface Scene {
  readonly platform: Platform;
  readonly databaseUrl: string;
  /** Runs `sync` for the platform's production environment; the given arguments come last and win. */
  sync(...args: string[]): Promise<Ended>;
  startSync(...args: string[]): Running;
  /** Runs any other command on the database. */
  run(...args: string[]): Promise<Ended>;
  rows<Row extends Record<string, unknown>>(statement: string): Promise<Row[]>;
}

/** A platform that has ingested the runs and an empty store. */
export async function scene(...runs: MiniRun[]): Promise<Scene> {
  const platform = await given(...runs);
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const env = { DATABASE_URL: database.url, TOKEN: DEFAULT_TOKEN };
  const described = ['--discovery-url', `${platform.url}/graphql`, '--environment-id', String(PRODUCTION)];
  const startSync = (...args: string[]) =>
    start(['sync', '--name', 'shop', '--token-env', 'TOKEN', ...described, ...args], { env });
  return {
    platform,
    databaseUrl: database.url,
    startSync,
    sync: (...args) => startSync(...args).ended,
    run: (...args) => cli(args, { env }),
    rows: (statement) => query(database.url, statement),
  };
}

/** An endpoint before the platform that lets some requests pass and keeps all others waiting until it is opened. */
export interface Gate {
  readonly url: string;
  /** Settles when a request waits. */
  readonly reached: Promise<void>;
  open(): void;
}

export async function gateBefore(platform: Platform, passing = 0): Promise<Gate> {
  const gate = new EventEmitter();
  let asked = 0;
  const reached = once(gate, 'reached').then(() => undefined);
  const opened = once(gate, 'opened');
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (++asked > passing) {
      gate.emit('reached');
      await opened;
    }
    const headers = { authorization: String(request.headers.authorization), 'content-type': 'application/json' };
    const answer = await fetch(`${platform.url}${request.url}`, { method: 'POST', headers, body });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/graphql`, reached, open: () => void gate.emit('opened') };
}

/** A port that nothing may listen on by chance: whoever wants any port gets none below 1024 (and not 1, which fetch refuses). */
export const CLOSED_PORT = 2;
