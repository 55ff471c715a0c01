import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { type Multiplied, multiplyHistory } from '../../demo/multiply/multiply.ts';
import { loadHistory } from '../oracle/load.ts';
import { FULL } from '../size.ts';
import { createTestDatabase } from '../store/database.ts';
import { differences } from './differences.ts';
import { type ScaleScene, type ScaleSync, scaleSync, startScalePlatform } from './scale-platform.ts';

const RECORDED = fileURLToPath(new URL('../../demo/histories/duckdb', import.meta.url));
/** A full build, a build of a few models, and a full build in which models and tests fail. */
const RUNS = 3;
/** More memory than this and a pass would not fit beside a database on a small machine. */
const MOST_MB = 700;

interface Size {
  readonly models: number;
  /** Runs that a sync follows. */
  readonly syncs: readonly number[];
}

/** The large environment takes minutes, so it is left to the whole suite. */
const SIZES: Size[] = [{ models: 300, syncs: [1, 2, 3] }];
if (FULL) SIZES.push({ models: 10_000, syncs: [1, 3] });

function told(label: string, { seconds, peakMb, result }: ScaleSync): string {
  return `${label}: ${seconds.toFixed(1)} s, peak ${peakMb} MB, ${result.rows_written} rows, ${result.requests} requests`;
}

interface Opened {
  readonly scene: ScaleScene;
  readonly multiplied: Multiplied;
  readonly folder: string;
  readonly client: pg.Client;
}

async function open(models: number): Promise<Opened> {
  const place = mkdtempSync(join(tmpdir(), 'scale-test-'));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const folder = join(place, 'large');
  const multiplied = await multiplyHistory({ history: RECORDED, out: folder, models, runs: RUNS });
  const platform = await startScalePlatform(folder);
  onTestFinished(platform.close);
  const { url: databaseUrl, drop } = await createTestDatabase();
  onTestFinished(drop);
  const client = new pg.Client(databaseUrl);
  await client.connect();
  onTestFinished(() => client.end());
  const { environments } = JSON.parse(readFileSync(join(folder, 'history.json'), 'utf8'));
  return { scene: { platform, databaseUrl, environmentId: environments[0].id }, multiplied, folder, client };
}

it.each(SIZES)('an environment of $models models is published exactly as its artifacts say, run after run', {
  timeout: 1_200_000,
}, async ({ models, syncs }) => {
  const { scene, multiplied, folder, client } = await open(models);
  const history = loadHistory(folder);
  const lines = [`${multiplied.copies} copies, ${multiplied.nodes} nodes beside macros`];
  for (const run of syncs) {
    await scene.platform.advance('large', run);
    const sync = await scaleSync(scene);
    lines.push(told(`run ${run}`, sync));
    expect(sync).toMatchObject({ code: 0, result: { outcome: 'done', rejects: 0 } });
    expect(sync.peakMb).toBeLessThan(MOST_MB);
    expect(await differences(client, history, { integration: 'scale', run, syncsAfter: syncs })).toEqual([]);
  }
  const again = await scaleSync(scene, '--full');
  lines.push(told('again, in full', again), `peak of the platform: ${scene.platform.peakMb()} MB`);
  expect(again).toMatchObject({ code: 0, result: { outcome: 'done', rows_written: 0 } });
  const { rows } = await client.query('select count(*)::int as nodes from dbt.nodes where resource_type <> $1', [
    'macro',
  ]);
  expect(rows[0].nodes).toBeGreaterThan(models * 3);
  process.stdout.write(`${lines.join('\n')}\n`);
});
