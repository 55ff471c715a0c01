import { ProbeDocument } from '../src/generated/discovery.ts';
import { RESOURCES } from '../src/sources/discovery/resources.ts';
import type { Children, Measured } from './children.ts';
import {
  createDatabase,
  createFloorTables,
  dropDatabase,
  type Exported,
  exportRows,
  type Server,
  settle,
  TOLD,
} from './database.ts';
import { RUN_AGAIN, type Size } from './environment-parts.ts';
import type { FloorMeasured } from './floor-child.ts';
import type { Serving } from './page-server.ts';
import { PAGE_SIZE } from './pages.ts';
import { checkSelection, operationOf } from './selection.ts';
import type { SyncMeasured } from './sync-child.ts';

/** What can be measured alone. */
export const SYNC_PARTS = ['first', 'unchanged', 'full', 'one-changed', 'run-again'] as const;
export type SyncPartName = (typeof SYNC_PARTS)[number];

/** What was measured, and what it is compared with; the best of the tries each. */
export interface SyncPart {
  readonly pages: number;
  readonly bytes: number;
  readonly rows: number;
  /** Fetch, parse, and the final rows into tables with their keys: compare `first` with it. */
  readonly floor: FloorMeasured | undefined;
  /** Fetch, parse, and the told rows into temporary tables without keys: compare `full` with it. */
  readonly staging: FloorMeasured | undefined;
  readonly syncs: { readonly [name: string]: SyncMeasured };
}

export interface PartOptions {
  readonly parts: readonly SyncPartName[];
  readonly size: Size;
  readonly tries: number;
  readonly server: Server;
  readonly children: Children;
  readonly onProgress: (line: string) => void;
}

interface Stage extends PartOptions {
  readonly serve: (revision: number) => Promise<Serving>;
  readonly serving: Serving;
}

const DOCUMENTS = [
  ProbeDocument,
  ...Object.values(RESOURCES).flatMap((resource) => [
    resource.definition.document,
    ...('applied' in resource ? [resource.applied.document] : []),
  ]),
];

/** Looks at the first answer of every operation: it has to have what the query selects. */
async function checkAnswers({ url }: Serving): Promise<void> {
  for (const document of DOCUMENTS) {
    const variables = { first: PAGE_SIZE, after: null, definition: false };
    const operationName = operationOf(document).name?.value;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ operationName, variables }) });
    const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
    if (data === undefined) throw new Error(`The page server refuses ${operationName}: ${JSON.stringify(errors)}`);
    checkSelection(document, data, variables);
  }
}

function best<Result extends Measured>(found: readonly [Result, ...Result[]]): Result;
function best<Result extends Measured>(found: readonly Result[]): Result | undefined;
function best<Result extends Measured>([first, ...others]: readonly Result[]): Result | undefined {
  return first && others.reduce((least, next) => (next.ms < least.ms ? next : least), first);
}

async function repeat<Result extends Measured>(
  tries: number,
  work: (number: number) => Promise<Result>,
): Promise<Result> {
  const found: [Result, ...Result[]] = [await work(1)];
  for (let number = 2; number <= tries; number++) found.push(await work(number));
  return best(found);
}

async function measureSync(
  stage: Stage,
  databaseUrl: string,
  expected: { name: string; full: boolean; outcome: string },
) {
  await settle(databaseUrl);
  const { name, full, outcome } = expected;
  const measured = await stage.children.sync({ databaseUrl, discoveryUrl: stage.serving.url, full });
  if (measured.outcome !== outcome)
    throw new Error(`The ${name} sync ended as ${measured.outcome}, not as ${outcome}.`);
  stage.onProgress(`${name}: ${Math.round(measured.ms)} ms publish ${Math.round(measured.shares.publish)}`);
  return measured;
}

const FIRST = { name: 'first', full: false, outcome: 'done' };

