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
} from './database.ts';
import type { Size } from './environment-parts.ts';
import type { FloorMeasured } from './floor-child.ts';
import type { Serving } from './page-server.ts';
import { PAGE_SIZE } from './pages.ts';
import { checkSelection, operationOf } from './selection.ts';
import type { SyncMeasured } from './sync-child.ts';

export interface SyncPart {
  readonly pages: number;
  readonly bytes: number;
  readonly rows: number;
  /** The best of the tries, as are all of the following. */
  readonly floor: FloorMeasured;
  readonly syncs: { readonly [name: string]: SyncMeasured };
}

export interface PartOptions {
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

function best<Result extends Measured>(found: readonly [Result, ...Result[]]): Result {
  return found.reduce((least, next) => (next.ms < least.ms ? next : least));
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
  stage.onProgress(`${name}: ${Math.round(measured.ms)} ms`);
  return measured;
}

const FIRST = { name: 'first', full: false, outcome: 'done' };

/** First syncs and floors by turns, so that a noisy moment of the machine meets both. The last database stays. */
async function firstAndFloor(stage: Stage, databases: string[]) {
  const { server, children, tries, onProgress } = stage;
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
    await settle(url);
    const floor = await children.floor({ databaseUrl: url, serving: stage.serving, files: exported.files });
    onProgress(`floor: ${Math.round(floor.ms)} ms`);
    floors.push(floor);
    if (number < tries) await dropDatabase(server, name);
    return measured;
  });
  return { first, floor: best(floors as [FloorMeasured, ...FloorMeasured[]]), rows: exported?.rows ?? 0, url };
}

/** Measures what a sync costs and what any program would have to pay for the same result. */
export async function runSyncPart(options: PartOptions): Promise<SyncPart> {
  const { children, server, size, tries } = options;
  const databases: string[] = [];
  try {
    const serve = await children.pageServer(size);
    const serving = await serve(0);
    await checkAnswers(serving);
    const stage = { ...options, serve, serving };
    const { first, floor, rows, url } = await firstAndFloor(stage, databases);
    const again = (name: string, full: boolean, outcome: string) =>
      repeat(tries, () => measureSync(stage, url, { name, full, outcome }));
    const unchanged = await again('unchanged', false, 'unchanged');
    const full = await again('full', true, 'done');
    const changed = await repeat(tries, async (number) => {
      await serve(number);
      return measureSync(stage, url, { name: 'one changed', full: false, outcome: 'done' });
    });
    const pages = Object.values(serving.cursors).flat().length;
    return { pages, bytes: serving.bytes, rows, floor, syncs: { first, unchanged, full, 'one changed': changed } };
  } finally {
    for (const name of databases) await dropDatabase(server, name);
  }
}
