import { describe, expect, it } from 'vitest';
import {
  build,
  CI,
  DAILY,
  executed,
  type MiniRun,
  manifest,
  model,
  runId,
  runResults,
  STAGING,
} from './mini-history.ts';
import { environment, given, nodes } from './mini-platform.ts';

const CLOCKS = `lastRunId lastRunStatus lastRunError lastRunGeneratedAt lastJobDefinitionId runGeneratedAt
  executeStartedAt executeCompletedAt executionTime lastSuccessRunId lastSuccessJobDefinitionId`;

describe('what is in which state', () => {
  it('has neither state of an environment that no run has reached', async () => {
    await given(build(1, ['orders']));
    expect(await environment('adapterType applied { latestGitSha } definition { lastUpdatedAt }', STAGING)).toEqual({
      adapterType: null,
      applied: null,
      definition: null,
    });
  });

  it('tells when the newest run finished and at which commit', async () => {
    await given(build(1, ['orders']), build(2, ['orders', 'items']));
    const fields = 'applied { lastUpdatedAt latestGitSha } definition { lastUpdatedAt }';
    expect(await environment(fields)).toEqual({
      applied: {
        lastUpdatedAt: '2026-01-02T06:30:00.123Z',
        latestGitSha: '2'.repeat(40),
      },
      definition: { lastUpdatedAt: '2026-01-02T06:30:00.123Z' },
    });
  });

  it('defines what a parse found without applying it', async () => {
    const parsed = { manifest: manifest(2, [model('orders'), model('items')]) };
    await given(build(1, ['orders']), { day: 2, steps: [parsed] });
    expect(await nodes({ state: 'definition', of: 'models' })).toEqual([
      { uniqueId: 'model.shop.items' },
      { uniqueId: 'model.shop.orders' },
    ]);
    expect(await nodes({ state: 'applied', of: 'models' })).toEqual([{ uniqueId: 'model.shop.orders' }]);
  });

  it('drops a model that a later manifest lacks, from both states', async () => {
    await given(build(1, ['orders', 'items']), build(2, ['items']));
    for (const state of ['applied', 'definition'] as const) {
      expect(await nodes({ state, of: 'models' })).toEqual([{ uniqueId: 'model.shop.items' }]);
    }
  });

  it('keeps a model that a later run defined but did not select', async () => {
    const other = {
      manifest: manifest(2, [model('orders'), model('items')]),
      run_results: runResults(2, 'run', { 'model.shop.items': executed(2, 'success') }),
    };
    await given(build(1, ['orders', 'items']), { day: 2, steps: [other] });
    const found = await nodes({ state: 'applied', of: 'models', fields: 'name executionInfo { lastRunId }' });
    expect(found).toEqual([
      { name: 'items', executionInfo: { lastRunId: runId(2) } },
      { name: 'orders', executionInfo: { lastRunId: runId(1) } },
    ]);
  });

  it.each([
    { by: 'its job', run: { ...build(2, ['proposed']), job: CI } },
    { by: 'its cause', run: { ...build(2, ['proposed']), cause: 'ci' } },
  ])('leaves a run of CI, known by $by, out of everything', async ({ run }) => {
    await given(build(1, ['orders']), run);
    const fields = 'applied { latestGitSha models { edges { node { name } } } } definition { models { totalCount } }';
    expect(await environment(fields)).toEqual({
      applied: { latestGitSha: '1'.repeat(40), models: { edges: [{ node: { name: 'orders' } }] } },
      definition: { models: { totalCount: 1 } },
    });
  });

  it('goes on and back in time as it is told', async () => {
    const started = await given(build(1, ['orders']), build(2, ['items']));
    started.advance('mini', 1);
    expect(await nodes({ state: 'applied', of: 'models', fields: 'name' })).toEqual([{ name: 'orders' }]);
    started.advance('mini', 2);
    expect(await nodes({ state: 'applied', of: 'models', fields: 'name' })).toEqual([{ name: 'items' }]);
    started.advance('mini', 1);
    expect(await nodes({ state: 'applied', of: 'models', fields: 'name' })).toEqual([{ name: 'orders' }]);
  });
});

describe('the two clocks of an execution', () => {
  const asked = { state: 'applied', of: 'models', fields: `executionInfo { ${CLOCKS} }` } as const;
  const firstSuccess = {
    runGeneratedAt: '2026-01-01T06:20:00.123Z',
    executeStartedAt: '2026-01-01T06:10:00.123Z',
    executeCompletedAt: '2026-01-01T06:10:02.123Z',
    executionTime: 2.5,
    lastSuccessRunId: runId(1),
    lastSuccessJobDefinitionId: DAILY,
  };
  const attempt = (n: number, status: string, error: string | null = null) => ({
    lastRunId: runId(n),
    lastRunStatus: status,
    lastRunError: error,
    lastRunGeneratedAt: `2026-01-0${n}T06:20:00.123Z`,
    lastJobDefinitionId: DAILY,
  });
  const second = (result: Record<string, unknown>, which = 'build'): MiniRun => ({
    day: 2,
    steps: [
      { manifest: manifest(2, [model('orders')]), run_results: runResults(2, which, { 'model.shop.orders': result }) },
    ],
  });

  it('agree after a success', async () => {
    await given(build(1, ['orders']));
    expect(await nodes(asked)).toEqual([{ executionInfo: { ...attempt(1, 'success'), ...firstSuccess } }]);
  });

  it('part when the next attempt fails: its message, and the success before it', async () => {
    await given(build(1, ['orders']), second(executed(2, 'error', { message: 'Out of memory' })));
    expect(await nodes(asked)).toEqual([
      { executionInfo: { ...attempt(2, 'error', 'Out of memory'), ...firstSuccess } },
    ]);
  });

  it('part when the next attempt is skipped', async () => {
    await given(build(1, ['orders']), second({ status: 'skipped', execution_time: 0 }));
    expect(await nodes(asked)).toEqual([{ executionInfo: { ...attempt(2, 'skipped'), ...firstSuccess } }]);
  });

  it('has no success of a model that never had one', async () => {
    await given(build(1, ['orders'], 'error'));
    const [{ executionInfo }] = await nodes(asked);
    expect(executionInfo).toMatchObject({ lastRunStatus: 'error', executionTime: null, lastSuccessRunId: null });
  });

  it.each(['generate', 'compile', 'parse', 'list'])('are not moved by dbt %s', async (which) => {
    await given(build(1, ['orders'], 'error'), second(executed(2, 'success'), which));
    const [{ executionInfo }] = await nodes(asked);
    expect(executionInfo).toMatchObject({ lastRunId: runId(1), lastRunStatus: 'error', lastSuccessRunId: null });
  });

  it('follow the retry, which is a later step of the same run', async () => {
    const [failed] = build(1, ['orders'], 'error').steps;
    const retried = { run_results: runResults(1, 'retry', { 'model.shop.orders': executed(1, 'success') }) };
    await given({ day: 1, steps: [failed ?? {}, retried] });
    expect(await nodes(asked)).toEqual([{ executionInfo: { ...attempt(1, 'success'), ...firstSuccess } }]);
  });
});
