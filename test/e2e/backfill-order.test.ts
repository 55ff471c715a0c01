import { describe, expect, it } from 'vitest';
import { differences } from '../faults/stores.ts';
import { DAY, NODES, randomFrom, shuffled } from './simulated-project.ts';
import { BEGIN, simulatedRuns } from './simulated-runs.ts';
import { type RunScene, sceneOf, storeBeside, windowOf } from './simulated-scene.ts';
import { syncAt } from './simulated-state.ts';
import { storedLines, tableLines } from './simulated-store.ts';
import { ended, truthOf } from './simulated-truth.ts';

const RUNS = simulatedRuns({ seed: 7, runs: 60 });
const TRUTH = truthOf(ended(RUNS));
const LAST = Math.max(...ended(RUNS).map(({ finishedAt }) => finishedAt ?? 0));
const WINDOWS = Array.from({ length: Math.ceil((LAST - BEGIN) / DAY) }, (_, day) =>
  windowOf(BEGIN + day * DAY, BEGIN + (day + 1) * DAY),
);

async function inWindows(scene: RunScene, windows: readonly { from: Date; to: Date }[]): Promise<RunScene> {
  for (const window of windows) await scene.backfill({ window });
  return scene;
}

describe('the runs of a time', { timeout: 60_000 }, () => {
  it('are the same at once and window by window, in order, backwards, and in no order', async () => {
    const whole = await sceneOf(RUNS);
    await whole.backfill();
    expect(differences(await storedLines(whole.databaseUrl), TRUTH)).toEqual([]);
    const straight = await tableLines(whole.databaseUrl);
    for (const windows of [WINDOWS, WINDOWS.toReversed(), shuffled(WINDOWS, randomFrom(3))]) {
      const { databaseUrl, app } = await inWindows(await storeBeside(whole.service), windows);
      expect(differences(await tableLines(databaseUrl), straight)).toEqual([]);
      expect(await app.rebuildStatus()).toBe(0);
    }
  });

  it('are there once when windows overlap', async () => {
    const middle = Math.floor((BEGIN + LAST) / 2);
    const windows = [windowOf(middle - DAY, LAST), windowOf(BEGIN, middle + DAY), windowOf(BEGIN + DAY, LAST - DAY)];
    const { databaseUrl } = await inWindows(await sceneOf(RUNS), windows);
    expect(differences(await storedLines(databaseUrl), TRUTH)).toEqual([]);
  });

  it('are there once when two backfills take them at once', async () => {
    const scene = await sceneOf(RUNS);
    const results = await Promise.all([scene.backfill(), scene.backfill({ concurrency: 2 })]);
    expect(results.map(({ seen }) => seen)).toEqual([ended(RUNS).length, ended(RUNS).length]);
    expect(differences(await storedLines(scene.databaseUrl), TRUTH)).toEqual([]);
    expect(await scene.app.rebuildStatus()).toBe(0);
  });
});

/** Of nodes that are gone no state is shown. */
const oldIds = NODES.filter(({ isOld }) => isOld).map(({ id }) => id);
const isOfGone = (line: string) => /^(test|built) /.test(line) && oldIds.some((id) => line.includes(`["${id}",`));

/** What a pass alone states of nodes: code that was compiled in runs that it took itself, and when it met them. */
const OF_PASSES = ['compiled_at', 'compiled_by_build', 'compiled_code', 'compiled_digest', 'first_seen_at'];

describe('a backfill and syncs', { timeout: 60_000 }, () => {
  it('bring the same, whichever comes first', async () => {
    const before = await sceneOf(RUNS);
    const after = await storeBeside(before.service);
    await before.backfill();
    await syncAt(before, RUNS, LAST);
    await syncAt(after, RUNS, LAST);
    await after.backfill();
    for (const { databaseUrl, app } of [before, after]) {
      expect(differences(await storedLines(databaseUrl), TRUTH)).toEqual([]);
      expect(await app.rebuildStatus()).toBe(0);
    }
    const [one, other] = await Promise.all(
      [before, after].map(({ databaseUrl }) => tableLines(databaseUrl, OF_PASSES)),
    );
    expect(differences(one ?? [], other ?? [])).toEqual([]);
  });

  it('go on side by side', async () => {
    const scene = await sceneOf(RUNS);
    scene.service.setClock(LAST);
    const [backfilled, synced] = await Promise.all([scene.backfill(), syncAt(scene, RUNS, LAST)]);
    expect([backfilled.outcome, synced.outcome]).toEqual(['partial', 'done']);
    expect(differences(await storedLines(scene.databaseUrl), TRUTH)).toEqual([]);
    expect(await scene.app.rebuildStatus()).toBe(0);
  });

  it('of the past never move the state back', async () => {
    const scene = await sceneOf(RUNS);
    const middle = Math.floor((BEGIN + LAST) / 2);
    await syncAt(scene, RUNS, middle);
    await syncAt(scene, RUNS, LAST);
    const wanted = TRUTH.filter((line) => !isOfGone(line));
    expect(differences(await storedLines(scene.databaseUrl), wanted)).toEqual([]);
    const stored = await tableLines(scene.databaseUrl);
    expect(await scene.backfill()).toMatchObject({ taken: 0, rowsWritten: 0 });
    expect(differences(await tableLines(scene.databaseUrl), stored)).toEqual([]);
  });
});
