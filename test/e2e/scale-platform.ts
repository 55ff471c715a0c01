import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import { start } from './cli.ts';

const MAIN = fileURLToPath(new URL('../../demo/platform/main.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

/** A platform in a process of its own, so that neither its memory nor its work is the test's. */
export interface ScalePlatform {
  readonly url: string;
  advance(history: string, runs: number): Promise<void>;
  /** The largest memory of its process so far. */
  peakMb(): number;
  close(): Promise<void>;
}

export async function startScalePlatform(folder: string): Promise<ScalePlatform> {
  const args = ['--import', TSX, MAIN, '--history', folder, '--runs', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const { url } = JSON.parse(String(line)) as { url: string };
  return {
    url,
    advance: async (history, runs) => {
      const body = JSON.stringify({ history, runs });
      const answer = await fetch(`${url}/control/advance`, { method: 'POST', body });
      if (!answer.ok) throw new Error(`The platform does not advance: ${await answer.text()}`);
    },
    peakMb: () => peakOf(child),
    close: async () => {
      const ended = once(child, 'close');
      // Asked to stop it would tell of its requests, which nobody wants to read here.
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Linux alone tells the peak of another process; elsewhere the number is missing. */
function peakOf({ pid }: ChildProcess): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes) / 1024);
  } catch {
    return Number.NaN;
  }
}

/** What a `sync` of the command line came to. */
export interface ScaleSync {
  readonly code: number | null;
  readonly result: { readonly outcome: string; readonly rows_written: number; readonly requests: number };
  readonly seconds: number;
  readonly peakMb: number;
}

const PEAK = /peak of (\d+) kB/;
/** Runs in the process of the command line and says at its end how much memory it took at most. */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => process.stderr.write("peak of " + process.resourceUsage().maxRSS + " kB"))',
)}`;

export interface ScaleScene {
  readonly platform: ScalePlatform;
  readonly databaseUrl: string;
  readonly environmentId: number;
}

export async function scaleSync(scene: ScaleScene, ...args: string[]): Promise<ScaleSync> {
  const env = { DATABASE_URL: scene.databaseUrl, TOKEN: DEFAULT_TOKEN, NODE_OPTIONS: `--import=${TELL_PEAK}` };
  const described = ['--access-url', 'https://ab123.us1.dbt.com', '--discovery-url', `${scene.platform.url}/graphql`];
  const integration = [
    '--name',
    'scale',
    '--environment-id',
    String(scene.environmentId),
    '--token-env',
    'TOKEN',
    '--no-run-history',
  ];
  const started = performance.now();
  const { code, out, err } = await start(['sync', '--json', ...integration, ...described, ...args], { env }).ended;
  const seconds = (performance.now() - started) / 1000;
  if (out === '') throw new Error(`The sync said nothing but: ${err}`);
  const [, kilobytes] = PEAK.exec(err) ?? [];
  const [result] = [JSON.parse(out)].flat();
  return { code, result, seconds, peakMb: Math.round(Number(kilobytes) / 1024) };
}
