import { describe, expect, it } from 'vitest';
import type { HistoryRecord, StoreRecord } from '../../src/domain/records.ts';
import type { PassResult } from '../../src/domain/store.ts';
import { build, definition, minute, openStore, report, result, run, scope, start, type TestStore } from './builders.ts';

const A = 'model.shop.a';
const B = 'model.shop.b';
const T = 'test.shop.t';

/** A node as it comes: its definition, its build, and what it ran as. */
const told = (uniqueId: string, ...results: StoreRecord[]): StoreRecord[] => [
  definition(uniqueId),
  build(uniqueId, {}),
  ...results,
];

interface Told {
  readonly records?: readonly StoreRecord[];
  readonly history?: readonly HistoryRecord[];
}

/** A pass that comes in several pages; what is whole by then is written before the next one. */
async function syncPages({ store }: TestStore, pages: readonly Told[], dropped: readonly Told[] = []) {
  const pass = await store.begin(scope(), start());
  const stage = async (all: readonly Told[]) => {
    for (const { records = [], history = [] } of all) {
      const counted = { received: records.length, total: records.length };
      await pass.stage({ resourceType: 'model', ...counted, records, history, rejects: [], incomplete: [] });
    }
  };
  try {
    if (dropped.length > 0) {
      await stage(dropped);
      await pass.restart();
    }
    await stage(pages);
    return await pass.publish(report());
  } finally {
    await pass.release();
  }
}

const stored = ({ rows }: TestStore) =>
  rows(
    `select n.unique_id, r.run_id, r.step, r.status, r.executed_at from dbt_store.run_result r
    join dbt_store.node n using (integration_id, node_id) order by 1, 2, 3`,
  );

const row = (uniqueId: string, runId: string, { step = 0, status = 'success', at = minute(0) } = {}) => ({
  unique_id: uniqueId,
  run_id: runId,
  step,
  status,
  executed_at: new Date(at),
});

const statuses = async ({ rows }: TestStore) =>
  Object.fromEntries(
    (
      await rows<{ unique_id: string; said: string }>(
        `select n.unique_id, s.last_run_id || ' ' || s.status as said
        from dbt_store.node_status s join dbt_store.node n using (integration_id, node_id)`,
      )
    ).map(({ unique_id: uniqueId, said }) => [uniqueId, said]),
  );

const resultsOf = ({ results }: PassResult) => results;

