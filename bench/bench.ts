import { parseArgs } from 'node:util';
import { runArtifactsPart } from './artifacts-part.ts';
import { runBackfillPart } from './backfill-part.ts';
import { createChildren } from './children.ts';
import { startServer } from './database.ts';
import type { Size } from './environment-parts.ts';
import { runReadersPart } from './readers-part.ts';
import {
  describeArtifactsPart,
  describeBackfillPart,
  describeReadersPart,
  describeServePart,
  describeSyncPart,
  describeWebhookPart,
  machine,
} from './report.ts';
import { runServePart } from './serve-part.ts';
import { runSyncPart, SYNC_PARTS, type SyncPartName } from './sync-part.ts';
import { runWebhookPart } from './webhook-part.ts';

const USAGE = `Usage: npm run bench -- [part …] [options]
Parts: first, unchanged, full, one-changed, run-again (sync is these five), artifacts, backfill, serve, webhooks, readers; none is all of them
  --models 2000 --tests 5000 --sources 200 --columns-per-model 20
                       size of the environment; tests and sources follow from the models unless given
  --nodes 22800        nodes of the folder of artifacts
  --runs 5000 --results 200
                       runs of each of two backfills, and results of each run
  --integrations 1000 --workers 8
                       integrations that are due together, and jobs that are done at once
  --past 1000000       results of the past whose views are read
  --tries 3            the best of them counts
  --database-url URL   a server to make databases on, instead of an embedded one in a temporary folder
  --profiles FOLDER    write a CPU profile of each measured sync, and of who takes webhooks
  --json               print JSON`;

const ARTIFACTS = 'artifacts';
const BACKFILL = 'backfill';
const SERVE = 'serve';
const WEBHOOKS = 'webhooks';
const READERS = 'readers';
const OTHERS: readonly string[] = [ARTIFACTS, BACKFILL, SERVE, WEBHOOKS, READERS];
/** What is to be answered without delay (see README.md). */
const DELIVERIES = { perSecond: 200, seconds: 15 };

const PARTS: { readonly [name: string]: readonly SyncPartName[] } = {
  sync: SYNC_PARTS,
  ...Object.fromEntries(SYNC_PARTS.map((name) => [name, [name]])),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string', default: '2000' },
    tests: { type: 'string' },
    sources: { type: 'string' },
    'columns-per-model': { type: 'string', default: '20' },
    nodes: { type: 'string', default: '22800' },
    runs: { type: 'string', default: '5000' },
    results: { type: 'string', default: '200' },
    integrations: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '8' },
    past: { type: 'string', default: '1000000' },
    tries: { type: 'string', default: '3' },
    'database-url': { type: 'string' },
    profiles: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${text} is not a positive whole number.\n${USAGE}`);
  return value;
}

function sizeOf(): Size {
  const models = positive(values.models);
  return {
    models,
    tests: positive(values.tests ?? String(Math.ceil(models * 2.5))),
    sources: positive(values.sources ?? String(Math.ceil(models / 10))),
    columnsPerModel: positive(values['columns-per-model']),
  };
}

async function run(signal: AbortSignal): Promise<void> {
  const size = sizeOf();
  const names = positionals.length === 0 ? ['sync', ...OTHERS] : positionals;
  const unknown = names.find((name) => !OTHERS.includes(name) && PARTS[name] === undefined);
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}".\n${USAGE}`);
  const tries = positive(values.tries);
  const server = await startServer(values['database-url'] || undefined);
  try {
    const children = createChildren({ signal, profiles: values.profiles });
    const onProgress = (line: string) => process.stderr.write(`${line}\n`);
    const parts = SYNC_PARTS.filter((part) => names.some((name) => PARTS[name]?.includes(part)));
    const on = machine(server.version);
    const tell = (text: string, measured: object) =>
      process.stdout.write(`${values.json ? JSON.stringify({ ...measured, machine: on }) : text}\n`);
    if (parts.length > 0) {
      const measured = await runSyncPart({ parts, size, tries, server, children, onProgress });
      tell(describeSyncPart(measured, size), { parts, size, ...measured });
    }
    if (names.includes(ARTIFACTS)) {
      const measured = await runArtifactsPart({ nodes: positive(values.nodes), tries, server, children, onProgress });
      tell(describeArtifactsPart(measured), measured);
    }
    if (names.includes(BACKFILL)) {
      const asked = { runs: positive(values.runs), results: positive(values.results) };
      const measured = await runBackfillPart({ ...asked, tries, server, children, onProgress });
      tell(describeBackfillPart(measured), measured);
    }
    if (names.includes(SERVE)) {
      const asked = { integrations: positive(values.integrations), workers: positive(values.workers) };
      const measured = await runServePart({ ...asked, server, signal, onProgress });
      tell(describeServePart(measured), measured);
    }
    if (names.includes(WEBHOOKS)) {
      const measured = await runWebhookPart({ ...DELIVERIES, server, children, onProgress });
      tell(describeWebhookPart(measured), measured);
    }
    if (names.includes(READERS)) {
      const past = { ...size, results: positive(values.past) };
      const measured = await runReadersPart({ size: past, server, signal, onProgress });
      tell(describeReadersPart(measured), measured);
    }
    if (!values.json) tell(`${on.cores} × ${on.processor}, Node ${on.node}, PostgreSQL ${on.postgres}`, {});
  } finally {
    await server.stop();
  }
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => stop.abort(new Error(`Stopped by ${name}.`)));

if (values.help) {
  process.stdout.write(`${USAGE}\n`);
} else {
  try {
    await run(stop.signal);
  } catch (error) {
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    process.stderr.write(`${reason instanceof Error ? reason.message : String(reason)}\n`);
    process.exitCode = 1;
  } finally {
    // Children end with this signal, the page server among them.
    stop.abort();
  }
}
