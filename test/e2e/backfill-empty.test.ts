import { describe, expect, it } from 'vitest';
import { differences } from '../faults/stores.ts';
import { query } from '../store/database.ts';
import { command, jsonLines } from './backfill-command.ts';
import { JOBS, type Kind, type SimRun, simulatedRuns } from './simulated-runs.ts';
import { sceneOf } from './simulated-scene.ts';
import { seenIn } from './simulated-status.ts';
import { storedLines } from './simulated-store.ts';
import { ended, isMissing, truthOf } from './simulated-truth.ts';

const RUNS = simulatedRuns();
const of = (...kinds: Kind[]) => ended(RUNS).filter(({ kind }) => kinds.includes(kind));
const isEmpty = (run: SimRun) => seenIn(run).length === 0 && run.steps.every(({ left }) => left === null);

/** Runs that never came to a node, and why. */
const NEVER: readonly (readonly [reason: string, runs: readonly SimRun[]])[] = [
  ['cancelled before dbt wrote results', of('cancelled').filter(isEmpty)],
  ['failed before dbt executed anything', of('not cloned', 'unparsed')],
  ['ran no command that leaves results', of('parse')],
];

describe('runs that never had results', { timeout: 60_000 }, () => {
  it('are taken as they are, and counted by their reasons', async () => {
    const scene = await sceneOf(RUNS);
    const { empty } = await scene.backfill();
    expect([...empty].toSorted()).toEqual(NEVER.map(([reason, runs]) => [reason, runs.length]));
    const ids = NEVER.flatMap(([, runs]) => runs.map(({ id }) => String(id)));
    const rows = await query(
      scene.databaseUrl,
      'select results_missing_reason as reason from dbt.runs where run_id = any ($1) group by 1',
      [ids],
    );
    expect(rows).toEqual([{ reason: null }]);
  });

  it('end a backfill with code 0, named in its table', async () => {
    const some = RUNS.filter((run) => !isMissing(run));
    const scene = await sceneOf(some);
    const { code, out, err } = await command(scene, '--all');
    expect([code, err]).toEqual([0, expect.not.stringContaining('error')]);
    const lines = out.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '));
    const told = lines.filter((line) => NEVER.some(([reason]) => line.endsWith(reason)));
    expect(told.map((line) => line.replace(/^without /, '')).toSorted()).toEqual(
      NEVER.map(([reason, runs]) => `${runs.length} runs: ${reason}`).toSorted(),
    );
    expect(differences(await storedLines(scene.databaseUrl), truthOf(ended(some)))).toEqual([]);
  });

  it('are in the last line for machines, and not asked for again', async () => {
    const scene = await sceneOf(of('not cloned', 'unparsed', 'parse'));
    const first = await command(scene, '--all', '--json');
    const without = NEVER.filter(([reason]) => !reason.includes('cancelled'));
    expect([first.code, jsonLines(first.out).at(-1)?.without_results]).toEqual([
      0,
      expect.arrayContaining(without.map(([reason, runs]) => ({ reason, runs: runs.length }))),
    ]);
    const asked = scene.service.asked.length;
    const again = await command(scene, '--all', '--json');
    expect([again.code, jsonLines(again.out).at(-1)]).toMatchObject([0, { taken: 0, without_results: [] }]);
    expect(scene.service.asked.slice(asked).filter((path) => /^runs\/\d/.test(path))).toEqual([]);
  });
});

describe('a run whose results are lost', { timeout: 60_000 }, () => {
  it.each([
    { kind: 'unsaved', reason: 'A run kept no artifacts.' },
    { kind: 'crashed', reason: 'A step of a run wrote no run_results.json.' },
    { kind: 'lost', reason: 'A run is gone, or the token may not read its artifacts.' },
    { kind: 'gone', reason: 'A run is gone, or the token may not read it.' },
  ] as const)('because it was $kind ends a backfill with code 3', async ({ kind, reason }) => {
    const runs = of(kind);
    const scene = await sceneOf([...runs, ...of('build').slice(0, 2)]);
    const { code, out } = await command(scene, '--all', '--json');
    const missing = [{ reason, runs: runs.length }];
    expect([code, jsonLines(out).at(-1)]).toMatchObject([3, { outcome: 'partial', missing, without_results: [] }]);
    const job = await command(scene, '--all', '--job', String(JOBS.merges), '--json');
    expect(job.code).toBe(0);
  });
});
