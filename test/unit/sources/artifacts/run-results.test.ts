import { describe, expect, it } from 'vitest';
import * as element from '../../normalize/artifacts/elements.ts';
import {
  catalogFile,
  DAILY,
  manifestFile,
  readRuns,
  resultsFile,
  type ServedRun,
  type ServedStep,
  serving,
} from './run-service.ts';
import { metadata, row, sources } from './target-folder.ts';

const ORDERS = 'model.shop.orders';
const TEST = String(element.dataTest().unique_id);
const manifest = manifestFile('2-build', [element.model(), element.dataTest()]);

const built: ServedStep = {
  files: { manifest, run_results: resultsFile('2-build', { [ORDERS]: 'success', [TEST]: 'pass' }) },
};

/** Reads run 2 with these steps, and run 1 whose build is whole. */
async function read(steps: readonly ServedStep[], more: Partial<ServedRun> = {}, given = {}) {
  const whole = { files: { manifest, run_results: resultsFile('1-build', { [ORDERS]: 'success', [TEST]: 'pass' }) } };
  const { source, asked } = await serving(
    [
      { id: 1, steps: [whole] },
      { id: 2, steps, ...more },
    ],
    given,
  );
  const told = await readRuns(source);
  const own = told.results.filter((result) => result.startsWith('2 '));
  return { ...told, own, source, asked: asked.filter((path) => path.startsWith('runs/2/')) };
}

describe('the results of a run', () => {
  it('are those of every step, each with its invocation and its time', async () => {
    const steps: ServedStep[] = [
      { command: null },
      { command: 'dbt deps' },
      { command: 'dbt source freshness', files: { sources: sources() } },
      { command: 'dbt run', files: { manifest, run_results: resultsFile('2-run', { [ORDERS]: 'success' }, 'run') } },
      { command: 'dbt test', files: { run_results: resultsFile('2-test', { [TEST]: 'fail' }, 'test') } },
    ];
    const { of, steps: told, run, results } = await read(steps, { status: 'error' });
    const at = '2026-03-02T05:55:00.000000Z';
    expect(of('result').slice(0, 2)).toMatchObject([
      { uniqueId: ORDERS, runId: '2', step: 4, jobId: DAILY, invocationId: '2-run', executedAt: at, status: 'success' },
      { uniqueId: TEST, runId: '2', step: 5, jobId: DAILY, invocationId: '2-test', executedAt: at, status: 'fail' },
    ]);
    expect(of('freshness')).toMatchObject([{ runId: '2', jobId: DAILY }]);
    expect(results).toContain(`1 ${TEST}`);
    expect(told.slice(0, 5)).toMatchObject([
      { runId: '2', step: 1, command: null, which: null, invocationId: null },
      { step: 2, command: 'dbt deps', which: 'deps', invocationId: null },
      { step: 3, which: 'freshness', invocationId: 'three' },
      { step: 4, command: 'dbt run', which: 'run', invocationId: '2-run' },
      { step: 5, which: 'test', invocationId: '2-test' },
    ]);
    expect(run(2)).toMatchObject({ status: 'error', resultsComplete: true, resultsMissingReason: null });
  });

  it('are not those of the documentation that comes last', async () => {
    const docs = resultsFile('2-docs', { [ORDERS]: 'success', [TEST]: 'success' }, 'generate');
    const last = { command: 'dbt docs generate', files: { run_results: docs, catalog: catalogFile('2-docs') } };
    const { own, asked, run, steps } = await read([built, last]);
    expect(own).toEqual([`2 ${ORDERS}`, `2 ${TEST}`]);
    expect(asked).not.toContain('runs/2/artifacts/run_results.json?step=2');
    expect(run(2)).toMatchObject({ resultsComplete: true });
    expect(steps[1]).toMatchObject({ which: 'generate', invocationId: null });
  });

  it('are not those of an unknown command that only compiled', async () => {
    const files = { manifest, run_results: resultsFile('2-x', { [ORDERS]: 'success' }, 'compile') };
    const { results, run, steps } = await read([{ command: 'dbt something-new', files }]);
    expect(results).toEqual([`1 ${ORDERS}`, `1 ${TEST}`]);
    expect([run(2), steps[0]]).toMatchObject([{ resultsComplete: true }, { which: 'compile', invocationId: '2-x' }]);
  });

  it('are not those of an unknown command that only compiled, whose code is taken with the file that is there', async () => {
    const results = [{ ...row(ORDERS, 'success'), compiled_code: 'select 2' }];
    const file = { ...resultsFile('2-x', {}, 'compile'), results };
    const { of, own, asked, run } = await read([
      { command: 'dbt compile', files: { manifest, run_results: file } },
      { command: 'dbt something-new', files: { run_results: file } },
    ]);
    const at = '2026-03-02T05:55:00.000000Z';
    expect(of('compiled')).toEqual([{ kind: 'compiled', uniqueId: ORDERS, at, code: 'select 2', isBuilt: false }]);
    expect([own, run(2)]).toMatchObject([[], { resultsComplete: true }]);
    expect(asked.filter((path) => path.includes('run_results'))).toEqual(['runs/2/artifacts/run_results.json?step=2']);
  });

  it('need none of a step that was cancelled or never began', async () => {
    const unbegun: ServedStep = { command: 'dbt test', status: 'cancelled', isStarted: false };
    const { run, asked } = await read([built, { status: 'cancelled' }, unbegun], { status: 'cancelled' });
    expect(run(2)).toMatchObject({ status: 'cancelled', resultsComplete: true });
    expect(asked.filter((path) => path.includes('run_results'))).toEqual(
      [1, 2].map((step) => `runs/2/artifacts/run_results.json?step=${step}`),
    );
  });

  it('are none, and none are missing, when it failed before dbt began', async () => {
    const { run, results } = await read([{ command: null, status: 'error' }], { status: 'error' });
    expect(results).toEqual([`1 ${ORDERS}`, `1 ${TEST}`]);
    expect(run(2)).toMatchObject({ resultsComplete: true, resultsMissingReason: null });
  });
});