/** First syncs and floors by turns, so that a noisy moment of the machine meets both. The last database stays. */
async function firstAndFloor(stage: Stage, databases: string[]) {
  const { server, children, onProgress, parts } = stage;
  const tries = parts.includes('first') ? stage.tries : 1;
  const floors: FloorMeasured[] = [];
  let exported: Exported | undefined;
  let url = '';
  const first = await repeat(tries, async (number) => {
    const name = `observer_bench_${process.pid}_${number}`;
    databases.push(name);
    url = await createDatabase(server, name);
    const measured = await measureSync(stage, url, FIRST);
    exported ??= await exportRows(url, server.folder);
    await createFloorTables(url);
    if (parts.includes('first')) {
      await settle(url);
      const { files } = exported;
      const task = { databaseUrl: url, serving: stage.serving, files, isStaging: false };
      floors.push(await children.floor(task));
      onProgress(`floor: ${Math.round(floors.at(-1)?.ms ?? 0)} ms`);
    }
    if (number < tries) await dropDatabase(server, name);
    return measured;
  });
  return { first, floors, exported: exported ?? { files: {}, rows: 0 }, url };
}

type Filled = { readonly url: string; readonly exported: Exported };

/** Full syncs and what they are compared with by turns. */
async function fullAndStaging(stage: Stage, { url, exported }: Filled) {
  const { children, onProgress, serving } = stage;
  const files = Object.fromEntries(Object.entries(exported.files).filter(([table]) => TOLD.includes(table)));
  const stagings: FloorMeasured[] = [];
  const full = await repeat(stage.tries, async () => {
    const measured = await measureSync(stage, url, { name: 'full', full: true, outcome: 'done' });
    stagings.push(await children.floor({ databaseUrl: url, serving, files, isStaging: true }));
    onProgress(`fetch, parse and stage: ${Math.round(stagings.at(-1)?.ms ?? 0)} ms`);
    return measured;
  });
  return { full, staging: best(stagings) };
}

/** Syncs of later revisions, the first of which is the one after `since`. */
async function later(stage: Stage, url: string, { name, since }: { name: SyncPartName; since: number }) {
  return repeat(stage.tries, async (number) => {
    await stage.serve(since + number);
    return measureSync(stage, url, { name, full: false, outcome: 'done' });
  });
}

async function measureParts(stage: Stage, databases: string[]) {
  const { parts } = stage;
  const { first, floors, exported, url } = await firstAndFloor(stage, databases);
  const unchanged = { name: 'unchanged', full: false, outcome: 'unchanged' };
  const syncs: Record<string, SyncMeasured> = {};
  if (parts.includes('first')) syncs.first = first;
  if (parts.includes('unchanged'))
    syncs.unchanged = await repeat(stage.tries, () => measureSync(stage, url, unchanged));
  // One changed node is compared with none.
  const isFull = parts.some((name) => name !== 'first' && name !== 'unchanged');
  const full = isFull ? await fullAndStaging(stage, { url, exported }) : undefined;
  if (full !== undefined) syncs.full = full.full;
  for (const [name, since] of [
    ['one-changed', 0],
    ['run-again', RUN_AGAIN],
  ] as const) {
    if (parts.includes(name)) syncs[name] = await later(stage, url, { name, since });
  }
  return { rows: exported.rows, floor: best(floors), staging: full?.staging, syncs };
}

/** Measures what a sync costs and what any program would have to pay for the same result. */
export async function runSyncPart(options: PartOptions): Promise<SyncPart> {
  const { children, server, size } = options;
  const databases: string[] = [];
  try {
    const serve = await children.pageServer(size);
    const serving = await serve(0);
    await checkAnswers(serving);
    const measured = await measureParts({ ...options, serve, serving }, databases);
    return { pages: Object.values(serving.cursors).flat().length, bytes: serving.bytes, ...measured };
  } finally {
    for (const name of databases) await dropDatabase(server, name);
  }
}
