import type { BackfillMeasured } from './backfill-child.ts';
import { type Children, faster } from './children.ts';
import {
  createDatabase,
  createFloorTables,
  dropDatabase,
  type Exported,
  exportRows,
  type Server,
  settle,
} from './database.ts';
import type { FloorMeasured } from './floor-child.ts';

/** What was measured of a backfill; the best of the tries each. */
export interface BackfillPart {
  readonly runs: number;
  readonly results: number;
  readonly rows: number;
  /** Fetch and parse of the same documents, and the final rows into tables with their keys. */
  readonly floor: FloorMeasured;
  readonly first: BackfillMeasured;
  /** As many runs again, after the first ones. */
  readonly second: BackfillMeasured;
}

export interface BackfillPartOptions {
  /** Of each of the two backfills. */
  readonly runs: number;
  readonly results: number;
  readonly tries: number;
  readonly server: Server;
  readonly children: Children;
  readonly onProgress: (line: string) => void;
}

/** The server has a run every 45 minutes from the first of January on; they last ten minutes. */
const endOf = (run: number) => new Date(Date.UTC(2026, 0, 1) + run * 2_700_000 + 600_000).toISOString();

function pathsOf(runs: number): string[] {
  const ids = Array.from({ length: runs }, (_, index) => index + 1);
  const prefix = '/api/v2/accounts/1/runs/';
  const range = encodeURIComponent(JSON.stringify([endOf(1).slice(0, -1), endOf(runs).slice(0, -1)]));
  const pages = ids
    .filter((id) => id % 100 === 1)
    .map((id) => `${prefix}?id__gt=${id - 1}&finished_at__range=${range}`);
  return [...pages, ...ids.flatMap((id) => [`${prefix}${id}/`, `${prefix}${id}/artifacts/run_results.json?step=4`])];
}

/** Measures a backfill into an empty store and another one after it, and what any program would have to pay for the first. */
export async function runBackfillPart(options: BackfillPartOptions): Promise<BackfillPart> {
  const { runs, results, tries, server, children, onProgress } = options;
  const { url } = await children.runServer({ runs: 2 * runs, results });
  const databases: string[] = [];
  let [first, second, floor, exported]: [BackfillMeasured?, BackfillMeasured?, FloorMeasured?, Exported?] = [];
  const taken = async (databaseUrl: string, from: number, to: number) => {
    await settle(databaseUrl);
    const measured = await children.backfill({ databaseUrl, url, from: endOf(from), to: endOf(to) });
    if (measured.outcome !== 'done' || measured.runs !== runs)
      throw new Error(`A backfill ended as ${measured.outcome} with ${measured.runs} runs.`);
    onProgress(`backfill: ${Math.round(measured.ms)} ms`);
    return measured;
  };
  try {
    for (let number = 1; number <= tries; number++) {
      const name = `observer_bench_backfill_${process.pid}_${number}`;
      databases.push(name);
      const databaseUrl = await createDatabase(server, name);
      first = faster(first, await taken(databaseUrl, 1, runs));
      exported ??= await exportRows(databaseUrl, server.folder);
      second = faster(second, await taken(databaseUrl, runs + 1, 2 * runs));
      await createFloorTables(databaseUrl);
      await settle(databaseUrl);
      const { files } = exported;
      const documents = { url, paths: pathsOf(runs) };
      floor = faster(floor, await children.floor({ databaseUrl, documents, files, isStaging: false }));
      onProgress(`floor of backfill: ${Math.round(floor.ms)} ms at best`);
      await dropDatabase(server, name);
    }
  } finally {
    for (const name of databases) await dropDatabase(server, name);
  }
  if (first === undefined || second === undefined || floor === undefined || exported === undefined)
    throw new Error('Nothing was measured.');
  return { runs, results, rows: exported.rows, floor, first, second };
}
