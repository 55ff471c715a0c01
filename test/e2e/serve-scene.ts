import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { inject, onTestFinished, vi } from 'vitest';
import { DEFAULT_TOKEN } from '../../demo/platform/platform.ts';
import type { Role } from '../../src/cli/roles.ts';
import { query } from '../store/database.ts';
import { folder } from './cli.ts';
import type { ServeTask } from './serve-child.ts';

/** An integration of the demo platform. */
export interface Configured {
  readonly name: string;
  readonly environmentId: number;
  readonly schedule?: string;
  readonly timeZone?: string;
}

export interface Surroundings {
  /** Left out: an embedded database beside the configuration. */
  readonly databaseUrl?: string;
  readonly platformUrl: string;
}

/** Writes a configuration and gives its path. */
export function configured(integrations: readonly Configured[], { databaseUrl, platformUrl }: Surroundings): string {
  const lines = integrations.map(({ name, environmentId, schedule, timeZone = 'UTC' }) => {
    const keys = [`name: ${name}`, `environment_id: ${environmentId}`, `token: ${DEFAULT_TOKEN}`, 'source: discovery'];
    if (schedule !== undefined) keys.push(`schedule: "${schedule}"`, `time_zone: ${timeZone}`);
    return `  - { ${keys.join(', ')}, discovery_url: "${platformUrl}/graphql" }`;
  });
  const path = join(folder(), 'dbt-observer.yaml');
  const database = databaseUrl === undefined ? [] : [`database: { url: "${databaseUrl}" }`];
  writeFileSync(path, ['integrations:', ...lines, ...database, 'server: { port: 0 }'].join('\n'));
  return path;
}

/** A process of some roles. */
export interface Roles {
  readonly child: ChildProcess;
  /** Everything that it logged. */
  log(): string;
  /** Settles when these words were logged. */
  says(words: string): Promise<void>;
  /** Sets its clock ahead, and settles when its scheduler has looked at it. */
  setAhead(aheadMs: number): Promise<void>;
}

let program: string | undefined;

/** The child as JavaScript that imports what the command line was built of. */
function childProgram(): string {
  const dist = pathToFileURL(dirname(dirname(inject('cliMain')))).href;
  const source = readFileSync(fileURLToPath(new URL('./serve-child.ts', import.meta.url)), 'utf8');
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  const { outputText } = ts.transpileModule(source, { compilerOptions });
  return outputText.replaceAll(/'\.\.\/\.\.\/src\/([^']+)\.ts'/g, `'${dist}/$1.js'`);
}

/** Starts a process of some roles, and waits until they are there. */
export async function roles(
  config: string,
  names: readonly Role[],
  { lookMs = 30_000, aheadMs = 0 }: Partial<Pick<ServeTask, 'lookMs' | 'aheadMs'>> = {},
): Promise<Roles> {
  program ??= childProgram();
  const file = join(folder(), 'serve-child.mjs');
  writeFileSync(file, program);
  const task: ServeTask = { config, roles: names, lookMs, aheadMs };
  const child = spawn(process.execPath, [file, JSON.stringify(task)], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const gone = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`A process of ${names.join(', ')} ended (${signal ?? code}):\n${log.slice(-2_000)}`);
  });
  gone.catch(() => undefined);
  await Promise.race([once(child, 'message'), gone]);
  return {
    child,
    log: () => log,
    says: (words) => vi.waitUntil(() => log.includes(words), { timeout: 20_000, interval: 20 }).then(() => undefined),
    setAhead: async (to) => {
      const answer = once(child, 'message');
      child.send({ aheadMs: to });
      await Promise.race([answer, gone]);
    },
  };
}

/** Stops a process as its user would, and waits for its end. */
export async function stopped({ child }: Roles): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Waits until nothing is in the queue. */
export async function idle(databaseUrl: string, timeout = 25_000): Promise<void> {
  const waiting = "select key, last_error from dbt_queue.jobs where task_identifier <> 'maintain'";
  await vi.waitUntil(async () => (await query(databaseUrl, waiting)).length === 0, { timeout, interval: 50 });
}

/** How the syncs of each integration ended, in the order they began. */
export async function outcomes(databaseUrl: string): Promise<Record<string, string[]>> {
  const rows = await query<{ integration: string; outcomes: string[] }>(
    databaseUrl,
    'select integration, array_agg(outcome order by sync_run_id) as outcomes from dbt.sync_runs group by 1',
  );
  return Object.fromEntries(rows.map((row) => [row.integration, row.outcomes]));
}
