import { describe, expect, it } from 'vitest';
import * as element from '../../normalize/artifacts/elements.ts';
import {
  built,
  catalogFile,
  DAILY,
  manifestFile,
  ORDERS,
  readRuns,
  run,
  type ServedRun,
  type ServedStep,
  serving,
} from './run-service.ts';
import { sources } from './target-folder.ts';

const signal = new AbortController().signal;

describe('the runs of a first pass', () => {
  it('are read from the newest on until every node has a success', async () => {
    const { source } = await serving([1, 2, 3, 4, 5, 6].map((id) => run(id, id < 6 ? 'success' : 'error')));
    const { results, run: told } = await readRuns(source);
    expect(results).toEqual([6, 5, 4, 3].map((id) => `${id} ${ORDERS}`));
    expect(told(6)).toMatchObject({ setsState: true, resultsComplete: true, resultsMissingReason: null });
    expect(source.warnings).toEqual([]);
  });

  it('are all read when one node never succeeds, which needs no warning when there are no more', async () => {
    const { source } = await serving([1, 2, 3, 4, 5].map((id) => run(id, 'error')));
    expect((await readRuns(source)).results).toHaveLength(5);
    expect(source.warnings).toEqual([]);
  });

  it('end ninety days before the newest, and a warning says what was not found', async () => {
    const old = { more: { finished_at: '2025-12-01 06:00:00.000000+00:00' } };
    const { source } = await serving([run(1, 'success', old), run(2, 'error')]);
    expect((await readRuns(source)).results).toEqual([`2 ${ORDERS}`]);
    expect(source.warnings).toEqual([
      expect.stringMatching(/^In the last 200 runs or 90 days no success was found of 1 of the nodes: /),
    ]);
  });

  it('do not go on for what dbt cannot execute', async () => {
    const ephemeral = element.model({ unique_id: 'model.shop.inline', config: { materialized: 'ephemeral' } });
    const manifest = manifestFile('5-build', [element.model(), ephemeral]);
    const steps = [built(5, 'success', { manifest })];
    const { source } = await serving([...[1, 2, 3, 4].map((id) => run(id)), run(5, 'success', { steps })]);
    expect((await readRuns(source)).results).toHaveLength(4);
  });

  it('go on for checks of freshness where sources have limits', async () => {
    const checked: ServedStep = { command: 'dbt source freshness', files: { sources: sources() } };
    const limited = element.source({ freshness: { warn_after: { count: 1, period: 'day' } } });
    const manifest = {
      ...manifestFile('6-build', [element.model()]),
      sources: { [String(limited.unique_id)]: limited },
    };
    const steps = [built(6, 'success', { manifest })];
    const runs = [run(1, 'success', { steps: [checked] }), ...[2, 3, 4, 5].map((id) => run(id))];
    const { source } = await serving([...runs, run(6, 'success', { steps })]);
    const { of, steps: told } = await readRuns(source);
    expect(of('freshness')).toMatchObject([{ runId: '1', jobId: DAILY, status: 'pass' }]);
    expect(told).toContainEqual(expect.objectContaining({ runId: '1', which: 'freshness', invocationId: 'three' }));
  });
});

describe('the runs of a later pass', () => {
  it('are those that ended since, with a day more, but for those that are stored', async () => {
    const { source } = await serving([1, 2, 3, 4, 5].map((id) => run(id)));
    const stored = { runsUntil: '2026-03-04T06:00:00.000Z', completeRuns: new Set(['4']) };
    const { results, run: told } = await readRuns(source, stored);
    expect(results).toEqual([`5 ${ORDERS}`, `3 ${ORDERS}`]);
    expect(told(4)).toBeUndefined();
  });

  it('ask nothing of runs that are stored but for the manifest', async () => {
    const { source, asked } = await serving([1, 2].map((id) => run(id)));
    const stored = { runsUntil: '2026-03-02T06:00:00Z', completeRuns: new Set(['1', '2']) };
    const { of } = await readRuns(source, stored);
    expect(of('definition')).toHaveLength(1);
    expect(asked.filter((path) => path.includes('artifacts'))).toEqual(['runs/2/artifacts/manifest.json']);
    expect(asked.filter((path) => /^runs\/\d+\/$/.test(path))).toEqual([]);
  });
});

