import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, readIfThere } from './layout.ts';
import { run } from './run.ts';

/** What `postmaster.pid` and the process table say about a data directory. */
export type Postmaster =
  | { readonly state: 'stopped' }
  /** The file names a process that is not this server; `text` is what it said. */
  | { readonly state: 'stale'; readonly text: string }
  | { readonly state: 'starting' | 'stopping'; readonly pid: number | undefined }
  | { readonly state: 'running'; readonly pid: number; readonly port: number };

const EMPTY_FILE_IS_STALE_AFTER_MS = 10_000;

/**
 * Reads the state of the server of a data directory. Lines of the file (PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*):
 * 1 pid, 4 port, 8 status, one of starting, stopping, ready, standby.
 */
export async function inspectPostmaster(data: string): Promise<Postmaster> {
  const text = await readIfThere(postmasterFile(data));
  if (text === undefined) return { state: 'stopped' };
  const lines = linesOf(text);
  const pid = Math.abs(Number(lines[0]));
  if (!Number.isInteger(pid) || pid === 0) return halfWritten(data, text);
  const holder = await whoHolds(pid, data);
  if (holder === 'nobody') return { state: 'stopped' };
  if (holder === 'another') return { state: 'stale', text };
  if (lines[7] === 'stopping') return { state: 'stopping', pid };
  const port = readyPort(text);
  return port === undefined ? { state: 'starting', pid } : { state: 'running', pid, port };
}

const linesOf = (text: string) => text.split('\n').map((line) => line.trim());

/** The port of a server that takes connections, by what its `postmaster.pid` says; undefined when it says of none. */
export function readyPort(text: string): number | undefined {
  const lines = linesOf(text);
  const port = Number(lines[3]);
  return (lines[7] === 'ready' || lines[7] === 'standby') && port > 0 ? port : undefined;
}

/**
 * Removes a stale `postmaster.pid`. Postgres itself clears the file of a process that is gone, but refuses to start when
 * the number was given to another process of the same user, as after the restart of a container.
 */
export async function clearStale(data: string, text: string): Promise<void> {
  if ((await readIfThere(postmasterFile(data))) === text) await rm(postmasterFile(data), { force: true });
}

/** Where the server of a data directory says how it is reached. */
export function postmasterFile(data: string): string {
  return join(data, 'postmaster.pid');
}

async function halfWritten(data: string, text: string): Promise<Postmaster> {
  const written = await stat(postmasterFile(data)).catch(() => undefined);
  if (written === undefined) return { state: 'stopped' };
  const age = Date.now() - written.mtimeMs;
  return age > EMPTY_FILE_IS_STALE_AFTER_MS ? { state: 'stale', text } : { state: 'starting', pid: undefined };
}

async function whoHolds(pid: number, data: string): Promise<'server' | 'another' | 'nobody'> {
  if (!isAlive(pid)) return 'nobody';
  const found = process.platform === 'linux' ? await linuxProcess(pid) : await listedProcess(pid);
  if (found === undefined) return 'server';
  if (found.dead || !/^(postgres|postmaster)/.test(found.name)) return 'another';
  return (await worksIn(pid, data)) ? 'server' : 'another';
}

/** Whether a process of that number exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

type FoundProcess = { readonly name: string; readonly dead: boolean };

/** proc(5): `pid (name) state …`. A zombie still has its number where nothing collects orphans, as in many containers. */
async function linuxProcess(pid: number): Promise<FoundProcess | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const match = text === undefined ? null : /\((.*)\) (\S)/s.exec(text);
  if (match === null) return undefined;
  return { name: match[1] ?? '', dead: match[2] === 'Z' || match[2] === 'X' };
}

async function listedProcess(pid: number): Promise<FoundProcess | undefined> {
  if (process.platform === 'win32') return undefined;
  const { code, output } = await run('ps', ['-p', String(pid), '-o', 'stat=,comm=']);
  const match = code === 0 ? /^(\S+)\s+(?:.*\/)?(.*)$/.exec(output) : null;
  if (match === null) return undefined;
  return { name: match[2] ?? '', dead: match[1]?.startsWith('Z') ?? false };
}

/** A server works in its data directory, which tells it from the server of another one. Unknown counts as yes. */
async function worksIn(pid: number, data: string): Promise<boolean> {
  const theirs = await stat(`/proc/${pid}/cwd`).catch(() => undefined);
  const ours = await stat(data).catch(() => undefined);
  if (theirs === undefined || ours === undefined) return true;
  return theirs.ino === ours.ino && theirs.dev === ours.dev;
}
