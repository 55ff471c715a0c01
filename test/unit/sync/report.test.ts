import { describe, expect, it } from 'vitest';
import type { Page } from '../../../src/domain/source.ts';
import { NORMALIZER_VERSION } from '../../../src/normalize/version.ts';
import type { Progress } from '../../../src/sync/read.ts';
import type { SyncOptions } from '../../../src/sync/sync.ts';
import { definition, pageOf } from './fakes.ts';
import { done } from './running.ts';

const models = (...ids: string[]): Page => pageOf({ records: ids.map((id) => definition(id)), received: ids.length });

describe('what a pass reports', () => {
  const reject = { resourceType: 'model' as const, uniqueId: 'model.a', reason: 'tags: wrong', raw: {} };

  it('is complete and whole when every page is', async () => {
    const { seen } = await done({ readings: [[models('model.a'), models('model.b')]] });
    expect(seen.report).toMatchObject({ complete: true, whole: true, partialReasons: [], states: ['model', 'test'] });
  });

  it('is partial when a page is not whole, so that nothing is closed', async () => {
    const { seen, result } = await done({
      readings: [[pageOf({ incomplete: ['models: 1 came of 2'] }), models('model.a')]],
    });
    expect(seen.report).toMatchObject({ complete: false, whole: false });
    expect(result).toMatchObject({ outcome: 'partial', partialReasons: ['models: 1 came of 2'] });
  });

  it('is partial when a record was rejected, though nothing is missing', async () => {
    const { seen, result } = await done({ readings: [[pageOf({ rejects: [reject, reject] }), models('model.a')]] });
    expect(seen.report).toMatchObject({ complete: true, whole: false });
    expect(result.partialReasons).toEqual([expect.stringContaining('2 records were rejected')]);
  });

  it('is not complete when everything that came was rejected', async () => {
    const { seen } = await done({ readings: [[pageOf({ rejects: [reject] })]] });
    expect(seen.report).toMatchObject({ complete: false, whole: false });
  });

  it('is partial when the source could not have something, and the next pass asks again', async () => {
    const { seen, result } = await done({ limits: ['run_results.json is empty.'] });
    expect(result).toMatchObject({ outcome: 'partial', partialReasons: ['run_results.json is empty.'] });
    expect(seen.report).toMatchObject({ complete: true, whole: false, runs: null });
  });

  it('counts defined nodes by type, once, and no models of other projects', async () => {
    const applied = pageOf({ records: [{ kind: 'seen', uniqueId: 'model.a' }] });
    const external = pageOf({ records: [definition('model.b'), definition('model.finance.c', 'external')] });
    const { seen } = await done({
      readings: [[models('model.a'), applied, external, pageOf({ resourceType: 'test' })]],
    });
    expect(seen.report?.counts).toEqual({ model: 2, test: 0 });
  });

  it('tells of the project what any page said first', async () => {
    const [first, second] = [
      pageOf({ project: { accountId: null, projectId: 22, dbtVersion: null } }),
      pageOf({ project: { accountId: 11, projectId: 99, dbtVersion: '1.9.0', environmentName: 'Production' } }),
    ];
    const { seen } = await done({ readings: [[pageOf(), first, second]] });
    expect(seen.report?.project).toMatchObject({
      accountId: 11,
      projectId: 22,
      dbtVersion: '1.9.0',
      environmentName: 'Production',
    });
  });

  it('takes from the pages what the probe does not say of the environment, and from the probe what it does', async () => {
    const project = { accountId: null, projectId: null, dbtVersion: null };
    const told = { projectName: 'told by a page', adapterType: 'duckdb', gitSha: 'abc' };
    const { seen } = await done({
      environment: { adapterType: null, updatedAt: '2026-03-01T06:00:00Z' },
      readings: [[pageOf({ project: { ...project, ...told } })]],
    });
    expect(seen.report?.environment).toEqual({
      adapterType: 'duckdb',
      projectName: 'shop',
      gitSha: 'abc',
      updatedAt: '2026-03-01T06:00:00Z',
    });
  });

  it('hands on what a person should know, which makes nothing partial', async () => {
    const { result } = await done({ warnings: ['An old manifest.', 'An old manifest.', 'Another one.'] });
    expect(result).toMatchObject({
      outcome: 'done',
      warnings: ['An old manifest.', 'Another one.'],
      source: 'discovery',
    });
  });

  it('hands on what the store did', async () => {
    const { result } = await done({ readings: [[models('model.a')]] });
    expect(result).toMatchObject({
      integration: 'analytics-prod',
      syncRunId: 7,
      outcome: 'done',
      rowsWritten: 5,
      results: 2,
      changes: { code: 1 },
      requests: 3,
      bytes: 1_000,
    });
  });

  it('begins with who wants it, by which source and normalizer, and whether it is a rehearsal', async () => {
    const { seen } = await done({ options: { reason: 'webhook', dryRun: true } });
    expect(seen.start).toMatchObject({
      source: 'discovery',
      reason: 'webhook',
      normalizerVersion: NORMALIZER_VERSION,
      dryRun: true,
    });
  });

  it('tells the progress after each page', async () => {
    const told: Progress[] = [];
    const pages = [pageOf({ ...models('model.a'), total: 2 }), pageOf({ ...models('model.b'), total: 2 })];
    await done({ readings: [pages], options: { onProgress: (progress) => told.push(progress) } });
    expect(told).toEqual([
      { resourceType: 'model', received: 1, total: 2 },
      { resourceType: 'model', received: 2, total: 2 },
    ]);
  });

  it('tells each phase when it is reached', async () => {
    const told: string[] = [];
    const pages = [models('model.a'), pageOf({ ...models(), resourceType: 'seed' })];
    const onPhase: SyncOptions['onPhase'] = (phase, page) => told.push(page ? `${phase} ${page.resourceType}` : phase);
    await done({ readings: [pages], options: { onPhase } });
    expect(told).toEqual([
      'probe',
      'page model',
      'staged model',
      'page seed',
      'staged seed',
      'publish',
      'published',
      'released',
    ]);
  });
});
