import { describe, expect, it } from 'vitest';
import type { Page } from '../../../src/domain/source.ts';
import type { LastComplete } from '../../../src/domain/store.ts';
import { NORMALIZER_VERSION } from '../../../src/normalize/version.ts';
import type { Progress } from '../../../src/sync/read.ts';
import { type SyncOptions, sync } from '../../../src/sync/sync.ts';
import { definition, type FakeSource, fakeSource, fakeStore, lastComplete, optionsOf, pageOf, SCOPE } from './fakes.ts';

type Broken = NonNullable<Parameters<typeof fakeStore>[0]>['broken'];

interface Run extends FakeSource {
  readonly last?: LastComplete | null;
  readonly broken?: Broken;
  readonly options?: Partial<SyncOptions>;
}

function start({ last = null, broken = {}, options = {}, ...asked }: Run = {}) {
  const fake = fakeStore({ last, broken });
  const { source, readings } = fakeSource(asked);
  return { ...fake, readings, result: sync(optionsOf(fake.store, source, options)) };
}

async function done(run: Run = {}) {
  const { result, ...rest } = start(run);
  return { ...rest, result: await result };
}

async function failed(run: Run) {
  const { result, ...rest } = start(run);
  const error = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { ...rest, error };
}

const models = (...ids: string[]): Page => pageOf({ records: ids.map((id) => definition(id)), received: ids.length });

describe('a pass that could be skipped', () => {
  it('is skipped when token, configuration and normalizer are those of the last complete pass', async () => {
    const { calls, result, readings } = await done({ last: lastComplete() });
    expect({ calls, outcome: result.outcome, readings: readings() }).toEqual({
      calls: ['begin', 'unchanged', 'release'],
      outcome: 'unchanged',
      readings: 0,
    });
  });

  it.each<[string, LastComplete | null]>([
    ['the token moved', lastComplete({ token: 'token-0' })],
    ['the configuration changed', lastComplete({ configHash: 'hash-0' })],
    ['the normalizer is newer', lastComplete({ normalizerVersion: NORMALIZER_VERSION - 1 })],
    ['the last pass had no token', lastComplete({ token: null })],
    ['there was no complete pass', null],
  ])('is taken when %s', async (_why, last) => {
    expect((await done({ last })).calls).toContain('publish');
  });

  it('is taken when nobody can tell whether anything moved', async () => {
    const { calls } = await done({ last: lastComplete({ token: null }), tokens: [null] });
    expect(calls).toContain('publish');
  });

  it('is taken when everything is to be read', async () => {
    const { calls, readings } = await done({ last: lastComplete(), options: { full: true } });
    expect({ published: calls.includes('publish'), readings: readings() }).toEqual({ published: true, readings: 1 });
  });
});