describe('results of a first pass', () => {
  it('are stored with their runs and the status of their nodes, and counted', async () => {
    const store = await openStore();
    const failed = { runId: '2', jobId: 8, status: 'error', executedAt: minute(2) };
    const passed = { runId: '1', step: -1, executedAt: minute(1) };
    const done = await syncPages(store, [
      { records: told(A, result(A, failed), result(A, passed)) },
      { records: told(T, result(T, { runId: '2', jobId: null, status: 'pass' })) },
    ]);
    expect(resultsOf(done)).toBe(3);
    expect(await stored(store)).toEqual([
      row(A, '1', { step: -1, at: minute(1) }),
      row(A, '2', { status: 'error', at: minute(2) }),
      row(T, '2', { status: 'pass' }),
    ]);
    expect(await statuses(store)).toEqual({ [A]: '2 error', [T]: '2 pass' });
    expect(await store.rows('select run_id, job_id from dbt_store.run order by 1')).toEqual([
      { run_id: '1', job_id: '7' },
      { run_id: '2', job_id: '8' },
    ]);
  });

  it('are rewritten by no second pass that tells the same', async () => {
    const store = await openStore();
    const pages = [{ records: told(A, result(A, { runId: '2' }), result(A, { step: -1 })) }];
    await syncPages(store, pages);
    expect(resultsOf(await syncPages(store, pages))).toBe(0);
  });

  it.each([
    ['a later one', minute(2), 'error'],
    ['one of the same time', minute(1), 'error'],
    ['an earlier one', minute(0), 'success'],
  ])('that are told twice end as the later one, or the one told last: told again as %s', async (_when, at, status) => {
    const store = await openStore();
    const done = await syncPages(store, [
      { records: told(A, result(A, { executedAt: minute(1) })) },
      { records: [result(A, { executedAt: at, status: 'error' })] },
    ]);
    expect(await stored(store)).toEqual([row(A, '1', { status, at: status === 'error' ? at : minute(1) })]);
    expect(await statuses(store)).toEqual({ [A]: `1 ${status}` });
    expect(resultsOf(done)).toBe(1);
  });

  it.each([
    ['a later one', minute(2), 'error'],
    ['one of the same time', minute(1), 'error'],
    ['an earlier one', minute(0), 'success'],
  ])('of one step that come after their node end as the later one: told again as %s', async (_when, at, status) => {
    const store = await openStore();
    const step = (executedAt: string, said: string) => result(A, { step: 1, executedAt, status: said });
    const done = await syncPages(store, [
      { records: told(A), history: [run('1')] },
      { records: [step(minute(1), 'success')] },
      { records: [step(at, 'error')] },
    ]);
    expect(await stored(store)).toEqual([row(A, '1', { step: 1, status, at: status === 'error' ? at : minute(1) })]);
    expect(await statuses(store)).toEqual({ [A]: `1 ${status}` });
    expect(resultsOf(done)).toBe(1);
  });

  it('of a step move the first sight of their node back, whenever they come', async () => {
    const store = await openStore();
    const step = (uniqueId: string, executedAt: string) => result(uniqueId, { step: 1, executedAt });
    await syncPages(store, [
      { records: [...told(A), ...told(B), step(T, minute(-3)), ...told(T)], history: [run('1')] },
      { records: [step(A, minute(-2)), step(B, minute(2))] },
    ]);
    expect(await store.rows('select unique_id, first_seen_at from dbt_store.node order by 1')).toEqual([
      { unique_id: A, first_seen_at: new Date(minute(-2)) },
      { unique_id: B, first_seen_at: new Date(minute(0)) },
      { unique_id: T, first_seen_at: new Date(minute(-3)) },
    ]);
    expect(await stored(store)).toHaveLength(3);
  });

  it('of one attempt are one row, in whichever order and page they come', async () => {
    const attempt = (uniqueId: string) => result(uniqueId, { executedAt: '2026-01-01T00:01:00.123400Z' });
    const success = (uniqueId: string) => result(uniqueId, { step: -1, executedAt: '2026-01-01T00:01:00.123Z' });
    const store = await openStore();
    const C = 'model.shop.c';
    const D = 'model.shop.d';
    const done = await syncPages(store, [
      { records: told(A, attempt(A), success(A)) },
      { records: told(B, success(B), attempt(B)) },
      { records: [...told(C, success(C)), ...told(D, attempt(D))] },
      { records: [attempt(C), success(D)] },
    ]);
    const steps = await store.rows('select step, count(*)::integer as rows from dbt_store.run_result group by step');
    expect(steps).toEqual([{ step: 0, rows: 4 }]);
    expect(resultsOf(done)).toBe(4);
  });

  it('of two attempts of one run are two rows', async () => {
    const store = await openStore();
    const failed = result(A, { status: 'error', executedAt: minute(2) });
    await syncPages(store, [{ records: told(A, failed, result(A, { step: -1 })) }]);
    expect(await stored(store)).toEqual([row(A, '1', { step: -1 }), row(A, '1', { status: 'error', at: minute(2) })]);
  });

  it('of a node that nobody defines are those of a placeholder', async () => {
    const store = await openStore();
    await syncPages(store, [{ records: [build(B, {}), result(B)] }, { records: told(A, result(A)) }]);
    expect(await stored(store)).toEqual([row(A, '1'), row(B, '1')]);
    expect(await store.row('select state from dbt_store.node where unique_id = $1', [B])).toEqual({
      state: 'placeholder',
    });
  });

  it('give way to those of the steps of their run, before and after', async () => {
    const store = await openStore();
    const step = (uniqueId: string) => result(uniqueId, { step: 2, status: 'warn', executedAt: minute(1) });
    const done = await syncPages(store, [
      { records: [step(A), ...told(A, result(A, { runId: '1' }), result(A, { runId: '0', step: -1 }))] },
      { records: told(B, result(B)) },
      { records: [step(B)] },
    ]);
    expect(await stored(store)).toEqual([
      row(A, '0', { step: -1 }),
      row(A, '1', { step: 2, status: 'warn', at: minute(1) }),
      row(B, '1', { step: 2, status: 'warn', at: minute(1) }),
    ]);
    expect(await statuses(store)).toEqual({ [A]: '1 warn', [B]: '1 warn' });
    expect(resultsOf(done)).toBe(3);
  });

  it('are left out of a run whose results are all there, told in this pass or before', async () => {
    const provisional = { records: told(A, result(A, { runId: '1' }), result(A, { runId: '0', step: -1 })) };
    const whole = { history: [run('1')] };
    for (const [before, pages] of [
      [[], [provisional, whole]],
      [[whole], [provisional]],
    ] as const) {
      const store = await openStore();
      if (before.length > 0) await store.sync([], { history: [run('1')] });
      expect(resultsOf(await syncPages(store, pages))).toBe(1);
      expect(await stored(store)).toEqual([row(A, '0', { step: -1 })]);
      expect(await statuses(store)).toEqual({ [A]: '0 success' });
    }
  });

  it('and edges of a pass that was begun again are those that were told then', async () => {
    const store = await openStore();
    const before = [{ records: [...told(B, result(B, { runId: '8' })), ...told(A, result(A, { runId: '9' }))] }];
    const again = [...told(A, result(A)), definition(B, {}, { parents: [A] }), build(B, {})];
    await syncPages(store, [{ records: again }], before);
    expect(await stored(store)).toEqual([row(A, '1')]);
    expect(await store.rows('select run_id from dbt_store.run')).toEqual([{ run_id: '1' }]);
    expect(await store.rows('select parent_id < child_id as is_up from dbt_store.edge')).toHaveLength(1);
  });
});

