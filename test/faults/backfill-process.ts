import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, onTestFinished } from 'vitest';
import { folder, type Running, start } from '../e2e/cli.ts';
import { ACCOUNT, ENVIRONMENT, type SimRun, simulatedRuns } from '../e2e/simulated-runs.ts';
import { type Service, serveRuns } from '../e2e/simulated-service.ts';
import { storedLines, storedRunLines } from '../e2e/simulated-store.ts';
import { ended, isMissing, runLines, truthOf } from '../e2e/simulated-truth.ts';
import { FULL } from '../size.ts';
import { createTestDatabase, query } from '../store/database.ts';
import { sessionsEnded } from './process-checks.ts';
import { differences, syncRuns } from './stores.ts';

const RUNS = simulatedRuns({ seed: 11, runs: FULL ? 240 : 100 });
const TRUTH = truthOf(ended(RUNS));
/** Portions are published every so often by the process's own clock: in one that runs fast, a twentieth of a second. */
const FAST = `const now = Date.now, begin = now(); Date.now = () => begin + 100 * (now() - begin);`;

/** A service, and the command line that is disturbed while it asks it. */
export interface Ground {
  readonly service: Service;
  /** How many requests a backfill makes that nothing disturbs. */
  readonly requests: number;
  close(): Promise<void>;
}

/** Starts the command, the same each time. */
export function startBackfill({ service }: Pick<Ground, 'service'>, databaseUrl: string): Running {
  const cwd = folder();
  const keys = ['name: shop', `access_url: ${service.url}`, `account_id: ${ACCOUNT}`, `environment_id: ${ENVIRONMENT}`];
  const lines = [
    `integrations: [{ ${keys.join(', ')}, token: simulated-token }]`,
    `database: { url: "${databaseUrl}" }`,
    'requests_per_minute: 5000',
    'log: { level: debug, format: json }',
  ];
  writeFileSync(join(cwd, 'dbt-observer.yaml'), lines.join('\n'));
  const program = ['--import', `data:text/javascript,${encodeURIComponent(FAST)}`, inject('cliMain')];
  return start(['backfill', 'shop', '--all', '--json'], { cwd, program });
}

export async function newStore(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  return database.url;
}

/** Takes all runs once without any fault. */
export async function backfillGround(): Promise<Ground> {
  const around = { service: await serveRuns(RUNS) };
  const url = await newStore();
  const { code, err } = await startBackfill(around, url).ended;
  expect(code, err).toBe(3);
  expect(differences(await storedLines(url), TRUTH)).toEqual([]);
  return { ...around, requests: around.service.asked.length, close: () => around.service.close() };
}

/** The runs that are stored, each of which must be so with everything that it left. */
export async function wholeRuns(url: string): Promise<SimRun[]> {
  await sessionsEnded(url);
  const rows = await query<{ id: string }>(url, 'select run_id as id from dbt.runs');
  const ids = new Set(rows.map(({ id }) => Number(id)));
  const runs = RUNS.filter(({ id }) => ids.has(id));
  expect(differences(await storedRunLines(url), runLines(runs).sort())).toEqual([]);
  return runs;
}

export const LEFT_BEHIND = 'The process ended before the backfill did; what it had taken stayed.';

/** Lets the same command go on, which must not ask again for what is stored, and must come to the truth. */
export async function goesOn(ground: Ground, url: string, stored: readonly SimRun[]): Promise<void> {
  ground.service.heal();
  const [begun, before] = [ground.service.asked.length, await syncRuns(url)];
  const { code, err } = await startBackfill(ground, url).ended;
  expect(code, err).toBe(3);
  // Nodes long gone are named last, by manifests of runs that are stored.
  const asked = ground.service.asked.slice(begun).filter((path) => !path.includes('/manifest.json'));
  const again = stored.filter((run) => !isMissing(run) && asked.some((path) => path.startsWith(`runs/${run.id}/`)));
  expect(again.map(({ id }) => id)).toEqual([]);
  expect(differences(await storedLines(url), TRUTH)).toEqual([]);
  const runs = await syncRuns(url);
  const closed = before.map((run) => (run.ended ? run : { outcome: 'interrupted', error: LEFT_BEHIND, ended: true }));
  expect(runs.slice(0, -1)).toEqual(closed);
  expect(runs.at(-1)).toMatchObject({ outcome: 'partial', ended: true });
}