describe('a run that never came to a node misses nothing', () => {
  const unread = { command: 'dbt build', status: 'error' } as const;

  it('because dbt could not read the project, of which it wrote nothing down', async () => {
    const { run, asked } = await read([unread], { status: 'error' });
    expect(run(2)).toMatchObject({ resultsComplete: true, resultsMissingReason: null });
    expect(asked).toContain('runs/2/artifacts/');
  });

  it('unless it said that it succeeded', async () => {
    const { run } = await read([{ command: 'dbt build' }]);
    expect(run(2)).toMatchObject({ resultsComplete: false, resultsMissingReason: 'Run 2 left no artifacts.' });
  });

  it('unless dbt had read the project', async () => {
    const { run } = await read([{ ...unread, files: { manifest } }], { status: 'error' });
    expect(run(2)).toMatchObject({ resultsComplete: false, resultsMissingReason: 'Run 2 left no run_results.json.' });
  });

  it('because no step of dbt began, so that nothing was kept', async () => {
    const more = { more: { artifacts_saved: false }, status: 'cancelled' } as const;
    const { run, asked } = await read(
      [
        { command: null, status: 'error' },
        { command: 'dbt build', status: 'cancelled' },
      ],
      more,
    );
    expect(run(2)).toMatchObject({ resultsComplete: true, resultsMissingReason: null });
    expect(asked).toEqual(['runs/2/']);
  });
});

describe('a step that shows the file of a step before it', () => {
  it('has no results of its own, and they are missing', async () => {
    const { own, steps, run } = await read([built, { ...built, command: 'dbt test' }]);
    expect(own).toEqual([`2 ${ORDERS}`, `2 ${TEST}`]);
    expect(steps.slice(0, 2)).toMatchObject([{ invocationId: '2-build' }, { which: 'test', invocationId: null }]);
    expect(run(2)).toMatchObject({
      resultsComplete: false,
      resultsMissingReason: 'Step 2 of run 2 wrote no run_results.json.',
    });
  });

  it('misses nothing where its command leaves none', async () => {
    const { own, run } = await read([built, { ...built, command: 'dbt run-operation grant' }]);
    expect(own).toEqual([`2 ${ORDERS}`, `2 ${TEST}`]);
    expect(run(2)).toMatchObject({ resultsComplete: true });
  });

  it('is known by its time when the files name no invocation', async () => {
    const { invocation_id: _, ...said } = metadata('run-results/v6', 'x');
    const files = { manifest, run_results: { ...resultsFile('2-x', { [ORDERS]: 'success' }), metadata: said } };
    const { own } = await read([{ files }, { files, command: 'dbt retry' }]);
    expect(own).toEqual([`2 ${ORDERS}`]);
  });

  it('is known by its command when that step only compiled', async () => {
    const files = { manifest, run_results: resultsFile('2-compile', { [ORDERS]: 'success' }, 'compile') };
    const { run } = await read([
      { command: 'dbt compile', files },
      { command: 'dbt build', files },
    ]);
    expect(run(2)).toMatchObject({ resultsComplete: false });
  });
});

