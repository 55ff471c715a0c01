import { describe, expect, it } from 'vitest';
import type { Page } from '../../../src/domain/source.ts';
import type { LastComplete } from '../../../src/domain/store.ts';
import { NORMALIZER_VERSION } from '../../../src/normalize/version.ts';
import { definition, lastComplete, pageOf, SCOPE } from './fakes.ts';
import { done, failed } from './running.ts';

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
