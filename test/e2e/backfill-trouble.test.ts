import { describe, expect, it } from 'vitest';
import { differences } from '../faults/stores.ts';
import { query } from '../store/database.ts';
import { command, jsonLines } from './backfill-command.ts';
import { simulatedRuns } from './simulated-runs.ts';
import { type RunScene, sceneOf } from './simulated-scene.ts';
import { storedLines } from './simulated-store.ts';
import { ended, isMissing, truthOf } from './simulated-truth.ts';

const RUNS = simulatedRuns({ seed: 6, runs: 60 }).filter((run) => !isMissing(run));
const TRUTH = truthOf(ended(RUNS));
const COUNT = ended(RUNS).length;

async function rowsWritten({ databaseUrl }: RunScene): Promise<number> {
  const [row] = await query<{ rows: string }>(databaseUrl, 'select rows_written as rows from dbt.sync_runs');
  return Number(row?.rows);
}

describe('a backfill that is told to slow down', { timeout: 60_000 }, () => {
  it('waits for as long as the service says, says so, and loses nothing', async () => {
    const scene = await sceneOf(RUNS);
    scene.service.slowDown(40, 2);
    const { code, err } = await command(scene, '--all');
    expect(code).toBe(0);
    const [wait] = err.split('\n').filter((line) => line.includes('host asks to wait'));
    const said = JSON.parse(wait ?? '');
    expect(said).toMatchObject({ level: 'warn', integration: 'shop' });
    expect(said.wait_s).toBeCloseTo(2, 0);
    expect(differences(await storedLines(scene.databaseUrl), TRUTH)).toEqual([]);
  });
});

describe('runs that cannot be read now', { timeout: 60_000 }, () => {
  const [one, , , , , , , , , , other] = ended(RUNS);
  const failing = new RegExp(`^runs/(${one?.id}|${other?.id})/`);

  it('are listed at the end, and taken by the same command later', async () => {
    const scene = await sceneOf(RUNS);
    scene.service.fail(400, 0, failing);
    const { code, out } = await command(scene, '--all');
    expect(code).toBe(3);
    for (const run of [one, other]) expect(out).toMatch(new RegExp(`\\brun ${run?.id}: .*400`));
    expect(out).toMatch(/The same command takes the failed runs another time\.\n$/);
    scene.service.heal();
    expect((await command(scene, '--all')).code).toBe(0);
    expect(differences(await storedLines(scene.databaseUrl), TRUTH)).toEqual([]);
  });

  it('are the same for machines and for people', async () => {
    const [spoken, written] = [await sceneOf(RUNS), await sceneOf(RUNS)];
    for (const { service } of [spoken, written]) service.fail(400, 0, failing);
    const text = (await command(spoken, '--all')).out.replaceAll(',', '');
    const last = jsonLines((await command(written, '--all', '--json')).out).at(-1);
    const number = (label: string, unit: string) => Number(new RegExp(`${label} .*?(\\d+) ${unit}`).exec(text)?.[1]);
    expect(last).toMatchObject({ outcome: 'partial', seen: COUNT, taken: COUNT - 2, known: 0, rejects: 0 });
    expect(last).toMatchObject({
      seen: number('seen', 'runs'),
      taken: number('taken', 'runs'),
      results: number('taken', 'new results'),
      requests: number('written', 'requests'),
    });
    // How often a row is written again depends on how the runs were cut into portions, which is a matter of time.
    expect(number('written', 'rows')).toBe(await rowsWritten(spoken));
    expect(last?.rows_written).toBe(await rowsWritten(written));
    const [, ...failed] = /failed +run (\d+)[\s\S]*?\n +run (\d+)/.exec(text) ?? [];
    expect((last?.failed as { run_id: number }[]).map(({ run_id: id }) => String(id)).toSorted()).toEqual(
      failed.toSorted(),
    );
  });
});

describe('a backfill whose token expires', { timeout: 60_000 }, () => {
  it('stops with code 2 and one sentence, keeps what it took, and goes on with a new one', async () => {
    const scene = await sceneOf(RUNS);
    scene.service.fail(401, 60);
    const { code, out, err } = await command(scene, '--all', '--json');
    const lines = jsonLines(out);
    expect([code, lines.at(-1)]).toMatchObject([2, { outcome: 'failed', error: { type: 'FatalError' } }]);
    expect(err).toMatch(/^error: .*token.*\n$/);
    const [row] = await query<{ runs: number }>(scene.databaseUrl, 'select count(*)::integer as runs from dbt.runs');
    expect(row?.runs).toBeGreaterThan(5);
    scene.service.heal();
    const again = await command(scene, '--all', '--json');
    expect([again.code, jsonLines(again.out)[0]]).toMatchObject([0, { type: 'plan', runs: COUNT, known: row?.runs }]);
    expect(differences(await storedLines(scene.databaseUrl), TRUTH)).toEqual([]);
  });
});

describe('a backfill during an outage', { timeout: 60_000 }, () => {
  it('gives up soon, says that the same command goes on, and does', async () => {
    const scene = await sceneOf(RUNS);
    scene.service.fail(400, 60);
    const { code, err } = await command(scene, '--all');
    expect([code, err]).toEqual([1, expect.stringMatching(/error: .*400/)]);
    expect(err).toMatch(/What was taken stays, and the same command goes on where it was\.\n$/);
    expect(scene.service.asked.length).toBeLessThan(90);
    scene.service.heal();
    expect((await command(scene, '--all')).code).toBe(0);
    expect(differences(await storedLines(scene.databaseUrl), TRUTH)).toEqual([]);
  });
});