describe('a run of which something is missing', () => {
  it('says which file, and the rest goes on', async () => {
    const { run, own, source } = await read([built, { command: 'dbt test', status: 'error' }]);
    expect(run(2)).toMatchObject({
      resultsComplete: false,
      resultsMissingReason: 'Step 2 of run 2 wrote no run_results.json.',
    });
    expect([own.length, source.limits]).toEqual([2, []]);
  });

  it('because it kept no artifacts is asked for its steps alone', async () => {
    const { run, asked } = await read([built], { more: { artifacts_saved: false } });
    expect(run(2)).toMatchObject({ resultsComplete: false, resultsMissingReason: 'Run 2 kept no artifacts.' });
    expect(asked).toEqual(['runs/2/']);
  });

  it('because it is gone is told as it was listed', async () => {
    const { run, results } = await read([built], { isGone: true });
    expect(run(2)).toMatchObject({ resultsComplete: false, resultsMissingReason: expect.stringMatching(/is gone/) });
    expect(results).toEqual([`1 ${ORDERS}`, `1 ${TEST}`]);
  });

  it('because every run is gone names the permission', async () => {
    const { source } = await serving(
      [
        { id: 1, isGone: true, steps: [built] },
        { id: 2, isGone: true, steps: [built] },
      ],
      { keepsArtifacts: true },
    );
    await readRuns(source);
    expect(source.limits).toEqual([expect.stringMatching(/404 for all 2.* such as Read-Only or Job Viewer/)]);
  });

  it('because one result cannot be read has the others', async () => {
    const run_results = { ...resultsFile('2-build', {}), results: [row(ORDERS, 'success'), { unique_id: TEST }] };
    const { run, rejects } = await read([{ files: { manifest, run_results } }]);
    expect(rejects).toMatchObject([{ uniqueId: TEST }]);
    expect(run(2)).toMatchObject({
      resultsComplete: false,
      resultsMissingReason: '1 result was rejected (see dbt.rejects).',
    });
  });

  it.each([
    [
      'broke off',
      JSON.stringify(built.files?.run_results).slice(0, -9),
      /^run_results\.json of step 1 of run 2 is not whole/,
    ],
    ['is a web page', '<!doctype html><title>Bad gateway</title>', /is a web page/],
    ['is empty', '', /is empty/],
    ['holds a conflict', '<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> main\n', /holds conflict markers/],
    ['is another artifact', manifest, /is a manifest\.json of dbt/],
    ['says no time', { results: [row(ORDERS, 'success')] }, /does not say when it was generated/],
  ])('because its file %s says so, and the rest goes on', async (_, run_results, why) => {
    const { run, steps, results, source } = await read([{ files: { manifest, run_results } }]);
    expect(run(2)).toMatchObject({ resultsComplete: false, resultsMissingReason: expect.stringMatching(why) });
    expect(steps.filter((step) => step.kind === 'step' && step.runId === '2')).toHaveLength(1);
    expect(results).toEqual([`1 ${ORDERS}`, `1 ${TEST}`]);
    expect(source.limits).toEqual([expect.stringMatching(why)]);
  });

  it('because its file is too large has a reject that says how to read it', async () => {
    const large = { ...resultsFile('2-build', {}), filler: 'x'.repeat(20_000) };
    const { run, rejects, results } = await read(
      [{ files: { manifest, run_results: large } }],
      {},
      { maxBytes: 15_000 },
    );
    expect(rejects).toMatchObject([{ reason: expect.stringMatching(/run_results\.json\?step=1 .*max_artifact_mb/) }]);
    expect(rejects[0]?.raw).toEqual({ artifact: 'run_results', run: 2, step: 1 });
    expect(run(2)).toMatchObject({ resultsComplete: false, resultsMissingReason: rejects[0]?.reason });
    expect(results).toEqual([`1 ${ORDERS}`, `1 ${TEST}`]);
  });
});
