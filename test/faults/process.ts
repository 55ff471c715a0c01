import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { DEFAULT_TOKEN, type Platform, startPlatform } from '../../demo/platform/platform.ts';
import { type Ended, folder, gateBefore, type Running, start } from '../e2e/cli.ts';
import { PRODUCTION } from '../e2e/mini-history.ts';
import { copyDatabase, dropDatabase, type Facts, factsOf } from './stores.ts';
import { type Passed, type Point, wireBefore } from './wire.ts';

const HISTORY = fileURLToPath(new URL('../../demo/histories/duckdb', import.meta.url));
/** After so many runs of the history the two syncs are taken: the second one adds, changes, renames and removes. */
const RUNS = { first: 5, second: 9 } as const;

export type StepName = keyof typeof RUNS;

/** A sync from one known state of the store to the next, and what it does when nothing disturbs it. */
export interface Step {
  readonly name: StepName;
  /** A database in the state before it. */
  readonly template: string;
  readonly before: Facts;
  readonly after: Facts;
  readonly passed: Passed;
  readonly requests: number;
  readonly pages: number;
}

interface Surroundings {
  readonly platform: Platform;
}

/** A platform, the command line, and the steps that crashes are tried in. */
export interface Ground extends Surroundings {
  readonly steps: { readonly [name in StepName]: Step };
  close(): Promise<void>;
}

/** Takes both steps once without any fault. `empty` is a migrated database; databases are made beside it. */
export async function groundOn(empty: string): Promise<Ground> {
  const platform = await startPlatform({ histories: [HISTORY], runs: 0 });
  const around = { platform };
  const first = await undisturbed(around, { name: 'first', template: empty, before: await factsOf(empty) });
  const second = await undisturbed(around, { name: 'second', template: first.url, before: first.step.after });
  return {
    ...around,
    steps: { first: first.step, second: second.step },
    close: async () => {
      await platform.close();
      for (const { url } of [first, second]) await dropDatabase(url);
    },
  };
}

async function undisturbed(around: Surroundings, start: Pick<Step, 'name' | 'template' | 'before'>) {
  const url = await copyDatabase(start.template, `${nameIn(start.template)}_${start.name}`);
  const { platform } = around;
  advanceTo(platform, start.name);
  const asked = requestsOf(platform);
  const wire = await wireBefore(url);
  const ended = await syncOn(around, { databaseUrl: wire.url }).ended;
  expect(ended.code, ended.err).toBe(0);
  await wire.close();
  const pages = phasesIn(ended).filter((phase) => phase === 'page').length;
  const after = await factsOf(url);
  const step: Step = { ...start, after, passed: wire.passed(), requests: requestsOf(platform) - asked, pages };
  return { url, step };
}

export interface Disturbance {
  /** Where the wire to the database is held. */
  readonly point?: Point;
  /** How many requests get an answer: all later ones wait. */
  readonly answered?: number;
  /** Leaves out the lines that say the phase. */
  readonly quiet?: boolean;
}

/** A sync that stands where it was to be disturbed. */
export interface Attempt extends Running {
  readonly url: string;
  /** Whether it stands there: false when it ended before. */
  readonly isHit: boolean;
  passed(): Passed;
  /** Lets it go on. */
  open(): void;
}

let made = 0;

/** Starts the step's sync on a new copy of the state before it, and waits until it stands at the disturbance. */
export async function attempt(ground: Ground, step: Step, disturbance: Disturbance): Promise<Attempt> {
  const { platform } = ground;
  const { point, answered, quiet = false } = disturbance;
  const url = await copyDatabase(step.template, `${nameIn(step.template)}_${++made}`);
  onTestFinished(() => dropDatabase(url));
  const wire = await wireBefore(url, point);
  onTestFinished(() => wire.close());
  advanceTo(platform, step.name);
  const gate = answered === undefined ? undefined : await gateBefore(platform, answered);
  const running = syncOn(ground, { databaseUrl: wire.url, platformUrl: gate?.url, quiet });
  const hit = Promise.race([wire.reached, gate?.reached ?? wire.reached]).then(() => true);
  const isHit = await Promise.race([hit, running.ended.then(() => false)]);
  const open = () => {
    wire.open();
    gate?.open();
  };
  return { ...running, url, isHit, open, passed: () => wire.passed() };
}

/** The next sync, when nothing disturbs any more. */
export function nextSync(ground: Ground, step: Step, url: string): Promise<Ended> {
  advanceTo(ground.platform, step.name);
  return syncOn(ground, { databaseUrl: url }).ended;
}

/** The phases that a process said it had reached, in order. */
export function phasesIn({ err }: Ended): string[] {
  return err
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"msg":"phase"'))
    .map((line) => String((JSON.parse(line) as { phase: unknown }).phase));
}

interface SyncTold {
  readonly databaseUrl: string;
  readonly platformUrl?: string | undefined;
  readonly quiet?: boolean;
}

function syncOn({ platform }: Surroundings, told: SyncTold): Running {
  const { databaseUrl, platformUrl = `${platform.url}/graphql`, quiet = false } = told;
  const cwd = folder();
  writeFileSync(join(cwd, 'dbt-observer.yaml'), `log: { level: ${quiet ? 'warn' : 'debug'}, format: json }`);
  const described = ['--discovery-url', platformUrl, '--environment-id', String(PRODUCTION)];
  const named = ['--name', 'shop', '--token-env', 'TOKEN', '--database-url', databaseUrl];
  return start(['sync', ...named, ...described], { cwd, env: { TOKEN: DEFAULT_TOKEN } });
}

function advanceTo(platform: Platform, name: StepName): void {
  platform.advance(basename(HISTORY), RUNS[name]);
}

function requestsOf(platform: Platform): number {
  return Object.values(platform.requests()).reduce((sum, count) => sum + count, 0);
}

function nameIn(url: string): string {
  return new URL(url).pathname.slice(1);
}