describe('edges of a first pass', () => {
  const edgesOf = ({ rows }: TestStore) =>
    rows(
      `select p.unique_id || ' ' || p.state as parent, c.unique_id as child from dbt_store.edge e
      join dbt_store.node p on p.node_id = e.parent_id join dbt_store.node c on c.node_id = e.child_id order by 1, 2`,
    );
  const child = (uniqueId: string, parents: readonly string[]) => definition(uniqueId, {}, { parents });

  it('lead to parents that come before, after and never, each once', async () => {
    const store = await openStore();
    await syncPages(store, [
      { records: told(A) },
      { records: [child(T, [A, A, B, 'model.shop.gone', 'model.shop.\0', 'model.shop.\uFFFD']), build(T, {})] },
      { records: [definition(B)] },
    ]);
    expect(await edgesOf(store)).toEqual(
      [
        { parent: 'model.shop.gone placeholder', child: T },
        { parent: 'model.shop.\uFFFD placeholder', child: T },
        { parent: `${A} defined`, child: T },
        { parent: `${B} defined`, child: T },
      ].sort((left, right) => (left.parent < right.parent ? -1 : 1)),
    );
  });

  it('are those of the later definition when a node is told twice', async () => {
    const store = await openStore();
    const later = definition(T, { description: 'again' }, { parents: [B], at: minute(1) });
    await syncPages(store, [{ records: [...told(A), ...told(B), child(T, [A]), build(T, {})] }, { records: [later] }]);
    expect(await edgesOf(store)).toEqual([{ parent: `${B} defined`, child: T }]);
  });
});
