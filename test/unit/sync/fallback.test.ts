import { describe, expect, it } from 'vitest';
import { FatalError, NothingYetError, SyncError } from '../../../src/domain/errors.ts';
import type { Stored } from '../../../src/domain/source.ts';
import type { LastComplete } from '../../../src/domain/store.ts';
import type { FallbackOptions } from '../../../src/sync/fallback.ts';
import { type SyncOptions, sync } from '../../../src/sync/sync.ts';
import { definition, type FakeSource, fakeSource, fakeStore, lastComplete, optionsOf, pageOf } from './fakes.ts';

/** What only Discovery can fail with, as far as these tests go. */
class Refused extends FatalError {}

interface Run {
  readonly discovery?: FakeSource;
  readonly artifacts?: FakeSource;
  readonly fallback?: Partial<FallbackOptions>;
  readonly last?: LastComplete | null;
  readonly stored?: Stored;
  readonly broken?: NonNullable<Parameters<typeof fakeStore>[0]>['broken'];
  readonly options?: Partial<SyncOptions>;
}

const models = (...ids: string[]) => pageOf({ records: ids.map((id) => definition(id)) });

async function run({ discovery, artifacts, fallback, last = null, stored, broken = {}, options }: Run) {
  const store = fakeStore({ last, broken, ...(stored && { stored }) });
  const first = fakeSource({ ...discovery });
  const other = fakeSource({
    name: 'artifacts',
    tokens: ['artifacts-1'],
    readings: [[models('model.b')]],
    ...artifacts,
  });
  const told: FallbackOptions = {
    source: other.source,
    reasonFor: (error) => (error instanceof Refused ? error.message : null),
    lag: async () => null,
    ...fallback,
  };
  const [result, error] = await sync(optionsOf(store.store, first.source, { fallback: told, ...options })).then(
    (result) => [result, undefined] as const,
    (error: unknown) => [undefined, error] as const,
  );
  return { ...store, first, other, result, error };
}

const refused = { refuses: new Refused('The token lacks a permission.') };

describe('a source that can serve', () => {
  it('does, and the other one is not asked', async () => {
    const { result, other, seen } = await run({ discovery: { readings: [[models('model.a')]] } });
    expect(result).toMatchObject({ outcome: 'done', source: 'discovery', fallbackReason: null, counts: { model: 1 } });
    expect({ asked: other.probes(), instead: seen.instead }).toEqual({ asked: 0, instead: [] });
  });
});

describe('a source that cannot serve', () => {
  it.each<[string, FakeSource]>([
    ['from the beginning', refused],
    [
      'in the middle',
      {
        readings: [[models('model.a')]],
        onPage: () => {
          throw new Refused('The token lacks a permission.');
        },
      },
    ],
  ])('%s hands the pass over, with its reason and without what it staged', async (_, discovery) => {
    const { result, seen } = await run({ discovery });
    expect(result).toMatchObject({
      outcome: 'done',
      source: 'artifacts',
      fallbackReason: 'The token lacks a permission.',
      counts: { model: 1 },
    });
    expect(seen.instead).toEqual([{ source: 'artifacts', reason: 'The token lacks a permission.' }]);
    expect(seen.staged).toEqual([models('model.b')]);
    expect(seen.report?.token).toBe('artifacts-1');
  });

  it('hands a pass over that has nothing to do, and the reason is kept', async () => {
    const { result, calls, seen } = await run({ discovery: refused, last: lastComplete({ token: 'artifacts-1' }) });
    expect(result).toMatchObject({ outcome: 'unchanged', source: 'artifacts', fallbackReason: expect.any(String) });
    expect(calls).toEqual(['begin', 'restart', 'unchanged', 'release']);
    expect(seen.instead).toHaveLength(1);
  });

  it('counts what both were asked', async () => {
    const { result } = await run({ discovery: refused });
    // A probe of the first; probe, reading and probe of the other. The fakes say 1,000 bytes each.
    expect(result).toMatchObject({ requests: 4, bytes: 2_000 });
  });

  it('for a reason of ours ends the pass', async () => {
    const error = new FatalError('Something else is wrong.');
    const { error: thrown, other } = await run({ discovery: { refuses: error } });
    expect({ thrown, asked: other.probes() }).toEqual({ thrown: error, asked: 0 });
  });

  it('is not what a store is that fails, whatever its error looks like', async () => {
    const error = new Refused('The database is gone.');
    const { error: thrown, other } = await run({
      discovery: { readings: [[models('model.a')]] },
      broken: { stage: error },
    });
    expect({ thrown, asked: other.probes() }).toEqual({ thrown: error, asked: 0 });
  });

  it('is not what a pass is that was called off', async () => {
    const controller = new AbortController();
    const reason = new Refused('Interrupted.');
    const stop = () => {
      controller.abort(reason);
      throw reason;
    };
    const { error, other, seen } = await run({
      discovery: { readings: [[models('model.a')]], onPage: stop },
      options: { signal: controller.signal },
    });
    expect({ error, asked: other.probes(), outcome: seen.failed?.[0] }).toEqual({
      error: reason,
      asked: 0,
      outcome: 'interrupted',
    });
  });
});

