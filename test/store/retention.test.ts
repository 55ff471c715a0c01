import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Retention } from '../../src/config/types.ts';
import { rebuildState } from '../../src/store/publish/state.ts';
import { retain } from '../../src/store/retention.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { numRuns } from '../properties/runs.ts';
import { definition, minute, openStore, result, run, scope, start, type TestStore } from './builders.ts';

const ORDERS = 'model.shop.orders';
const TEST = 'test.shop.unique_orders.abc';
const DAY_MIN = 1_440;
const DAY_S = 86_400;
const { signal } = new AbortController();
const NOTHING: Retention = { runResultsS: null, syncRunsS: null, rejectsS: null, webhookEventsS: null };

/** So many days after the first manifest. */
const day = (days: number) => minute(days * DAY_MIN);

const retained = (store: TestStore, retention: Partial<Retention>, now = day(100)) =>
  retain(store.pool, { ...NOTHING, ...retention }, { now: new Date(now), signal });

interface Told {
  readonly on: number;
  readonly status: string;
  readonly setsState?: boolean;
}

/** One run of each, a day after the other, that executed one node. */
async function tell(store: TestStore, uniqueId: string, history: readonly Told[], name = 'shop'): Promise<void> {
  const id = (index: number) => `${uniqueId.length}${index}`;
  await store.sync(
    history.map(({ on, status }, index) =>
      result(uniqueId, { runId: id(index), step: 1, status, executedAt: day(on) }),
    ),
    {
      scope: { name },
      source: 'artifacts',
      history: history.map(({ on, setsState = true }, index) =>
        run(id(index), { createdAt: day(on), startedAt: day(on), finishedAt: day(on), setsState }),
      ),
    },
  );
}

const daysOf = async ({ rows }: TestStore, uniqueId: string): Promise<number[]> => {
  const found = await rows<{ at: Date }>(
    'select executed_at as at from dbt.run_results where unique_id = $1 order by 1',
    [uniqueId],
  );
  return found.map(({ at }) => (at.getTime() - Date.parse(day(0))) / 60_000 / DAY_MIN);
};

const STATUS = 'select * from dbt_store.node_status order by integration_id, node_id';

describe('results that are older than they are kept', () => {
  it('go, but for the last success of a test, all after it and the beginning of its streak', async () => {
    const store = await openStore();
    await store.sync([definition(TEST)]);
    const statuses = ['pass', 'fail', 'pass', 'pass', 'pass'];
    await tell(
      store,
      TEST,
      statuses.map((status, on) => ({ on, status })),
    );
    expect(await retained(store, { runResultsS: 90 * DAY_S })).toEqual({
      runResults: 2,
      syncRuns: 0,
      rejects: 0,
      webhookEvents: 0,
    });
    // Day 1 is the last of another class before the streak, which began on day 2.
    expect(await daysOf(store, TEST)).toEqual([1, 2, 4]);
  });

  it('stay while a test has failed since', async () => {
    const store = await openStore();
    await store.sync([definition(TEST)]);
    const statuses = ['pass', 'pass', 'fail', 'fail', 'skipped'];
    await tell(
      store,
      TEST,
      statuses.map((status, on) => ({ on, status })),
    );
    expect((await retained(store, { runResultsS: 90 * DAY_S })).runResults).toBe(1);
    expect(await daysOf(store, TEST)).toEqual([1, 2, 3, 4]);
  });

  it('stay where they tell the usual interval between builds', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS)]);
    await tell(
      store,
      ORDERS,
      Array.from({ length: 25 }, (_, on) => ({ on, status: 'success' })),
    );
    // Those of the days 1 to 4: on the first the streak began, and 20 are left.
    expect((await retained(store, { runResultsS: 70 * DAY_S })).runResults).toBe(4);
  });

  it('go all where they say nothing of the state', async () => {
    const store = await openStore();
    await store.sync([definition(TEST)]);
    await tell(store, TEST, [
      { on: 0, status: 'fail', setsState: false },
      { on: 50, status: 'fail', setsState: false },
    ]);
    await retained(store, { runResultsS: 60 * DAY_S });
    expect(await daysOf(store, TEST)).toEqual([50]);
  });

  it('are named on their runs, which are complete all the same', async () => {
    const store = await openStore();
    await store.sync([definition(TEST)]);
    // The first of the streak stays, and with it all of the run.
    await tell(store, TEST, [
      { on: 0, status: 'pass' },
      { on: 1, status: 'pass' },
      { on: 50, status: 'pass' },
    ]);
    await retained(store, { runResultsS: 60 * DAY_S });
    expect(
      await store.rows('select results_complete, results_missing_reason from dbt_store.run order by run_id'),
    ).toEqual([
      { results_complete: true, results_missing_reason: null },
      { results_complete: true, results_missing_reason: expect.stringMatching(/^Older results were removed/) },
      { results_complete: true, results_missing_reason: null },
    ]);
  });

  it('stay for ever unless something else is wanted', async () => {
    const store = await openStore();
    await store.sync([definition(TEST)]);
    await tell(store, TEST, [
      { on: 0, status: 'fail' },
      { on: 1, status: 'pass' },
    ]);
    expect(await retained(store, {})).toEqual({ runResults: 0, syncRuns: 0, rejects: 0, webhookEvents: 0 });
    expect(await daysOf(store, TEST)).toEqual([0, 1]);
  });

  it('leave a state that is derived from the rest alike, whatever came when', async () => {
    const status = fc.constantFrom('pass', 'warn', 'fail', 'error', 'skipped', 'success');
    const told = fc.record({ on: fc.integer({ min: 0, max: 99 }), status, setsState: fc.boolean() });
    const histories = fc.array(told, { minLength: 1, maxLength: 30 });
    const store = await openStore();
    let tries = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(TEST, ORDERS),
        histories,
        fc.integer({ min: 1, max: 90 }),
        async (id, history, days) => {
          const name = `try-${++tries}`;
          await store.sync([definition(id)], { scope: { name } });
          await tell(store, id, history, name);
          const before = await store.rows(STATUS);
          await retained(store, { runResultsS: days * DAY_S });
          expect(await inTransaction(store.pool, rebuildState)).toBe(0);
          expect(await store.rows(STATUS)).toEqual(before);
          expect((await retained(store, { runResultsS: days * DAY_S })).runResults).toBe(0);
        },
      ),
      numRuns(25),
    );
  });
});

