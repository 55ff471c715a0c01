import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import pLimit from 'p-limit';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Measured } from './children.ts';
import type { Serving } from './page-server.ts';

/** The least that any program has to do: the same pages over HTTP, parsed, and the final rows into tables with keys. */
export interface FloorTask {
  readonly databaseUrl: string;
  /** The pages to fetch; artifacts are read from their files instead. */
  readonly serving?: Serving;
  readonly artifacts?: readonly string[];
  /** Documents to fetch by their paths. */
  readonly documents?: { readonly url: string; readonly paths: readonly string[] };
  /** The final rows in the text format of COPY, by the empty table of schema floor that takes them. */
  readonly files: { readonly [table: string]: string };
  /** Puts the rows into temporary tables without keys instead, as a pass that publishes nothing has to. */
  readonly isStaging: boolean;
}

export interface FloorMeasured extends Measured {
  readonly fetchAndParseMs: number;
  readonly copyMs: number;
  readonly requests: number;
}

const CONCURRENCY = 4;

async function fetchAndParse({ url, cursors }: Serving): Promise<number> {
  const limit = pLimit(CONCURRENCY);
  const asked = Object.entries(cursors).flatMap(([operationName, list]) =>
    list.map((after) => ({ operationName, after })),
  );
  await Promise.all(
    asked.map(({ operationName, after }) =>
      limit(async () => {
        const response = await fetch(url, {
          method: 'POST',
          body: JSON.stringify({ operationName, variables: { after } }),
        });
        const { data } = JSON.parse(await response.text()) as { data?: unknown };
        if (data === undefined) throw new Error(`The page server has no page of ${operationName} after ${after}.`);
      }),
    ),
  );
  return asked.length;
}

async function fetchDocuments({ url, paths }: NonNullable<FloorTask['documents']>): Promise<number> {
  const limit = pLimit(CONCURRENCY);
  const one = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    JSON.parse(await response.text());
  };
  await Promise.all(paths.map((path) => limit(one, path)));
  return paths.length;
}

async function parseFiles(files: readonly string[]): Promise<number> {
  for (const file of files) {
    const { metadata } = JSON.parse(await readFile(file, 'utf8')) as { metadata?: unknown };
    if (metadata === undefined) throw new Error(`${file} is no artifact.`);
  }
  return 0;
}

async function copyRows({ databaseUrl, files, isStaging }: FloorTask): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('begin');
  for (const [table, file] of Object.entries(files)) {
    const schema = isStaging ? 'pg_temp' : 'floor';
    if (isStaging) await client.query(`create temporary table ${table} (like floor.${table})`);
    await pipeline(createReadStream(file), client.query(copyFrom(`copy ${schema}.${table} from stdin`)));
  }
  await client.query('commit');
  await client.end();
}

async function measure(task: FloorTask): Promise<FloorMeasured> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const { serving, documents, artifacts = [] } = task;
  const requests = documents
    ? await fetchDocuments(documents)
    : await (serving ? fetchAndParse(serving) : parseFiles(artifacts));
  const parsed = performance.now();
  await copyRows(task);
  const ended = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  return {
    ms: ended - started,
    cpuMs: (user + system) / 1000,
    rssMb: process.resourceUsage().maxRSS / 1024,
    fetchAndParseMs: parsed - started,
    copyMs: ended - parsed,
    requests,
  };
}

process.once('message', (task: FloorTask) => {
  measure(task).then(
    (measured) => process.send?.({ measured }, () => process.disconnect()),
    (error: unknown) => process.send?.({ error: String((error as Error).stack ?? error) }, () => process.disconnect()),
  );
});
