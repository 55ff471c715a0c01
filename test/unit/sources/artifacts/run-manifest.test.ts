import { describe, expect, it } from 'vitest';
import { FatalError, SyncError } from '../../../../src/domain/errors.ts';
import * as element from '../../normalize/artifacts/elements.ts';
import { failureOf } from '../admin/builders.ts';
import { manifestFile, readRuns, resultsFile, type ServedRun, type ServedStep, serving } from './run-service.ts';

const ORDERS = 'model.shop.orders';
const manifest = (id: number, more = {}) => manifestFile(`${id}-build`, [element.model()], more);

const run = (id: number, files: ServedStep['files'] = { manifest: manifest(id) }, more: Partial<ServedRun> = {}) => ({
  id,
  steps: [{ command: null }, { files }],
  ...more,
});

/** The run that the definitions are of, and what was passed over. */
async function chosen(...runs: ServedRun[]) {
  const { source, asked } = await serving(runs);
  const { of } = await readRuns(source);
  const [definition] = of('definition');
  return {
    runId: definition?.kind === 'definition' ? definition.runId : null,
    warnings: source.warnings,
    limits: source.limits,
    asked,
  };
}

describe('the manifest', () => {
  it('is that of the newest run that sets the state', async () => {
    const check = { more: { trigger: { cause_category: 'ci' } } };
    expect(await chosen(run(1), run(2), run(3, undefined, check))).toMatchObject({ runId: '2', warnings: [] });
  });

  it('is that of a failed run, too', async () => {
    expect(await chosen(run(1), run(2, undefined, { status: 'error' }))).toMatchObject({ runId: '2' });
  });

  it('is not that of a run that goes on', async () => {
    expect(await chosen(run(1), run(2, undefined, { status: 'running' }))).toMatchObject({ runId: '1' });
  });

  it('may be one that the run does not give as its last, but an earlier step does', async () => {
    const late = { id: 2, isLastMissing: true, steps: [{ files: { manifest: manifest(2) } }, {}] };
    const { runId, asked } = await chosen(run(1), late);
    expect(runId).toBe('2');
    expect(asked.filter((path) => path.includes('manifest'))).toEqual([
      'runs/2/artifacts/manifest.json',
      'runs/2/artifacts/manifest.json?step=2',
      'runs/2/artifacts/manifest.json?step=1',
    ]);
  });

  it('is that of the run before when the newest left none, which needs no warning', async () => {
    expect(await chosen(run(1), run(2, {}))).toMatchObject({ runId: '1', warnings: [] });
  });

  it('is not asked of a run that kept no artifacts', async () => {
    const { runId, asked } = await chosen(run(1), run(2, {}, { more: { artifacts_saved: false } }));
    expect(runId).toBe('1');
    expect(asked.filter((path) => path.startsWith('runs/2/artifacts'))).toEqual([]);
  });

  it.each([
    ['broke off', JSON.stringify(manifest(2)).slice(0, -9), /^manifest\.json of run 2 is not whole/],
    ['is a web page', '<!doctype html><title>Sign in</title>', /is a web page/],
    ['is empty', '', /is empty/],
    ['holds a conflict', '<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> main\n', /holds conflict markers/],
    ['is another artifact', resultsFile('2-build', {}), /is a run_results\.json of dbt/],
  ])('that %s gives way to the one before it, and is missed', async (_, file, reason) => {
    const { runId, limits } = await chosen(run(1), run(2, { manifest: file }));
    expect([runId, limits]).toEqual(['1', [expect.stringMatching(reason)]]);
    expect(limits[0]).toMatch(/The manifest of run 1 was read instead\.$/);
  });

  it('of another project gives way to the one before it, with a warning', async () => {
    const { source } = await serving([run(1), run(2, { manifest: manifest(2, { project_name: 'finance' }) })]);
    const { of } = await readRuns(source, { projectName: 'shop' });
    expect(of('definition')).toMatchObject([{ runId: '1' }]);
    expect(source.warnings).toEqual([
      'manifest.json of run 2 belongs to the project finance, and this integration to shop. The manifest of run 1 was read instead.',
    ]);
  });

  it('states what may be closed', async () => {
    const { source } = await serving([run(1)]);
    await readRuns(source);
    expect(source.states).toEqual(['model', 'seed', 'snapshot', 'test', 'analysis', 'operation', 'source', 'macro']);
  });

  it('whose elements are no JSON is not whole', async () => {
    const text = JSON.stringify(manifest(1)).replace('"select 1"', 'select 1');
    const { source } = await serving([run(1, { manifest: text })]);
    expect((await readRuns(source)).incomplete).toEqual([
      expect.stringMatching(/is not JSON \(at model\.shop\.orders/),
    ]);
    expect(source.states).toEqual([]);
  });
});

describe('no manifest', () => {
  const failed = async (runs: readonly ServedRun[], given = {}, projectName: string | null = null) =>
    failureOf(readRuns((await serving(runs, given)).source, { projectName }));

  it('of any run says so', async () => {
    const error = await failed([run(1, {}), run(2, { run_results: resultsFile('2-build', {}) })]);
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toMatch(/^None of the 2 newest runs of environment 7 left a manifest\.json: let a job/);
  });

  it('of the first twenty runs is enough to know', async () => {
    const { source, asked } = await serving(Array.from({ length: 25 }, (_, index) => run(index + 1, {})));
    await failureOf(readRuns(source));
    expect(asked.filter((path) => path.endsWith('artifacts/manifest.json'))).toHaveLength(20);
  });

  it('for this token, nor any other artifact, names the permission', async () => {
    const error = await failed([run(1), run(2)], { refuses: { path: /artifacts/, status: 404 } });
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toMatch(/gives no artifact of run 2 .*permission set that reads them, such as Read-Only/);
  });

  it('is forbidden with the permission that is missing', async () => {
    const error = await failed([run(1)], { refuses: { path: /artifacts/, status: 403 } });
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toMatch(/\(403\): the token lacks a permission/);
  });

  it('that can be read says what is wrong with the newest', async () => {
    const error = await failed([run(1, { manifest: '' }), run(2, { manifest: '<html>' })]);
    expect(error).toBeInstanceOf(SyncError);
    expect(error.message).toMatch(/^No run of environment 7 has a manifest .*: manifest\.json of run 2 is a web page/);
  });

  it('of this project is a mistake in the configuration', async () => {
    const error = await failed([run(1), run(2)], {}, 'finance');
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toMatch(/run 2 belongs to the project shop, and this integration to finance: correct/);
  });

  it('within the limit says how to raise it, and asks for no other', async () => {
    const { source, asked } = await serving([run(1), run(2)], { maxBytes: 900 });
    const error = await failureOf(readRuns(source));
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toMatch(/max_artifact_mb/);
    expect(asked.filter((path) => path.includes('manifest'))).toHaveLength(1);
  });

  it('of an environment whose runs all go on asks to wait', async () => {
    expect((await failed([run(1, undefined, { status: 'running' })])).message).toMatch(/no finished deploy run/);
  });

  it('of an environment without runs asks for one', async () => {
    const error = await failed([]);
    expect([error instanceof SyncError, error.message]).toEqual([
      true,
      expect.stringMatching(/^Environment 7 has no run/),
    ]);
  });

  it('of an environment that is not there lists those that are', async () => {
    const error = await failed([], { environments: [{ id: 8, name: 'Staging' }] });
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toBe(
      'Account 1 has no environment 7 that this token may see: correct environment_id. There are: 8 (Staging).',
    );
  });
});

describe('compiled code', () => {
  const CUSTOMERS = 'model.shop.customers';
  const both = (id: number, code: { orders?: string; customers?: string }, invocation = `${id}-build`) =>
    manifestFile(invocation, [
      element.model({ compiled_code: code.orders ?? null }),
      element.model({ unique_id: CUSTOMERS, compiled_code: code.customers ?? null }),
    ]);
  const step = (id: number, code: Parameters<typeof both>[1], statuses: Record<string, string>): ServedStep => ({
    files: { manifest: both(id, code), run_results: resultsFile(`${id}-build`, statuses) },
  });

  async function builds(...runs: ServedRun[]) {
    const { source, asked } = await serving(runs);
    const { of } = await readRuns(source);
    const found = [...of('build'), ...of('compiled')].flatMap((record) => {
      const code =
        record.kind === 'compiled' ? record.code : record.kind === 'build' ? record.facts.compiledCode : undefined;
      return code != null && 'at' in record ? [[record.uniqueId, code, record.at]] : [];
    });
    return { found, manifests: asked.filter((path) => path.includes('manifest')), warnings: source.warnings };
  }

  const newest = { id: 2, steps: [step(2, { orders: 'select 2' }, { [ORDERS]: 'success', [CUSTOMERS]: 'skipped' })] };

  it('that the manifest lacks is in that of the step which executed the node', async () => {
    const older = { id: 1, steps: [step(1, { orders: 'select 1', customers: 'from 1' }, { [CUSTOMERS]: 'success' })] };
    const { found, manifests } = await builds(older, newest);
    expect(found).toEqual([
      [ORDERS, 'select 2', '2026-03-02T05:55:00.000000Z'],
      [CUSTOMERS, 'from 1', '2026-03-01T05:55:00.000000Z'],
    ]);
    expect(manifests).toEqual(['runs/2/artifacts/manifest.json', 'runs/1/artifacts/manifest.json?step=1']);
  });

  it('that the manifest has is looked for nowhere else', async () => {
    const steps = [step(2, { orders: 'a', customers: 'b' }, { [ORDERS]: 'success', [CUSTOMERS]: 'success' })];
    expect((await builds({ id: 2, steps })).manifests).toEqual(['runs/2/artifacts/manifest.json']);
  });

  it('that documentation compiled last is not what the node was built with, which is in the manifest of that step', async () => {
    const docs = { command: 'dbt docs generate', files: { manifest: both(2, { orders: 'docs' }, '2-docs') } };
    const { source } = await serving([{ id: 2, steps: [step(2, { orders: 'built' }, { [ORDERS]: 'success' }), docs] }]);
    const { of } = await readRuns(source);
    expect(of('build')).not.toContainEqual(expect.objectContaining({ facts: { compiledCode: expect.anything() } }));
    expect(of('compiled')).toMatchObject([
      { uniqueId: ORDERS, code: 'docs', isBuilt: false },
      { uniqueId: ORDERS, code: 'built', isBuilt: true },
    ]);
  });

  it('that is not in the manifest of its own step is not asked for again', async () => {
    const steps = [step(2, {}, { [ORDERS]: 'success', [CUSTOMERS]: 'success' })];
    const { found, manifests } = await builds({ id: 2, steps });
    expect([found, manifests]).toEqual([[], ['runs/2/artifacts/manifest.json']]);
  });

  it('is asked for once, of the last step that executed the node', async () => {
    const earlier = step(1, { customers: 'early' }, { [CUSTOMERS]: 'error' });
    const again = { manifest: both(1, { customers: 'late' }, '1-retry') };
    const results = resultsFile('1-retry', { [CUSTOMERS]: 'success' }, 'retry');
    const later: ServedStep = { command: 'dbt retry', files: { ...again, run_results: results } };
    const { found, manifests } = await builds({ id: 1, steps: [earlier, later] }, newest);
    expect(found.at(-1)).toEqual([CUSTOMERS, 'late', '2026-03-01T05:55:00.000000Z']);
    expect(manifests).toHaveLength(2);
  });

  it('in a manifest that is broken is not known, which is a warning', async () => {
    const files = { run_results: resultsFile('1-build', { [CUSTOMERS]: 'success' }), manifest: '<html>' };
    const { found, warnings } = await builds({ id: 1, steps: [{ files }] }, newest);
    expect(found).toHaveLength(1);
    expect(warnings).toEqual([expect.stringMatching(/^manifest\.json of step 1 of run 1 is a web page/)]);
  });
});
