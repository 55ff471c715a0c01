import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../src/domain/records.ts';
import {
  catalog,
  column,
  definition,
  freshness,
  minute,
  openStore,
  report,
  result,
  run,
  scope,
  start,
  type TestStore,
} from './builders.ts';

const ORDERS = 'model.shop.orders';
const TEST = 'test.shop.unique_orders.abc';
const RAW = 'source.shop.raw.orders';

const step = (index: number, rest: Partial<StepRecord> = {}): StepRecord => ({
  kind: 'step',
  runId: '1',
  step: index,
  name: 'Invoke dbt with `dbt build`',
  command: 'dbt build',
  which: 'build',
  invocationId: `i${index}`,
  status: 'success',
  startedAt: minute(1),
  finishedAt: minute(3),
  ...rest,
});

const results = async ({ rows }: TestStore) =>
  (
    await rows<{ run_id: string; step: number; status: string }>(
      'select run_id, step, status from dbt.run_results order by run_id, step',
    )
  ).map((row) => `${row.run_id}/${row.step} ${row.status}`);

describe('results of a run’s own steps', () => {
  it('take the place of what Discovery told of the run, node by node, and nothing is doubled when it tells it again', async () => {
    const store = await openStore();
    const told = [result(ORDERS, { status: 'error', executedAt: minute(2) }), result(TEST, { executedAt: minute(2) })];
    await store.sync(told);
    const own = result(ORDERS, { status: 'error', step: 2, executedAt: minute(2) });
    await store.sync([own], { source: 'artifacts' });
    expect(await results(store)).toEqual(['1/0 success', '1/2 error']);
    expect((await store.sync(told)).rowsWritten).toBe(0);
    expect((await store.sync([own], { source: 'artifacts' })).rowsWritten).toBe(0);
  });

  it('leave nothing provisional of a run whose results are all there', async () => {
    const store = await openStore();
    await store.sync([result(ORDERS), result(TEST)]);
    await store.sync([result(ORDERS, { step: 1 })], { source: 'artifacts', history: [run('1')] });
    expect(await results(store)).toEqual(['1/1 success']);
    await store.sync([result(TEST)]);
    expect(await results(store)).toEqual(['1/1 success']);
  });

  it('keep what only an invocation knows', async () => {
    const store = await openStore();
    const known = {
      invocationId: 'inv',
      threadId: 'Thread-1',
      adapterResponse: { code: 'OK', rows: [1] },
      rowsAffected: 12,
      batches: { successful: 3, failed: 1 },
    };
    await store.sync([result(ORDERS, { step: 1, status: 'partial success', ...known })], { source: 'artifacts' });
    expect(
      await store.row(
        `select invocation_id, thread_id, adapter_response, rows_affected::integer, batches_successful, batches_failed,
          results_source from dbt.run_results`,
      ),
    ).toEqual({
      invocation_id: 'inv',
      thread_id: 'Thread-1',
      adapter_response: { code: 'OK', rows: [1] },
      rows_affected: 12,
      batches_successful: 3,
      batches_failed: 1,
      results_source: 'artifacts',
    });
  });

  it('of a check of a proposal set no state, and lose it when that becomes known later', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), result(ORDERS, { step: 1, status: 'error' })], { source: 'artifacts' });
    const status = () => store.rows('select last_run_status from dbt.models');
    expect(await status()).toEqual([{ last_run_status: 'error' }]);
    await store.sync([], { source: 'artifacts', complete: false, history: [run('1', { setsState: false })] });
    expect(await status()).toEqual([{ last_run_status: null }]);
  });
});

describe('a run', () => {
  const told = ({ row }: TestStore) =>
    row<{ status: string; finished_at: Date | null; results_missing_reason: string | null }>(
      'select status, finished_at, results_missing_reason, git_sha from dbt.runs',
    );

  it('goes on until it has ended, and then nothing takes that back', async () => {
    const store = await openStore();
    const going = run('1', {
      status: 'running',
      finishedAt: null,
      resultsComplete: false,
      resultsMissingReason: 'Going.',
    });
    await store.sync([], { history: [going] });
    expect(await told(store)).toMatchObject({ status: 'running', results_missing_reason: 'Going.' });
    await store.sync([], { history: [run('1')] });
    await store.sync([], { history: [going] });
    expect(await told(store)).toMatchObject({ status: 'success', results_missing_reason: null });
    expect((await store.sync([], { history: [run('1')] })).rowsWritten).toBe(0);
  });

  it('keeps what a later statement does not tell', async () => {
    const store = await openStore();
    await store.sync([], { history: [run('1')] });
    await store.sync([], {
      history: [run('1', { gitSha: null, resultsComplete: false, resultsMissingReason: 'Gone.' })],
    });
    expect(await told(store)).toMatchObject({ git_sha: 'abc', results_missing_reason: null });
  });

  it('counts its nodes by their latest executed result in it', async () => {
    const store = await openStore();
    await store.sync(
      [
        result(ORDERS, { step: 1, status: 'error', executedAt: minute(1) }),
        result(ORDERS, { step: 2, status: 'success', executedAt: minute(2) }),
        result('model.shop.b', { step: 1, status: 'error', executedAt: minute(1) }),
        result('model.shop.b', { step: 2, status: 'skipped', executedAt: minute(2) }),
        result(TEST, { step: 1, status: 'fail' }),
        result(`${TEST}2`, { step: 1, status: 'warn' }),
        result(`${TEST}3`, { step: 1, status: 'pass' }),
        result(`${TEST}4`, { step: 1, status: 'success' }),
      ],
      { source: 'artifacts', history: [run('1'), step(1), step(2)] },
    );
    expect(
      await store.row(
        'select models_ok, models_failed, tests_passed, tests_failed, tests_warned, results_source, duration_s, queued_s from dbt.runs',
      ),
    ).toEqual({
      models_ok: 1,
      models_failed: 1,
      tests_passed: 1,
      tests_failed: 1,
      tests_warned: 1,
      results_source: 'artifacts',
      duration_s: 240,
      queued_s: 60,
    });
    expect(await store.rows('select step, results, duration_s from dbt.run_steps order by step')).toEqual([
      { step: 1, results: 6, duration_s: 120 },
      { step: 2, results: 2, duration_s: 120 },
    ]);
  });

  it.each([
    ['no result is there yet', { resultsComplete: false, resultsMissingReason: null }, null],
    ['every result was lost', { resultsComplete: false, resultsMissingReason: 'Run 1 kept no artifacts.' }, null],
    ['there was nothing to execute', { resultsComplete: true }, 0],
  ])('counts nothing when %s', async (_, told, count) => {
    const store = await openStore();
    await store.sync([], { source: 'artifacts', history: [run('1', told)] });
    expect(
      await store.row('select models_ok, models_failed, tests_passed, tests_failed, tests_warned from dbt.runs'),
    ).toEqual({
      models_ok: count,
      models_failed: count,
      tests_passed: count,
      tests_failed: count,
      tests_warned: count,
    });
  });

  it('of which only Discovery told has its job, and nothing else', async () => {
    const store = await openStore();
    await store.sync([result(ORDERS)]);
    const job = { kind: 'job' as const, jobId: 7, name: 'Daily', jobType: 'scheduled', environmentId: 3 };
    await store.sync([], { history: [{ ...job, schedule: null, steps: ['dbt build'], deactivated: false }] });
    expect(await store.row('select job_name, status, finished_at, sets_state, results_source from dbt.runs')).toEqual({
      job_name: 'Daily',
      status: null,
      finished_at: null,
      sets_state: true,
      results_source: 'discovery',
    });
  });
});

