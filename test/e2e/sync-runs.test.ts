import { describe, expect, it } from 'vitest';
import { differences } from '../faults/stores.ts';
import { query } from '../store/database.ts';
import { HOUR, MINUTE, NODES, randomFrom } from './simulated-project.ts';
import { BEGIN, type SimRun, simulatedRuns } from './simulated-runs.ts';
import { type RunScene, sceneOf } from './simulated-scene.ts';
import { syncAt } from './simulated-state.ts';
import { storedLines, storedRunLines } from './simulated-store.ts';
import { ended, isMissing, runLines, truthOf } from './simulated-truth.ts';

const A_DAY = simulatedRuns({ seed: 8, runs: 91, every: 12 * MINUTE });
const LAST = Math.max(...ended(A_DAY).map(({ finishedAt }) => finishedAt ?? 0));

/** Every full hour, and the first one after everything has ended. */
function hours(): number[] {
  const times: number[] = [];
  for (let at = BEGIN + HOUR; at < LAST + HOUR; at += HOUR) times.push(at);
  return times;
}

const oldIds = NODES.filter(({ isOld }) => isOld).map(({ id }) => id);
const isOfGone = (line: string) => /^(test|built) /.test(line) && oldIds.some((id) => line.includes(`["${id}",`));
/** Nodes that were deleted meanwhile show no state. */
const truthWithout = (runs: readonly SimRun[]) => truthOf(ended(runs)).filter((line) => !isOfGone(line));

const idsStored = async ({ databaseUrl }: RunScene) =>
  (await query<{ id: string }>(databaseUrl, 'select run_id as id from dbt.runs where finished_at is not null')).map(
    ({ id }) => Number(id),
  );
const idsEnded = (now: number) => ended(A_DAY, undefined, now).map(({ id }) => id);
const inOrder = (ids: number[]) => ids.toSorted((one, other) => one - other);

describe('a sync every hour beside five runs an hour', { timeout: 60_000 }, () => {
  it('misses no run and takes none twice', async () => {
    const scene = await sceneOf(A_DAY);
    for (const now of hours()) {
      await syncAt(scene, A_DAY, now);
      expect(inOrder(await idsStored(scene))).toEqual(inOrder(idsEnded(now)));
    }
    const asked = scene.service.asked.flatMap((path) => /^runs\/(\d+)\/\?/.exec(path)?.[1] ?? []);
    const whole = ended(A_DAY).filter((run) => !isMissing(run));
    expect(whole.filter(({ id }) => asked.filter((one) => one === String(id)).length !== 1)).toEqual([]);
    expect(differences(await storedLines(scene.databaseUrl), truthWithout(A_DAY))).toEqual([]);
    expect(await scene.app.rebuildStatus()).toBe(0);
  });

  it('catches up with what it could not have while the Admin API failed', async () => {
    const scene = await sceneOf(A_DAY);
    const random = randomFrom(9);
    const outcomes: string[] = [];
    for (const [index, now] of hours().entries()) {
      const isDown = index % 5 === 1 || (index > 10 && index < 16);
      if (isDown) scene.service.fail(503, Math.floor(12 * random()));
      outcomes.push((await syncAt(scene, A_DAY, now)).outcome);
      scene.service.heal();
    }
    expect(outcomes.filter((outcome) => outcome === 'partial').length).toBeGreaterThan(3);
    expect(outcomes.at(-1)).toBe('done');
    expect(differences(await storedLines(scene.databaseUrl), truthWithout(A_DAY))).toEqual([]);
    expect(await scene.app.rebuildStatus()).toBe(0);
  });

  it('that begins in the middle leaves the rest to a backfill', async () => {
    const scene = await sceneOf(A_DAY);
    const now = BEGIN + 5 * HOUR;
    await syncAt(scene, A_DAY, now);
    expect(differences(await storedRunLines(scene.databaseUrl), runLines(ended(A_DAY, undefined, now)))).toEqual([]);
    scene.service.setClock(null);
    await scene.backfill();
    await syncAt(scene, A_DAY, LAST);
    expect(differences(await storedLines(scene.databaseUrl), truthWithout(A_DAY))).toEqual([]);
  });
});
