import { describe, expect, it } from 'vitest';
import type { ResultRecord } from '../../src/domain/records.ts';
import { addStepResult, definition, freshness, minute, openStore, result, type TestStore } from './builders.ts';
import { versionsOf } from './versions.ts';

const ORDERS = 'model.shop.orders';
const TEST = 'test.shop.unique_orders.abc';
const RAW = 'source.shop.raw.orders';

const stored = async ({ rows }: TestStore) =>
  (
    await rows<{ run_id: string; step: number; status: string; executed_at: Date }>(
      'select run_id, step, status, executed_at from dbt.run_results order by executed_at, step',
    )
  ).map((row) => `${row.run_id}/${row.step} ${row.status} ${row.executed_at.toISOString().slice(11, 16)}`);

const attempt = (runId: string, status: string, minutes: number): ResultRecord =>
  result(ORDERS, { runId, status, executedAt: minute(minutes) });
const success = (runId: string, minutes: number): ResultRecord =>
  result(ORDERS, { runId, step: -1, status: 'success', executedAt: minute(minutes) });

describe('last attempt and last success', () => {
  it('are both kept, as steps 0 and -1', async () => {
    const store = await openStore();
    await store.sync([attempt('2', 'error', 2), success('1', 1)]);
    expect(await stored(store)).toEqual(['1/-1 success 00:01', '2/0 error 00:02']);
  });

  it('are one result when the last success is an attempt of an earlier sync', async () => {
    const store = await openStore();
    await store.sync([attempt('1', 'success', 1)]);
    await store.sync([attempt('2', 'error', 2), success('1', 1)]);
    expect(await stored(store)).toEqual(['1/0 success 00:01', '2/0 error 00:02']);
  });

  it('are one result when the attempt is told after the success', async () => {
    const store = await openStore();
    await store.sync([attempt('2', 'error', 2), success('1', 1)]);
    await store.sync([attempt('1', 'success', 1)]);
    expect(await stored(store)).toEqual(['1/0 success 00:01', '2/0 error 00:02']);
  });

  it('are one result when a pass tells both of the same run and time', async () => {
    const store = await openStore();
    await store.sync([success('1', 1), attempt('1', 'success', 1)]);
    expect(await stored(store)).toEqual(['1/0 success 00:01']);
    expect(await store.sync([success('1', 1), attempt('1', 'success', 1)])).toMatchObject({ rowsWritten: 0 });
  });

  it('are one result when their times differ by less than a millisecond', async () => {
    const store = await openStore();
    await store.sync([
      result(ORDERS, { executedAt: '2026-01-01T00:00:00.123456Z' }),
      result(ORDERS, { step: -1, executedAt: '2026-01-01T00:00:00.123Z' }),
    ]);
    expect(await stored(store)).toEqual(['1/0 success 00:00']);
  });

  it('are two results of one run that did both', async () => {
    const store = await openStore();
    await store.sync([attempt('1', 'error', 2), success('1', 1)]);
    expect(await stored(store)).toEqual(['1/-1 success 00:01', '1/0 error 00:02']);
  });

  it('are two results when the attempt that succeeded gives way to a later one of its run', async () => {
    const store = await openStore();
    await store.sync([attempt('1', 'success', 1)]);
    const later = [attempt('1', 'error', 2), success('1', 1)];
    await store.sync(later);
    expect(await stored(store)).toEqual(['1/-1 success 00:01', '1/0 error 00:02']);
    expect(await store.sync(later)).toMatchObject({ rowsWritten: 0 });
  });

  it('are kept of every run that a sync has seen', async () => {
    const store = await openStore();
    await store.sync([attempt('1', 'success', 1)]);
    await store.sync([attempt('3', 'error', 3), success('1', 1)]);
    await store.sync([attempt('9', 'success', 9)]);
    expect(await stored(store)).toEqual(['1/0 success 00:01', '3/0 error 00:03', '9/0 success 00:09']);
  });

  it('do not overwrite a newer statement of the same run and step', async () => {
    const store = await openStore();
    await store.sync([attempt('1', 'error', 2)]);
    await store.sync([attempt('1', 'success', 1)]);
    expect(await stored(store)).toEqual(['1/0 error 00:02']);
  });

  it('are corrected by a statement of the same time', async () => {
    const store = await openStore();
    await store.sync([attempt('1', 'error', 2)]);
    await store.sync([{ ...attempt('1', 'error', 2), message: 'why', failures: 2 }]);
    expect(await store.row('select message, failures::int from dbt.run_results')).toEqual({
      message: 'why',
      failures: 2,
    });
  });

  it('say which run and job said so', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), attempt('12', 'success', 1)]);
    expect(await store.row('select last_run_id, last_job_id::int, last_run_at from dbt.models')).toEqual({
      last_run_id: '12',
      last_job_id: 7,
      last_run_at: new Date(minute(1)),
    });
  });

  it('learn the job of their run when it is told later', async () => {
    const store = await openStore();
    await store.sync([{ ...attempt('12', 'success', 1), jobId: null }]);
    await store.sync([attempt('12', 'success', 1)]);
    expect(await store.row('select job_id::int from dbt_store.run')).toEqual({ job_id: 7 });
  });

  it('end in the same rows in any order', async () => {
    const passes = [
      [attempt('1', 'success', 1)],
      [attempt('2', 'error', 2), success('1', 1)],
      [attempt('2', 'error', 4), success('2', 3)],
    ];
    const seen = new Set<string>();
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0, 1],
      [0, 2, 1, 0],
      [2, 0, 1, 2],
    ]) {
      const store = await openStore();
      for (const index of order) await store.sync(passes[index] ?? []);
      const status = await store.row("select to_jsonb(s) - 'node_id' as row from dbt_store.node_status s");
      seen.add(JSON.stringify([await stored(store), status]));
    }
    expect([...seen]).toHaveLength(1);
  });
});