describe('the runs of a pass that reads everything again', () => {
  it('are those of a first pass that are not stored whole', async () => {
    const { source } = await serving(
      [1, 2, 3, 4, 5].map((id) => run(id)),
      { everyRun: true },
    );
    const stored = { runsUntil: '2026-03-04T06:00:00.000Z', completeRuns: new Set(['1', '3', '4']), again: true };
    const { results } = await readRuns(source, stored);
    expect(results).toEqual([`5 ${ORDERS}`, `2 ${ORDERS}`]);
    expect(source.warnings).toEqual([]);
  });

  it('are all that ended since the last one, however long ago that was', async () => {
    const endedAt = (day: string) => ({ more: { finished_at: `${day} 06:00:00.000000+00:00` } });
    const old = [run(1, 'success', endedAt('2025-09-01')), run(2, 'success', endedAt('2025-10-03'))];
    const { source } = await serving([...old, run(3)], { everyRun: true });
    const { results } = await readRuns(source, { runsUntil: '2025-10-02T06:00:00Z', again: true });
    expect(results).toEqual([`3 ${ORDERS}`, `2 ${ORDERS}`]);
  });

  it('are those of every later pass where not every run is wanted', async () => {
    const { source } = await serving([1, 2, 3, 4, 5].map((id) => run(id)));
    const stored = { runsUntil: '2026-03-04T06:00:00.000Z', completeRuns: new Set(['4']), again: true };
    expect((await readRuns(source, stored)).results).toEqual([`5 ${ORDERS}`, `3 ${ORDERS}`]);
  });
});

describe('a run whose results are not read', () => {
  it.each([
    ['goes on', { status: 'running' as const }, 'The run is still going.', true],
    ['checks a proposal', { more: { trigger: { cause_category: 'ci' } } }, null, false],
    ['is of a job that checks', { more: { job: { name: 'CI', job_type: 'ci' } } }, null, false],
    ['builds into another schema', { more: { trigger: { schema_override: 'pr_1' } } }, null, false],
  ])('because it %s is told as it is', async (_, more, reason, setsState) => {
    const { source, asked } = await serving([run(1), run(2, 'error', more)]);
    const { results, run: told } = await readRuns(source);
    expect(results).toEqual([`1 ${ORDERS}`]);
    expect(told(2)).toMatchObject({ setsState, resultsComplete: false, resultsMissingReason: reason });
    expect(asked.filter((path) => path.startsWith('runs/2/'))).toEqual([]);
  });

  it('because it is of another job still tells what is defined', async () => {
    const other = run(2, 'error', { more: { job_definition_id: 41 } });
    const { source } = await serving([run(1), other], { jobId: DAILY });
    const { results, of, run: told } = await readRuns(source);
    expect(results).toEqual([`1 ${ORDERS}`]);
    expect(of('definition')).toMatchObject([{ uniqueId: ORDERS, runId: '2' }]);
    expect(told(1)).toMatchObject({ jobId: DAILY, resultsComplete: true });
    expect(told(2)).toBeUndefined();
  });

  it('because it is of another job is not told as long as it goes on either', async () => {
    const more = { job_definition_id: 41 };
    const runs = [run(1), run(2, 'success', { more, status: 'running' }), run(3, 'success', { status: 'running' })];
    const { source } = await serving(runs, { jobId: DAILY, everyRun: true });
    const { run: told } = await readRuns(source);
    expect([told(1), told(2), told(3)]).toMatchObject([{ runId: '1' }, undefined, { runId: '3' }]);
  });
});

describe('the environment', () => {
  it('is told with its account, project and jobs, and the commit of what is defined', async () => {
    const { source } = await serving([run(1)]);
    const { pages, jobs } = await readRuns(source);
    const told = pages.flatMap(({ project }) => (project === undefined ? [] : [project]));
    expect(told[0]).toMatchObject({ accountId: 1, projectId: 3, environmentName: 'Production' });
    expect(told.at(-1)).toMatchObject({ projectName: 'shop', adapterType: 'postgres', gitSha: 'sha-1' });
    expect(jobs).toMatchObject([{ jobId: DAILY, name: 'Daily' }]);
  });

  it('may hide its jobs and name from the token, which is a warning', async () => {
    const { source } = await serving([run(1)], { refuses: { path: /jobs|environments/, status: 403 } });
    expect((await readRuns(source)).results).toEqual([`1 ${ORDERS}`]);
    expect(source.warnings).toHaveLength(2);
  });

  it('has moved when a run is added or ends, and not otherwise', async () => {
    const token = async (...runs: ServedRun[]) => (await (await serving(runs)).source.probe(signal)).token;
    const before = await token(run(1), run(2, 'success', { status: 'running' }));
    expect(before).toMatch(/^artifacts /);
    expect(await token(run(1), run(2, 'success', { status: 'running' }))).toBe(before);
    expect(await token(run(1), run(2))).not.toBe(before);
    expect(await token(run(1))).not.toBe(before);
  });

  it('lists its runs once for the probe and the pages that follow it, and anew for others', async () => {
    const { source, asked } = await serving([run(1), run(2)], { everyRun: true });
    const lists = () => asked.filter((path) => /^runs\/(\?|$)/.test(path)).length;
    await source.probe(signal);
    await readRuns(source, { again: true });
    expect(lists()).toBe(1);
    await readRuns(source);
    expect(lists()).toBe(2);
  });

  it('was updated when the last run that sets its state ended', async () => {
    const check = { more: { trigger: { cause_category: 'ci' } } };
    const { source } = await serving([run(1), run(2), run(3, 'success', check)]);
    expect((await source.probe(signal)).environment.updatedAt).toBe('2026-03-02T06:00:00.000000+00:00');
  });
});

