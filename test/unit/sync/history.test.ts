import { describe, expect, it } from 'vitest';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';
import { NOTHING_STORED, type Page } from '../../../src/domain/source.ts';
import { sync } from '../../../src/sync/sync.ts';
import { definition, type FakeSource, fakeSource, fakeStore, lastComplete, optionsOf, pageOf } from './fakes.ts';

class Refused extends FatalError {}

interface Given {
  readonly state?: FakeSource;
  readonly runs?: FakeSource;
  /** The tokens of the pass before. */
  readonly last?: { readonly state: string; readonly runs: string };
  readonly full?: boolean;
  readonly signal?: AbortSignal;
}

const run = (runId: string) =>
  ({
    kind: 'step',
    runId,
    step: 1,
    name: null,
    command: null,
    which: null,
    invocationId: null,
    status: 'success',
  }) as const;
const runPage = (runId: string): Page =>
  pageOf({
    history: [{ ...run(runId), startedAt: null, finishedAt: null }],
    project: { accountId: 11, projectId: 22, dbtVersion: '1.10.0' },
  });

async function synced({ state = {}, runs = {}, last, full = false, signal }: Given) {
  const kept = last && { last: lastComplete({ token: last.state }), lastHistory: last.runs };
  const store = fakeStore({ ...kept, stored: { ...NOTHING_STORED, completeRuns: new Set(['1']) } });
  const discovery = fakeSource({ readings: [[pageOf({ records: [definition('model.a')] })]], ...state });
  const past = fakeSource({ name: 'artifacts', tokens: ['runs-1'], readings: [[runPage('2'), runPage('3')]], ...runs });
  const refusalOf = (error: unknown) => (error instanceof Refused ? error.message : null);
  const history = { source: past.source, refusalOf };
  const options = optionsOf(store.store, discovery.source, { full, history, ...(signal && { signal }) });
  const ended = sync(options);
  const error = await ended.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const staged = store.seen.staged.flatMap(({ history: told = [] }) =>
    told.flatMap((record) => (record.kind === 'step' ? record.runId : [])),
  );
  const { token, until } = store.seen.report?.runs ?? { token: null, until: null };
  const result = error === undefined ? await ended : undefined;
  return { ...store, past, discovery, error, staged, result, mark: [token, until] };
}

describe('runs beside a state', () => {
  it('are staged with it, and how far they were taken is reported', async () => {
    const { result, staged, seen, past, mark } = await synced({});
    expect([result?.outcome, result?.source, staged]).toEqual(['done', 'discovery', ['2', '3']]);
    expect(mark).toEqual(['runs-1', null]);
    expect(seen.report?.project).toMatchObject({ dbtVersion: '1.10.0' });
    expect([...(past.asked[0]?.completeRuns ?? [])]).toEqual(['1']);
  });

  it('are read although the state has not moved', async () => {
    const last = { state: 'token-1', runs: 'runs-0' };
    const { result, discovery, past, seen, staged } = await synced({ last });
    expect([result?.outcome, discovery.readings(), past.readings(), staged]).toEqual(['done', 0, 1, ['2', '3']]);
    expect(seen.report).toMatchObject({ complete: false, runs: { token: 'runs-1' } });
  });

  it('are not read when none has moved, and a pass in which nothing moved writes nothing', async () => {
    const last = { state: 'token-1', runs: 'runs-1' };
    const { result, calls, past } = await synced({ last });
    expect([result?.outcome, past.readings(), calls]).toEqual(['unchanged', 0, ['begin', 'unchanged', 'release']]);
  });

  it('are not read when the state alone moved', async () => {
    const { result, past, mark } = await synced({ last: { state: 'token-0', runs: 'runs-1' } });
    expect([result?.outcome, past.readings(), mark]).toEqual(['done', 0, [null, null]]);
  });

  it('are looked for when everything is to be read, although none has moved', async () => {
    const { past } = await synced({ last: { state: 'token-1', runs: 'runs-1' }, full: true });
    expect(past.readings()).toBe(1);
  });
});

describe('a token that may not ask for runs', () => {
  const refused = new Refused('The token lacks "Job Viewer".');

  it('leaves the sync as it is without them, with a warning that says what is missing', async () => {
    const { result, seen, mark } = await synced({ runs: { refuses: refused } });
    expect(result).toMatchObject({ outcome: 'done', partialReasons: [], warnings: [refused.message] });
    expect([seen.report?.complete, mark]).toEqual([true, [null, null]]);
  });

  it('does not keep a sync in which nothing moved from being unchanged', async () => {
    const { result } = await synced({ runs: { refuses: refused }, last: { state: 'token-1', runs: 'runs-1' } });
    expect(result).toMatchObject({ outcome: 'unchanged', warnings: [refused.message] });
  });
});

describe('runs that cannot be had now', () => {
  const down = new SyncError('The Admin API is down.');
  const onSecondPage = (error: unknown): FakeSource => {
    let pages = 0;
    return {
      onPage: () => {
        if (++pages > 1) throw error;
      },
    };
  };

  it('make a sync partial that has taken the state', async () => {
    const { result, seen, mark } = await synced({ runs: { refuses: down } });
    const reason = 'Not every run could be taken: The Admin API is down. The next sync takes what is missing.';
    expect(result).toMatchObject({ outcome: 'partial', partialReasons: [reason] });
    expect([seen.report?.complete, seen.report?.whole, mark]).toEqual([true, true, [null, null]]);
  });

  it('leave what came before them, and no mark that they were taken', async () => {
    const { result, staged, mark } = await synced({ runs: onSecondPage(down) });
    expect([result?.outcome, staged, mark]).toEqual(['partial', ['2'], [null, null]]);
  });

  it('are told although nothing of the state moved', async () => {
    const { result } = await synced({ runs: { refuses: down }, last: { state: 'token-1', runs: 'runs-1' } });
    expect(result?.outcome).toBe('partial');
  });

  it('because the pass was interrupted end it', async () => {
    const controller = new AbortController();
    const stop = new SyncError('Interrupted by SIGTERM.');
    const onPage = () => {
      controller.abort(stop);
      throw stop;
    };
    const { error, seen } = await synced({ runs: { onPage, readings: [[runPage('2')]] }, signal: controller.signal });
    expect([error, seen.failed?.[0]]).toEqual([stop, 'interrupted']);
  });
});