describe('results of the run’s own steps', () => {
  it('win over the last attempt and success of the same run and node, and of no other', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS), definition(TEST)]);
    await addStepResult(store, result(ORDERS, { runId: '1', step: 4, executedAt: minute(1) }));
    await store.sync([
      attempt('1', 'error', 5),
      success('1', 4),
      attempt('2', 'error', 6),
      result(TEST, { executedAt: minute(7) }),
    ]);
    expect(await stored(store)).toEqual(['1/4 success 00:01', '2/0 error 00:06', '1/0 success 00:07']);
  });

  it('say the status by themselves, but only of runs that set it', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS)]);
    await addStepResult(store, result(ORDERS, { runId: '1', step: 4, status: 'success', executedAt: minute(1) }));
    await addStepResult(store, result(ORDERS, { runId: '2', step: 4, status: 'error', executedAt: minute(2) }), false);
    await store.sync([attempt('1', 'error', 5), attempt('0', 'success', 0)]);
    expect(await store.row('select last_run_status, last_run_id, consecutive_failures from dbt.models')).toEqual({
      last_run_status: 'success',
      last_run_id: '1',
      consecutive_failures: 0,
    });
  });
});

it('takes no last attempt of a run whose results are complete', async () => {
  const store = await openStore();
  await store.sync([definition(ORDERS), attempt('1', 'success', 1)]);
  await store.rows('update dbt_store.run set results_complete = true');
  await store.sync([definition(TEST), result(TEST, { executedAt: minute(1) }), attempt('1', 'error', 2)]);
  expect(await stored(store)).toEqual(['1/0 success 00:01']);
});

it('dates the first sight of a node back to its first result', async () => {
  const store = await openStore();
  await store.sync([definition(ORDERS, {}, { at: minute(5) }), attempt('1', 'success', 1)]);
  expect(await store.row('select first_seen_at from dbt.nodes')).toEqual({ first_seen_at: new Date(minute(1)) });
});