describe('a state that moves while it is read', () => {
  it('once is read a second time, and only the second reading is published', async () => {
    const { calls, seen } = await done({
      tokens: ['before', 'after'],
      readings: [[models('model.a')], [models('model.b', 'model.c')]],
    });
    expect(calls).toEqual(['begin', 'stage', 'restart', 'stage', 'publish', 'release']);
    expect(seen.staged).toEqual([models('model.b', 'model.c')]);
    expect(seen.report).toMatchObject({ complete: true, whole: true, token: 'after', counts: { model: 2 } });
  });

  it('three times is published as partial, and closes nothing', async () => {
    const { calls, seen, result, readings } = await done({
      tokens: ['1', '2', '3', '4'],
      readings: [[models('model.a')]],
    });
    expect({ readings: readings(), restarts: calls.filter((call) => call === 'restart').length }).toEqual({
      readings: 3,
      restarts: 2,
    });
    expect(seen.report).toMatchObject({ complete: false, whole: false });
    expect(result).toMatchObject({ outcome: 'partial', partialReasons: [expect.stringContaining('moved')] });
  });

  it('twice is still whole when the third reading stands', async () => {
    const { seen } = await done({ tokens: ['1', '2', '3'] });
    expect(seen.report).toMatchObject({ complete: true, token: '3' });
  });

  it('is not noticed when nobody can tell, and is read once', async () => {
    const { readings, seen } = await done({ tokens: [null] });
    expect({ readings: readings(), token: seen.report?.token }).toEqual({ readings: 1, token: null });
  });

  it('forgets the faults of a reading that is not published', async () => {
    const faulty = pageOf({
      incomplete: ['page 2 came short'],
      rejects: [{ resourceType: null, uniqueId: null, reason: 'x', raw: 1 }],
    });
    const { seen } = await done({ tokens: ['1', '2'], readings: [[faulty], [models('model.a')]] });
    expect(seen.report).toMatchObject({ whole: true, partialReasons: [] });
  });
});

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
    const { seen, result } = await done({ readings: [[pageOf({ rejects: [reject, reject] })]] });
    expect(seen.report).toMatchObject({ complete: true, whole: false });
    expect(result.partialReasons).toEqual([expect.stringContaining('2 records were rejected')]);
  });

  it('is partial when the source leaves something out by its configuration', async () => {
    const { result } = await done({ limits: ['Only job 8 was taken.'] });
    expect(result).toMatchObject({ outcome: 'partial', partialReasons: ['Only job 8 was taken.'] });
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

describe('a pass that cannot go on', () => {
  it.each([
    'stage',
    'restart',
    'publish',
    'unchanged',
  ] as const)('because %s failed is recorded, and let go', async (call) => {
    const error = new Error(`${call} broke`);
    const {
      calls,
      seen,
      error: thrown,
    } = await failed({
      broken: { [call]: error },
      tokens: call === 'restart' ? ['1', '2'] : ['token-1'],
      readings: [[models('model.a')]],
      last: call === 'unchanged' ? lastComplete() : null,
    });
    expect(thrown).toBe(error);
    expect(calls.slice(-2)).toEqual(['fail', 'release']);
    expect(seen.failed).toEqual(['failed', `${call} broke`, expect.objectContaining({ bytes: 1_000 })]);
  });

  it.each([
    [{ accountId: 999 }, 'account 1, but account_id is 999'],
    [{ projectId: 999 }, 'project 2, but project_id is 999'],
  ])('because the environment is not that of %j publishes nothing', async (ids, said) => {
    const page = { ...models('model.a'), project: { accountId: 1, projectId: 2, dbtVersion: null } };
    const { calls, error } = await failed({
      readings: [[page]],
      options: { scope: { ...SCOPE, accountId: null, projectId: null, ...ids } },
    });
    expect(String(error)).toContain(said);
    expect(calls).not.toContain('publish');
  });

  it('because it was called off is recorded as interrupted', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by SIGTERM');
    const stop = () => {
      controller.abort(reason);
      throw reason;
    };
    const { calls, seen, error } = await failed({
      readings: [[models('model.a')]],
      onPage: stop,
      options: { signal: controller.signal },
    });
    expect(error).toBe(reason);
    expect(seen.failed?.[0]).toBe('interrupted');
    expect(calls).toEqual(['begin', 'fail', 'release']);
  });

  it('publishes nothing', async () => {
    const broken = { stage: new Error('disk full') };
    expect((await failed({ broken, readings: [[models('model.a')]] })).calls).not.toContain('publish');
  });

  it('keeps its first error when it cannot be recorded', async () => {
    const first = new Error('first');
    const { calls, error } = await failed({ broken: { publish: first, fail: new Error('second') } });
    expect(error).toBe(first);
    expect(calls.at(-1)).toBe('release');
  });

  it('keeps its first error when the lock cannot be given back', async () => {
    const first = new Error('first');
    expect((await failed({ broken: { publish: first, release: new Error('second') } })).error).toBe(first);
  });

  it('records what is no error, too', async () => {
    const { seen } = await failed({
      readings: [[models('model.a')]],
      onPage: () => {
        throw 'a text';
      },
    });
    expect(seen.failed?.slice(0, 2)).toEqual(['failed', 'a text']);
  });

  it('has nothing to release when it did not begin', async () => {
    const error = new Error('another process is syncing it');
    const { calls, error: thrown } = await failed({ broken: { begin: error } });
    expect({ calls, thrown }).toEqual({ calls: ['begin'], thrown: error });
  });

  it('does not fail a pass that was published when the lock cannot be given back', async () => {
    expect((await failed({ broken: { release: new Error('connection lost') } })).error).toBeUndefined();
  });
});
