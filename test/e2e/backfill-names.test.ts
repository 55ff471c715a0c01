import { describe, expect, it } from 'vitest';
import { query } from '../store/database.ts';
import { namedOf } from './simulated-manifest.ts';
import { NODES, type SimNode } from './simulated-project.ts';
import { simulatedRuns } from './simulated-runs.ts';
import { sceneOf } from './simulated-scene.ts';
import { syncAt } from './simulated-state.ts';
import { seenIn } from './simulated-status.ts';
import { ended, isMissing } from './simulated-truth.ts';

const RUNS = simulatedRuns({ seed: 6, runs: 80 });
const LAST = Math.max(...ended(RUNS).map(({ finishedAt }) => finishedAt ?? 0));
const FULL_RUNS = ended(RUNS).filter((run) => !isMissing(run));
/** Nodes that a run which was had whole tells of. */
const TOLD = NODES.filter(({ id, type }) =>
  FULL_RUNS.some((run) =>
    type === 'source' ? run.kind === 'full' : seenIn(run).some(({ row }) => row.node.id === id),
  ),
);
const OLD = TOLD.filter(({ isOld }) => isOld);

const ANY = `select unique_id as id, resource_type as type, package_name as package, state from dbt.nodes`;
const lineOf = ({ id, type }: SimNode, state: string) => ({ id, type, package: 'shop', state });
const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);

/** The names by which readers find nodes. */
async function namesIn(url: string) {
  const tests = await query<{ id: string }>(
    url,
    'select unique_id as id, name, test_type as "testType", test_name as "testName", column_name as "columnName", null as "sourceName" from dbt.tests',
  );
  const sources = await query<{ id: string }>(
    url,
    'select unique_id as id, name, null as "testType", null as "testName", null as "columnName", source_name as "sourceName" from dbt.sources',
  );
  const others = await query<{ id: string }>(
    url,
    `select unique_id as id, name, null as "testType", null as "testName", null as "columnName", null as "sourceName" from dbt.nodes where resource_type not in ('test', 'source')`,
  );
  return [...tests, ...sources, ...others].sort(byId);
}
const wanted = (nodes: readonly SimNode[]) => nodes.map((node) => ({ id: node.id, ...namedOf(node) })).sort(byId);

const isOfManifest = (path: string) => path.includes('/manifest.json');

describe('nodes long gone', { timeout: 60_000 }, () => {
  it('have the names that a manifest of their time gives them, and are asked for once', async () => {
    const scene = await sceneOf(RUNS);
    await scene.backfill();
    expect(OLD.length).toBeGreaterThan(3);
    expect(await namesIn(scene.databaseUrl)).toEqual(wanted(TOLD));
    expect((await query<{ id: string }>(scene.databaseUrl, ANY)).sort(byId)).toEqual(
      TOLD.map((node) => lineOf(node, 'placeholder')).sort(byId),
    );
    const manifests = scene.service.asked.filter(isOfManifest);
    expect(manifests.length).toBeGreaterThan(0);
    expect(manifests.length).toBeLessThan(TOLD.length / 4);
    await scene.backfill();
    expect(scene.service.asked.filter(isOfManifest)).toEqual(manifests);
  });

  it('are placeholders beside what the project has now, of which no number moves', async () => {
    const scene = await sceneOf(RUNS);
    await syncAt(scene, RUNS, LAST);
    const ids = NODES.filter(({ isOld }) => !isOld).map(({ id }) => id);
    const present = () =>
      query(scene.databaseUrl, 'select * from dbt.models where unique_id = any ($1) order by unique_id', [ids]);
    const before = await present();
    const changes = await query(scene.databaseUrl, 'select * from dbt.changes');
    await scene.backfill();
    const there = new Set(ids);
    const names = await namesIn(scene.databaseUrl);
    expect(names.filter(({ id }) => !there.has(id))).toEqual(wanted(OLD));
    expect(await present()).toEqual(before);
    expect(await query(scene.databaseUrl, 'select * from dbt.changes')).toEqual(changes);
  });

  it('cost no run more than a request for each of its dbt steps and two', async () => {
    const scene = await sceneOf(RUNS);
    await scene.backfill();
    const asked = (id: number) => scene.service.asked.filter((path) => path.startsWith(`runs/${id}/`)).length;
    const allowed = new Map(
      RUNS.map(({ id, steps }) => [id, 2 + steps.filter(({ command }) => command !== null).length]),
    );
    const most = RUNS.filter(({ id }) => asked(id) > (allowed.get(id) ?? 0));
    expect(most.map(({ id, kind }) => `${kind} ${id}`)).toEqual([]);
  });

  it('keep the names of their ids where no manifest is left, which is asked for three times at most', async () => {
    const scene = await sceneOf(RUNS);
    scene.service.fail(404, 0, /manifest\.json/);
    await scene.backfill();
    const rows = await query<{ id: string; name: string }>(
      scene.databaseUrl,
      'select unique_id as id, name from dbt.nodes',
    );
    expect(rows.find(({ id }) => id === 'model.shop.legacy_kpis')).toMatchObject({ name: 'legacy_kpis' });
    expect(rows.length).toBe(TOLD.length);
    const manifests = scene.service.asked.filter(isOfManifest);
    expect(new Set(manifests).size).toBe(manifests.length);
    scene.service.heal();
    await scene.backfill();
    expect(scene.service.asked.filter(isOfManifest)).toEqual(manifests);
  });

  it('are asked for another time where the service failed', async () => {
    const scene = await sceneOf(RUNS);
    scene.service.fail(400, 0, /manifest\.json/);
    await scene.backfill();
    scene.service.heal();
    await scene.backfill();
    expect(await namesIn(scene.databaseUrl)).toEqual(wanted(TOLD));
  });
});
