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
import type { SyncMeasured } from './sync-child.ts';
import { type TargetFolder, writeTargetFolder } from './target-folder.ts';

/** What was measured of a folder of artifacts; the best of the tries each. */
export interface ArtifactsPart {
  readonly folder: TargetFolder;
  readonly rows: number;
  /** JSON.parse of the files, and the final rows into tables with their keys. */
  readonly floor: FloorMeasured;
  readonly first: SyncMeasured;
}

export interface ArtifactsOptions {
  readonly nodes: number;
  readonly tries: number;
  readonly server: Server;
  readonly children: Children;
  readonly onProgress: (line: string) => void;
}

/** Measures the first sync of a large dbt Core folder, and what any program would have to pay for the same rows. */
export async function runArtifactsPart(options: ArtifactsOptions): Promise<ArtifactsPart> {
  const { server, children, tries, onProgress } = options;
  const folder = await writeTargetFolder(server.folder, options.nodes);
  const databases: string[] = [];
  let [first, floor, exported]: [SyncMeasured?, FloorMeasured?, Exported?] = [];
  try {
    for (let number = 1; number <= tries; number++) {
      const name = `observer_bench_artifacts_${process.pid}_${number}`;
      databases.push(name);
      const databaseUrl = await createDatabase(server, name);
      await settle(databaseUrl);
      first = faster(first, await children.sync({ databaseUrl, artifactsDir: folder.dir, full: false }));
      onProgress(`artifacts: ${Math.round(first.ms)} ms at best`);
      exported ??= await exportRows(databaseUrl, server.folder);
      await createFloorTables(databaseUrl);
      await settle(databaseUrl);
      const { files } = exported;
      floor = faster(floor, await children.floor({ databaseUrl, artifacts: folder.files, files, isStaging: false }));
      onProgress(`floor of artifacts: ${Math.round(floor.ms)} ms at best`);
    }
  } finally {
    for (const name of databases) await dropDatabase(server, name);
  }
  if (first === undefined || floor === undefined || exported === undefined) throw new Error('Nothing was measured.');
  if (first.outcome !== 'done') throw new Error(`The sync of the folder ended as ${first.outcome}.`);
  return { folder, rows: exported.rows, floor, first };
}