describe('the catalog', () => {
  const documented = (
    id: number,
    catalog: ServedStep['files'] = { catalog: catalogFile(`${id}-docs`) },
  ): ServedRun => ({
    id,
    steps: [built(id), { command: 'dbt docs generate', files: { ...catalog } }],
  });

  it('comes before the nodes, and only the newest is read', async () => {
    const { source, asked } = await serving([documented(1), documented(2), run(3)]);
    const { pages, of } = await readRuns(source);
    const kinds = pages.flatMap(({ records }) => records.map(({ kind }) => kind));
    expect([...new Set(kinds)]).toEqual(['catalog', 'definition', 'build', 'result']);
    expect(of('catalog')).toMatchObject([{ at: '2026-03-02T05:55:00.000000Z' }]);
    expect(asked.filter((path) => path.includes('catalog'))).toEqual(['runs/2/artifacts/catalog.json?step=2']);
  });

  it('that is broken gives way to the one before it, and is missed', async () => {
    const { source } = await serving([documented(1), documented(2, { catalog: '{"metadata": {' })]);
    expect((await readRuns(source)).of('catalog')).toMatchObject([{ at: '2026-03-01T05:55:00.000000Z' }]);
    expect(source.limits).toEqual([expect.stringMatching(/^catalog\.json of step 2 of run 2 is not whole/)]);
  });

  it.each([
    [500, /answered with status 500: .* It was asked for catalog\.json of step 2 of run 2\.$/],
    [403, /lacks a permission/],
  ])('that is not given (%i) is missed, and the rest is read', async (status, reason) => {
    const { source } = await serving([documented(1), documented(2)], {
      refuses: { path: /2\/artifacts\/catalog/, status },
    });
    const { of, results } = await readRuns(source);
    expect(of('catalog')).toHaveLength(status === 500 ? 1 : 0);
    expect([results.length, source.limits]).toEqual([2, [expect.stringMatching(reason)]]);
  });

  it('that is stored with its run is read again when everything is', async () => {
    const { source } = await serving([documented(1), run(2)]);
    const stored = { runsUntil: '2026-03-02T06:00:00Z', completeRuns: new Set(['1', '2']), again: true };
    expect((await readRuns(source, stored)).of('catalog')).toHaveLength(1);
  });

  it('that is stored with its run is not read again', async () => {
    const { source, asked } = await serving([documented(1), run(2)]);
    const stored = { runsUntil: '2026-03-01T06:00:00Z', completeRuns: new Set(['1']) };
    expect((await readRuns(source, stored)).of('catalog')).toEqual([]);
    expect(asked.filter((path) => path.includes('catalog'))).toEqual([]);
  });

  it('that whoever took the run did not take is read, and of several only the newest', async () => {
    const { source, asked } = await serving([documented(1), documented(2), run(3), run(4)]);
    const completeRuns = new Set(['1', '2', '3', '4']);
    const stored = { runsUntil: '2026-03-04T06:00:00Z', completeRuns, catalogRuns: new Set(['1', '2']) };
    expect((await readRuns(source, stored)).of('catalog')).toMatchObject([{ at: '2026-03-02T05:55:00.000000Z' }]);
    expect(asked.filter((path) => path.includes('catalog'))).toEqual(['runs/2/artifacts/catalog.json?step=2']);
    expect(asked.filter((path) => /^runs\/\d+\/$/.test(path))).toEqual(['runs/2/']);
  });

  it('that nobody took gives way to that of a newer run', async () => {
    const { source, asked } = await serving([documented(1), documented(2)]);
    const stored = { runsUntil: '2026-03-01T06:00:00Z', completeRuns: new Set(['1']), catalogRuns: new Set(['1']) };
    expect((await readRuns(source, stored)).of('catalog')).toMatchObject([{ at: '2026-03-02T05:55:00.000000Z' }]);
    expect(asked.filter((path) => path.startsWith('runs/1/'))).toEqual([]);
  });
});
