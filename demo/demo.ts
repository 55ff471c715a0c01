import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type App, openApp } from '../src/app.ts';
import { processIo } from '../src/cli/io.ts';
import { lineageTree } from '../src/cli/lineage-tree.ts';
import { progressLine } from '../src/cli/progress-line.ts';
import { syncText } from '../src/cli/sync-text.ts';
import { table } from '../src/cli/table.ts';
import type { IntegrationConfig } from '../src/config/types.ts';
import { Secret } from '../src/domain/secret.ts';
import { createLogger } from '../src/log.ts';
import { embeddedUrl } from '../src/store/embedded/embedded.ts';
import { findLineage } from '../src/store/read/lineage.ts';
import { readSnapshot } from '../src/store/read/snapshot.ts';
import { type LocalPlatform, startLocalPlatform } from './local-platform.ts';
import { newsOf } from './news.ts';
import { clearPlace, DIRECTORY } from './place.ts';
import { DEFAULT_TOKEN } from './platform/platform.ts';

const LIMITS = { requestsPerMinute: 1_000, maxArtifactMb: 400 };

const DUCKDB = fileURLToPath(new URL('./histories/duckdb', import.meta.url));
const POSTGRES = fileURLToPath(new URL('./histories/postgres', import.meta.url));
const EXPOSURE = 'exposure.roastery.weekly_sales_board';
/** Longer lists are cut, so that a run fits on a screen. */
const LONGEST_LIST = 8;

interface History {
  readonly name: string;
  readonly account: { readonly id: number };
  readonly project: { readonly id: number };
  readonly environments: readonly [{ readonly id: number }];
  readonly runs: readonly { readonly id: number; readonly title: string; readonly finished_at: string }[];
}

interface Demo {
  readonly app: App;
  readonly platform: LocalPlatform;
  readonly signal: AbortSignal;
}

const io = processIo([]);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => stop.abort(new Error('The demo was stopped.')));

try {
  await demo(stop.signal);
} catch (error) {
  if (!stop.signal.aborted) throw error;
} finally {
  await clearPlace();
}

async function demo(signal: AbortSignal): Promise<void> {
  await clearPlace();
  const platform = await startLocalPlatform([DUCKDB, POSTGRES]);
  try {
    const logger = createLogger({ level: 'warn', format: 'pretty', write: io.err });
    const database = { kind: 'embedded', directory: DIRECTORY } as const;
    const app = await openApp({ database, limits: LIMITS, logger, onNotice: (line) => io.out(`${line}\n`) });
    try {
      await story({ app, platform, signal });
    } finally {
      await app.close();
    }
    await lookAround(signal);
  } finally {
    await platform.stop();
  }
}

/** A fortnight of one environment, run by run, then all of a second one at once. */
async function story(demo: Demo): Promise<void> {
  const { applied } = await demo.app.migrate();
  io.out(`An empty PostgreSQL, ${applied.length} migrations applied.\n`);
  const duckdb = await readHistory(DUCKDB);
  const first = integrationOf(duckdb, demo.platform);
  const news = newsOf(demo.app, first.name);
  for (const [index, run] of duckdb.runs.entries()) {
    io.out(`\n--- run ${run.id}, ${run.finished_at.slice(0, 16).replace('T', ' ')}: ${run.title}\n`);
    await demo.platform.advance(duckdb.name, index + 1);
    await syncShown(demo, first);
    const { changes, statusChanges, failing } = await news();
    list('changed in the project', changes);
    list('changed its status', statusChanges);
    list('failing tests', failing);
  }
  const postgres = await readHistory(POSTGRES);
  io.out('\n--- a second environment, whole\n');
  await demo.platform.advance(postgres.name, postgres.runs.length);
  await syncShown(demo, integrationOf(postgres, demo.platform));
  await finalViews(demo.app, first.name);
}

async function readHistory(folder: string): Promise<History> {
  return JSON.parse(await readFile(`${folder}/history.json`, 'utf8')) as History;
}

function integrationOf({ name, account, project, environments }: History, platform: LocalPlatform): IntegrationConfig {
  return {
    name,
    discoveryUrl: platform.discoveryUrl,
    accountId: account.id,
    projectId: project.id,
    environmentId: environments[0].id,
    token: new Secret(DEFAULT_TOKEN),
    source: 'discovery',
    timeZone: 'UTC',
    maxRemovalRatio: 0.5,
    discoveryLagS: 1_800,
    runHistory: false,
  };
}

async function syncShown({ app, signal }: Demo, integration: IntegrationConfig): Promise<void> {
  const start = performance.now();
  const line = progressLine(io, integration.name);
  const options = { reason: 'manual', full: false, dryRun: false, signal, onProgress: line.update };
  const result = await app.syncOne(integration, options).finally(line.clear);
  io.out(syncText({ ...result, dryRun: false, durationS: (performance.now() - start) / 1_000 }));
}

function list(heading: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const more = lines.length > LONGEST_LIST ? [`and ${lines.length - LONGEST_LIST} more`] : [];
  io.out(`  ${heading}:\n${[...lines.slice(0, LONGEST_LIST), ...more].map((line) => `    ${line}\n`).join('')}`);
}

async function finalViews(app: App, integration: string): Promise<void> {
  const question = { integration, uniqueId: EXPOSURE, up: true, down: false, depth: null };
  const lineage = await readSnapshot(app.pool, (client) => findLineage(client, question));
  if (lineage !== undefined) io.out(`\n--- lineage\n${lineageTree(lineage, 'up')}`);
  const columns = ['integration', 'name', 'health', 'upstream_models', 'failing_tests', 'stale_sources', 'owner_name'];
  const { rows } = await app.pool.query<string[]>({
    text: `select ${columns.join(', ')} from dbt.exposures order by integration, name`,
    rowMode: 'array',
  });
  io.out(`\n--- dbt.exposures\n${table({ headers: columns, rows, width: io.columns })}`);
}

/** Leaves the database up until Ctrl-C; without a terminal nobody would press it. */
async function lookAround(signal: AbortSignal): Promise<void> {
  io.out(`\nLook around: psql "${await embeddedUrl({ directory: DIRECTORY })}"\n`);
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    io.out('Without a terminal it ends here, and the database is removed.\n');
    return;
  }
  io.out('Ctrl-C stops and removes the database.\n');
  // A signal handler alone does not keep a process alive.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(alive);
}
