import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./platform/main.ts', import.meta.url));

/** The loopback platform in a process of its own, as a real one would be elsewhere. */
export interface LocalPlatform {
  readonly discoveryUrl: string;
  /** Lets the first `runs` runs of a history have finished. */
  advance(history: string, runs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the platform with histories none of whose runs has finished yet. */
export async function startLocalPlatform(histories: readonly string[]): Promise<LocalPlatform> {
  const options = [...histories.flatMap((folder) => ['--history', folder]), '--runs', '0'];
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const url = await firstUrl(child.stdout);
  if (url === undefined) throw new Error(`The local platform does not start:\n${complaints}`);
  return {
    discoveryUrl: `${url}/graphql`,
    advance: (history, runs) => advance(url, history, runs),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function firstUrl(stdout: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: stdout })) return (JSON.parse(line) as { url: string }).url;
  return undefined;
}

async function advance(url: string, history: string, runs: number): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ history, runs });
  const response = await fetch(`${url}/control/advance`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`The local platform does not go on: ${await response.text()}`);
}