it.each([
  'exposure',
  'saved_query',
])('does not date the first sight of an %s by results, which one source alone tells', async (type) => {
  const listed = `${type}.shop.board`;
  const said = definition(listed, {}, { at: minute(5) });
  const listing = result(listed, { step: 1, status: 'no-op', executedAt: minute(1) });
  for (const passes of [
    [[said, listing]],
    [
      [definition(ORDERS), said],
      [said, listing],
    ],
    [[definition(ORDERS), listing], [said]],
  ]) {
    const store = await openStore();
    for (const records of passes) await store.sync(records, { source: 'artifacts' });
    const seen = await store.row('select first_seen_at from dbt.nodes where unique_id = $1', [listed]);
    expect(seen).toEqual({ first_seen_at: new Date(minute(5)) });
  }
});

it('does not wipe the status of nodes that a pass does not touch', async () => {
  const store = await openStore();
  await store.sync([definition(ORDERS), definition(TEST), attempt('1', 'error', 1), result(TEST, { status: 'fail' })]);
  await store.sync([result(TEST, { runId: '2', status: 'pass', executedAt: minute(2) })], { complete: false });
  expect(await store.row('select last_run_status from dbt.models')).toEqual({ last_run_status: 'error' });
});

describe('freshness', () => {
  const shown = (store: TestStore) =>
    store.row(
      'select freshness_status, max_loaded_at, snapshotted_at, age_s, warn_after_s, error_after_s from dbt.sources',
    );

  it('is that of the latest check, whatever came last', async () => {
    const store = await openStore();
    await store.sync([definition(RAW), freshness(RAW, { snapshottedAt: minute(5), status: 'error', ageS: 9000 })]);
    await store.sync([definition(RAW), freshness(RAW, { snapshottedAt: minute(4), status: 'pass' })]);
    expect(await shown(store)).toMatchObject({
      freshness_status: 'error',
      snapshotted_at: new Date(minute(5)),
      max_loaded_at: new Date(minute(-10)),
      age_s: 9000,
    });
    expect(await store.rows('select status from dbt.freshness_results')).toHaveLength(2);
  });

  it('takes its criteria from the definition', async () => {
    const store = await openStore();
    await store.sync([
      definition(RAW),
      { kind: 'build', uniqueId: RAW, at: null, facts: { warnAfterS: 60, errorAfterS: null } },
    ]);
    expect(await shown(store)).toMatchObject({ freshness_status: null, warn_after_s: 60, error_after_s: null });
  });

  it('of the same check is stored once, and corrected', async () => {
    const store = await openStore();
    await store.sync([definition(RAW), freshness(RAW, { status: 'warn' })]);
    const before = await versionsOf(store);
    expect(await store.sync([definition(RAW), freshness(RAW, { status: 'warn' })])).toMatchObject({ rowsWritten: 0 });
    expect(await versionsOf(store)).toEqual(before);
    await store.sync([freshness(RAW, { status: 'runtime error', maxLoadedAt: null, ageS: null })]);
    expect(await store.rows('select status, max_loaded_at, age_s from dbt.freshness_results')).toEqual([
      { status: 'runtime error', max_loaded_at: null, age_s: null },
    ]);
  });
});

it('shows a source as seen since its first check, whether that comes with its definition or later', async () => {
  const seen: unknown[] = [];
  for (const passes of [[[-5]], [[], [-5]], [[-2], [-5]], [[-5], [-2]]]) {
    const store = await openStore();
    for (const checks of passes) {
      await store.sync([definition(RAW), ...checks.map((at) => freshness(RAW, { snapshottedAt: minute(at) }))]);
    }
    seen.push(await store.row('select first_seen_at from dbt.sources'));
  }
  expect(seen).toEqual(seen.map(() => ({ first_seen_at: new Date(minute(-5)) })));
});