describe('passes that are older than they are kept', () => {
  const aged = async (store: TestStore) =>
    void (await store.rows("update dbt_store.sync_run set started_at = started_at - interval '200 days'"));

  it('go but for the newest, the newest that succeeded and the one that told the state, with its rejects', async () => {
    const store = await openStore();
    const reject = { resourceType: null, uniqueId: null, reason: 'is not an object', raw: 1 };
    await store.sync([definition(ORDERS)], { rejects: [{ ...reject, raw: 2 }] });
    await store.sync([definition(ORDERS)], { rejects: [reject] });
    const pass = await store.store.begin(scope(), start());
    await pass.fail('failed', 'It is down.', { requests: 0, bytes: 0 });
    await pass.release();
    await aged(store);
    await store.rows("update dbt_store.reject set seen_at = seen_at - interval '200 days'");
    const now = new Date().toISOString();
    expect(await retained(store, { syncRunsS: 90 * DAY_S, rejectsS: 30 * DAY_S }, now)).toEqual({
      runResults: 0,
      syncRuns: 1,
      rejects: 1,
      webhookEvents: 0,
    });
    expect(await store.rows('select outcome from dbt.sync_runs order by sync_run_id')).toEqual([
      { outcome: 'done' },
      { outcome: 'failed' },
    ]);
    expect(await store.rows('select 1 from dbt.rejects')).toHaveLength(1);
  });

  it('stay with what they rejected as long as the state is of a pass that rejected the same', async () => {
    const store = await openStore();
    const reject = { resourceType: null, uniqueId: null, reason: 'is not an object', raw: 1 };
    for (const _ of [1, 2, 3]) await store.sync([definition(ORDERS)], { rejects: [reject] });
    await aged(store);
    await store.rows("update dbt_store.reject set seen_at = seen_at - interval '200 days'");
    const now = new Date().toISOString();
    const all = { syncRunsS: 90 * DAY_S, rejectsS: 30 * DAY_S };
    expect(await retained(store, all, now)).toMatchObject({ syncRuns: 1, rejects: 0 });
    expect(await store.rows('select rejects from dbt.sync_runs')).toEqual([{ rejects: 1 }, { rejects: 1 }]);
    await store.sync([definition(ORDERS)]);
    expect(await retained(store, all, now)).toMatchObject({ rejects: 1 });
  });
});

describe('events of webhooks that are older than they are kept', () => {
  it('go once something was done about them', async () => {
    const store = await openStore();
    await store.sync([definition(ORDERS)]);
    const event = (id: string, age: string, isHandled: boolean) =>
      store.rows(
        `insert into dbt_store.webhook_event (integration_id, event_id, body, received_at, handled_at)
        select integration_id, $1, '{}', now() - $2::interval, case when $3 then now() end from dbt_store.integration`,
        [id, age, isHandled],
      );
    await event('old', '31 days', true);
    await event('waits', '31 days', false);
    await event('new', '29 days', true);
    const removed = await retained(store, { webhookEventsS: 30 * DAY_S }, new Date().toISOString());
    expect(removed.webhookEvents).toBe(1);
    expect(await store.rows('select event_id from dbt_store.webhook_event order by 1')).toEqual([
      { event_id: 'new' },
      { event_id: 'waits' },
    ]);
  });
});