describe('a source that lags', () => {
  const lagging = { lag: async () => 'Run 7 ended at 06:00 and is not known yet.' };

  it('hands the pass over although it answers and its token has not moved', async () => {
    const { result, seen } = await run({ fallback: lagging, last: lastComplete() });
    expect(result).toMatchObject({ source: 'artifacts', fallbackReason: 'Run 7 ended at 06:00 and is not known yet.' });
    expect(seen.instead).toEqual([{ source: 'artifacts', reason: 'Run 7 ended at 06:00 and is not known yet.' }]);
  });

  it('is asked with what it said and all that is stored, even when everything is to be read', async () => {
    const stored: Stored = {
      projectName: 'shop',
      packages: new Set<string>(),
      completeRuns: new Set(['7']),
      catalogRuns: new Set<string>(),
      runsUntil: '2026-03-01T06:00:00Z',
      definedAt: null,
    };
    const asked: unknown[] = [];
    const lag: FallbackOptions['lag'] = async (probe, known) => {
      asked.push(probe.token, known);
      return null;
    };
    const { first } = await run({ fallback: { lag }, stored, options: { full: true } });
    expect(asked).toEqual(['token-1', stored]);
    expect(first.asked).toEqual([{ ...stored, again: true }]);
  });

  it('serves all the same when nobody can tell', async () => {
    const lag = async () => {
      throw new SyncError('The Admin API is down.');
    };
    const { result } = await run({ fallback: { lag } });
    expect(result).toMatchObject({ outcome: 'done', source: 'discovery', fallbackReason: null });
  });

  it('serves all the same when the other one cannot, and says so', async () => {
    const { result, seen } = await run({
      discovery: { readings: [[models('model.a')]] },
      artifacts: { refuses: new SyncError('There is no manifest.') },
      fallback: lagging,
    });
    const reason =
      'Run 7 ended at 06:00 and is not known yet. The artifacts cannot be had instead: There is no manifest.';
    expect(result).toMatchObject({ outcome: 'done', source: 'discovery', fallbackReason: reason });
    expect(seen.instead.at(-1)).toEqual({ source: 'discovery', reason });
    expect(seen.staged).toEqual([models('model.a')]);
  });
});

describe('two sources that cannot serve', () => {
  it('are both named in one error, which is recorded', async () => {
    const { error, seen } = await run({
      discovery: refused,
      artifacts: { refuses: new FatalError('The Admin API refuses access.') },
      fallback: { advice: () => 'Give the token one of both.' },
    });
    const message =
      'The token lacks a permission. The artifacts cannot be had instead: The Admin API refuses access. Give the token one of both.';
    expect(error).toBeInstanceOf(FatalError);
    expect(error).toMatchObject({ message });
    expect(seen.failed?.slice(0, 2)).toEqual(['failed', message]);
  });

  it('are told in short where both failed alike', async () => {
    const { error } = await run({
      discovery: refused,
      artifacts: { refuses: new FatalError('The Admin API refuses access.') },
      fallback: { alike: () => 'Nor does the other one.', advice: () => 'Give the token one of both.' },
    });
    expect(error).toMatchObject({ message: 'The token lacks a permission. Nor does the other one.' });
  });

  it('may serve another time when one of them does not need a person first', async () => {
    const { error } = await run({ discovery: refused, artifacts: { refuses: new SyncError('It is down.') } });
    expect(error).toBeInstanceOf(SyncError);
  });

  it.each([
    [new NothingYetError('No run has ended.'), NothingYetError],
    [new FatalError('The Admin API refuses access.'), NothingYetError],
    [new SyncError('It is down.'), SyncError],
  ])('are looked at again when a sync is due, where nothing was built: %s', async (refuses, kind) => {
    const { error } = await run({
      discovery: { refuses: new NothingYetError('Nothing was built.') },
      artifacts: { refuses },
      fallback: { reasonFor: () => 'Nothing was built.' },
    });
    expect(error?.constructor).toBe(kind);
  });

  it('are not what a store is that fails while the other one reads', async () => {
    const error = new SyncError('The disk is full.');
    const { error: thrown } = await run({ discovery: refused, broken: { publish: error } });
    expect(thrown).toBe(error);
  });
});