it('a source knows which runs are stored whole, up to when all were taken, and of when the definitions are', async () => {
  const store = await openStore();
  await store.sync([{ ...definition(ORDERS), at: '2026-01-01T00:00:00.5Z' }], {
    history: [run('1'), run('2', { resultsComplete: false })],
    runs: { token: null, until: '2026-01-01T00:07:00.123456Z' },
  });
  const pass = await store.store.begin(scope(), start());
  const { completeRuns, runsUntil, definedAt } = await pass.stored();
  await pass.release();
  expect([...completeRuns]).toEqual(['1']);
  expect(runsUntil).toBe('2026-01-01T00:07:00.123456Z');
  expect(definedAt).toBe('2026-01-01T00:00:00.5Z');
});

describe('the runs that made a catalog', () => {
  const docs = { step: 2, command: 'dbt docs generate', which: 'generate' } as const;
  const begun = (runId: string, minutes: number, rest: Partial<StepRecord> = {}) =>
    step(2, { ...docs, runId, startedAt: minute(minutes), finishedAt: minute(minutes + 9), ...rest });
  const history = [
    ...[run('1'), run('2'), run('3'), run('4'), run('5', { resultsComplete: false }), run('6')],
    ...[begun('1', 10), begun('2', 20), begun('3', 30), begun('4', 30, { status: 'error' }), begun('5', 30)],
    ...[begun('6', 30, { startedAt: null }), step(3, { runId: '6', startedAt: minute(30) })],
  ];
  const catalogRunsOf = async ({ store }: TestStore) => {
    const pass = await store.begin(scope(), start());
    const { catalogRuns } = await pass.stored();
    await pass.release();
    return [...catalogRuns].sort();
  };

  it('are all of the complete ones as long as there is no catalog', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS)], { history });
    expect(await catalogRunsOf(store)).toEqual(['1', '2', '3']);
  });

  it('are known by that they began to do so after the stored one was made', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), catalog(ORDERS, [column('id')], minute(25))], { history });
    expect(await catalogRunsOf(store)).toEqual(['3']);
    await store.sync([definition(ORDERS), catalog(ORDERS, [column('id')], minute(35))]);
    expect(await catalogRunsOf(store)).toEqual([]);
  });
});

it('a freshness check that both sources tell is one', async () => {
  const store = await openStore();
  await store.sync([freshness(RAW, { snapshottedAt: '2026-01-01T00:00:00.123Z' })]);
  await store.sync([freshness(RAW, { snapshottedAt: '2026-01-01T00:00:00.123456Z', runId: null })], {
    source: 'artifacts',
  });
  expect(await store.rows('select run_id from dbt.freshness_results')).toEqual([{ run_id: '1' }]);
});

it('a pass may go on with another source, which the sync_run then shows with the reason', async () => {
  const store = await openStore();
  const page = (records: readonly ReturnType<typeof definition>[]) => ({
    resourceType: 'model' as const,
    received: 1,
    total: 1,
    rejects: [],
    incomplete: [],
    records,
  });
  const pass = await store.store.begin(scope(), start());
  await pass.stage(page([definition('model.shop.half')]));
  await pass.restart({ source: 'artifacts', reason: 'The Discovery API is down.' });
  await pass.stage(page([definition(ORDERS)]));
  await pass.publish(report());
  await pass.release();
  expect(await store.row('select source, fallback_reason, outcome from dbt.sync_runs')).toEqual({
    source: 'artifacts',
    fallback_reason: 'The Discovery API is down.',
    outcome: 'done',
  });
  expect(await store.rows('select unique_id, definition_source from dbt_store.node')).toEqual([
    { unique_id: ORDERS, definition_source: 'artifacts' },
  ]);
});
