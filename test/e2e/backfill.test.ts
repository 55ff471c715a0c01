import { describe, expect, it } from 'vitest';
import { differences } from '../faults/stores.ts';
import { query } from '../store/database.ts';
import { command, commandOf, jsonLines } from './backfill-command.ts';
import { DAY } from './simulated-project.ts';
import { BEGIN, JOBS, type SimRun, simulatedRuns } from './simulated-runs.ts';
import { sceneOf, windowOf } from './simulated-scene.ts';
import { storedLines, tableLines } from './simulated-store.ts';
import { ended, isMissing, truthOf } from './simulated-truth.ts';

const RUNS = simulatedRuns();
const SOME = simulatedRuns({ seed: 6, runs: 60 });

/** Requests that ask for no run by its id. */
const isOfList = (path: string) => /^(runs|jobs|environments)\/\?/.test(path);
const idsAsked = (paths: readonly string[]) =>
  [...new Set(paths.flatMap((path) => /^runs\/(\d+)\//.exec(path)?.[1] ?? []))].map(Number).sort((a, b) => a - b);
const idsOf = (runs: readonly SimRun[]) => runs.map(({ id }) => id);

describe('a backfill of everything', { timeout: 60_000 }, () => {
  it('leaves in the store what the runs were, run by run, step by step, and result by result', async () => {
    const scene = await sceneOf(RUNS);
    const result = await scene.backfill();
    const runs = ended(RUNS);
    expect(runs.length).toBeGreaterThan(200);
    expect(differences(await storedLines(scene.databaseUrl), truthOf(runs))).toEqual([]);
    expect(await scene.app.rebuildStatus()).toBe(0);
    const missing = runs.filter(isMissing).length;
    expect(result).toMatchObject({ outcome: 'partial', seen: runs.length, taken: runs.length - missing, rejects: 0 });
    expect([...result.missing.values()].reduce((sum, count) => sum + count, 0)).toBe(missing);
    expect(scene.service.asked.length).toBe(result.requests);
  });

  it('says of each run of which something is missing what that is', async () => {
    const scene = await sceneOf(RUNS);
    const result = await scene.backfill();
    const count = (kind: string) => RUNS.filter((run) => run.kind === kind).length;
    expect(Object.fromEntries(result.missing)).toEqual({
      'A run is gone, or the token may not read it.': count('gone'),
      'A run is gone, or the token may not read its artifacts.': count('lost'),
      'A run kept no artifacts.': count('unsaved'),
      'A step of a run wrote no run_results.json.': count('crashed'),
    });
    const [row] = await query(
      scene.databaseUrl,
      'select kind, source, outcome, error, results::integer from dbt.sync_runs',
    );
    expect(row).toEqual({
      kind: 'backfill',
      source: 'artifacts',
      outcome: 'partial',
      error: [...result.missing].map(([reason, runs]) => `${runs} × ${reason}`).join(' '),
      results: result.results,
    });
    const jobs = await query(scene.databaseUrl, 'select name, job_type, schedule from dbt.jobs order by job_id');
    expect(jobs).toEqual([
      { name: 'Daily', job_type: 'scheduled', schedule: '0 */4 * * *' },
      { name: 'Tests', job_type: 'scheduled', schedule: null },
      { name: 'Checks', job_type: 'ci', schedule: null },
      { name: 'Merges', job_type: 'merge', schedule: null },
    ]);
  });
});

describe('a backfill of what is stored', { timeout: 60_000 }, () => {
  it('asks for lists alone and writes nothing but its own row', async () => {
    const scene = await sceneOf(SOME);
    await scene.backfill();
    const before = await tableLines(scene.databaseUrl);
    const asked = scene.service.asked.length;
    const again = await scene.backfill();
    const runs = ended(SOME).length;
    expect(again).toMatchObject({ seen: runs, known: runs, taken: 0, results: 0, rowsWritten: 0, outcome: 'partial' });
    expect(scene.service.asked.slice(asked).filter((path) => !isOfList(path))).toEqual([]);
    expect(await tableLines(scene.databaseUrl)).toEqual(before);
    const rows = await query(
      scene.databaseUrl,
      'select rows_written::integer, results::integer from dbt.sync_runs order by sync_run_id desc',
    );
    expect([rows.length, rows[0]]).toEqual([2, { rows_written: 0, results: 0 }]);
  });

  it('asks again for what was missing when that is wanted', async () => {
    const scene = await sceneOf(SOME);
    await scene.backfill();
    const before = await tableLines(scene.databaseUrl);
    const asked = scene.service.asked.length;
    await scene.backfill({ retryMissing: true });
    const wanted = ended(SOME).filter(isMissing);
    expect(idsAsked(scene.service.asked.slice(asked))).toEqual(idsOf(wanted));
    expect(await tableLines(scene.databaseUrl)).toEqual(before);
  });
});

describe('a backfill of a window', { timeout: 60_000 }, () => {
  it('takes the runs that ended within it, and no other', async () => {
    const scene = await sceneOf(SOME);
    const [from, to] = [BEGIN + 2 * DAY, BEGIN + 5 * DAY];
    await scene.backfill({ window: windowOf(from, to) });
    expect(differences(await storedLines(scene.databaseUrl), truthOf(ended(SOME, from, to)))).toEqual([]);
  });

  it('takes the runs of one job when it is told to', async () => {
    const scene = await sceneOf(SOME);
    await scene.backfill({ jobId: JOBS.tests });
    const runs = ended(SOME).filter(({ jobId }) => jobId === JOBS.tests);
    expect(differences(await storedLines(scene.databaseUrl), truthOf(runs))).toEqual([]);
  });

  it('takes what was still going the next time, whatever ended meanwhile', async () => {
    const scene = await sceneOf(SOME);
    const long = ended(SOME).find(({ id, finishedAt }) =>
      SOME.some((other) => other.id > id && (other.finishedAt ?? Number.NaN) < (finishedAt ?? 0)),
    );
    const now = (long?.finishedAt ?? Number.NaN) - 1;
    scene.service.setClock(now);
    await scene.backfill();
    expect(differences(await storedLines(scene.databaseUrl), truthOf(ended(SOME, undefined, now)))).toEqual([]);
    scene.service.setClock(null);
    await scene.backfill();
    expect(differences(await storedLines(scene.databaseUrl), truthOf(ended(SOME)))).toEqual([]);
  });

  it('is planned by the runs of the job that it is narrowed to', async () => {
    const scene = await sceneOf(SOME);
    const count = (jobId: number) => ended(SOME).filter((run) => run.jobId === jobId).length;
    await scene.backfill({ jobId: JOBS.tests });
    const plans = [JOBS.tests, JOBS.daily].map(async (jobId) => (await scene.backfill({ jobId, dryRun: true })).plan);
    expect(await Promise.all(plans)).toMatchObject([
      { runs: count(JOBS.tests), known: count(JOBS.tests), requests: 1 },
      { runs: count(JOBS.daily), known: 0, requests: 1 + 3 * count(JOBS.daily) },
    ]);
  });

  it('is told beforehand when nothing is to be done', async () => {
    const scene = await sceneOf(SOME);
    const result = await scene.backfill({ dryRun: true });
    expect(result).toMatchObject({ syncRunId: null, plan: { runs: ended(SOME).length, known: 0 }, rowsWritten: 0 });
    expect(scene.service.asked.filter((path) => !isOfList(path))).toEqual([]);
    expect(await query(scene.databaseUrl, 'select from dbt_store.integration')).toEqual([]);
  });
});

describe('the command backfill', { timeout: 60_000 }, () => {
  it('takes the runs, tells of them in JSON lines, and ends with 3 where something could not be had', async () => {
    const scene = await sceneOf(SOME);
    const { code, out, err } = await command(scene, '--all', '--json');
    expect([code, err]).toEqual([3, '']);
    const lines = jsonLines(out);
    const runs = ended(SOME);
    expect(lines[0]).toMatchObject({ type: 'plan', integration: 'shop', runs: runs.length, known: 0 });
    expect(lines.at(-1)).toMatchObject({
      type: 'result',
      outcome: 'partial',
      seen: runs.length,
      rejects: 0,
      failed: [],
    });
    expect(differences(await storedLines(scene.databaseUrl), truthOf(runs))).toEqual([]);
  });

  it('of an environment that is not there ends with 2 and names those that are', async () => {
    const scene = await sceneOf(SOME);
    const config = { environment: 777 };
    const { code, err } = await commandOf(scene, config, '--from', '2020-01-01');
    expect(code).toBe(2);
    expect(err).toMatch(/error: Account 11 has no environment 777 .*There are: 33 \(Production\), 34 \(Staging\)\.\n$/);
  });

  it('of a job that is not there ends with 2 and names those that are', async () => {
    const scene = await sceneOf(SOME);
    const { code, err } = await command(scene, '--all', '--job', '999999');
    expect(code).toBe(2);
    expect(err).toMatch(/error: Environment 33 has no job 999999 .*There are: .*401 \(/);
  });

  it('answers what there is to do when it is asked for no more', async () => {
    const scene = await sceneOf(SOME);
    const { code, out } = await command(scene, '--all', '--dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(`^shop: ${ended(SOME).length} runs, 0 of them stored; about \\d+ requests for .*\\n$`),
    );
    expect(await query(scene.databaseUrl, 'select from dbt_store.integration')).toEqual([]);
  });

  it('of a time without runs says so, and is done', async () => {
    const scene = await sceneOf(SOME);
    const { code, out, err } = await command(scene, '--from', '2020-01-01', '--to', '2020-01-31');
    expect([code, err]).toEqual([0, expect.stringContaining('shop: no run ended within this time\n')]);
    expect(out).toMatch(/\n {2}seen +0 runs\n/);
  });

  it('tells a person what was there, and that dbt keeps runs for a year', async () => {
    const scene = await sceneOf(SOME.filter((run) => !isMissing(run)));
    const { code, out, err } = await command(scene, '--from', '2020-01-01', '--job', String(JOBS.tests));
    const count = SOME.filter(({ jobId }) => jobId === JOBS.tests).length;
    expect([code, out]).toEqual([0, expect.stringMatching(/^shop: done\n/)]);
    expect(out).toMatch(new RegExp(`\\n  seen +${count} runs\\n  taken +${count} runs, [\\d,]+ new results\\n`));
    expect(err).toMatch(/^note: dbt keeps runs for 365 days: .*\n/);
    expect(err).toMatch(new RegExp(`shop: ${count} runs, 0 of them stored; about \\d+ requests for ${count} runs`));
    expect(out + err).not.toContain('secret-token');
  });
});
