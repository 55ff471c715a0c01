import type { Retention } from '../config/types.ts';
import { type Client, connect, databaseError, type Pool } from './pool.ts';

/** Rows that went. */
export interface Removed {
  readonly runResults: number;
  readonly syncRuns: number;
  readonly rejects: number;
  readonly webhookEvents: number;
}

export interface RetentionOptions {
  readonly now: Date;
  /** Stops between two steps; what went until then stays gone. */
  readonly signal: AbortSignal;
}

/** Nodes whose results are looked at in one statement, and rows that others lose in one. */
const STEP = 500;

/** A usual interval is told by so many builds (node_status.builds). */
const BUILDS = 20;

/**
 * What the status of a node is made of stays: its last success and all after it, the first of its streak and what was
 * before that. Of a node that never succeeded all of its streak does. So do the builds that tell the usual interval.
 * Their runs say that something is gone, and what was counted of their days stays as it is. Nobody is waited for: what a
 * pass has in hand now is looked at the next time.
 */
const FORGET = `
  with held as materialized (
    select from dbt_store.integration where integration_id = $1 for update skip locked
  ), page as materialized (
    select node_id, resource_type from dbt_store.node
    where integration_id = $1 and node_id > $2 and exists (select from held) order by node_id limit ${STEP}
  ), bounded as materialized (
    select p.node_id, date_trunc('milliseconds', least($3, case when s.node_id is not null then
        coalesce(least(s.last_success_at, s.last_pass_at), least(s.status_since, s.failing_since, s.streak_before_at, s.last_run_at)) end,
      builds.oldest)) as bound,
      date_trunc('milliseconds', s.status_since) as since, date_trunc('milliseconds', s.streak_before_at) as before
    from page p
    left join dbt_store.node_status s on s.integration_id = $1 and s.node_id = p.node_id
    left join lateral (
      select min(executed_at) as oldest from (
        select r.executed_at from dbt_store.run_result r
        join dbt_store.run run on run.integration_id = $1 and run.run_id = r.run_id
        where r.integration_id = $1 and r.node_id = p.node_id and (r.step <= 0 or run.sets_state)
          and dbt_store.result_class(r.status, p.resource_type, r.step) in ('ok', 'warn')
        order by r.executed_at desc limit ${BUILDS}) newest
    ) builds on p.resource_type in ('model', 'seed', 'snapshot')
  ), doomed as (
    select r.run_id, r.step, r.node_id from bounded b
    join dbt_store.run_result r on r.integration_id = $1 and r.node_id = b.node_id and r.executed_at < b.bound
    join dbt_store.run run on run.integration_id = $1 and run.run_id = r.run_id
    where date_trunc('milliseconds', r.executed_at) is distinct from b.since
      and date_trunc('milliseconds', r.executed_at) is distinct from b.before
    for update of r, run skip locked
  ), gone as (
    delete from dbt_store.run_result r using doomed d
    where r.integration_id = $1 and r.run_id = d.run_id and r.step = d.step and r.node_id = d.node_id
    returning true
  ), told as (
    update dbt_store.run set results_missing_reason = $4
    where integration_id = $1 and results_missing_reason is null and run_id in (select run_id from doomed)
  ), counted as (
    update dbt_store.integration set counted_since = dbt_store.utc_day($3) + 1
    where integration_id = $1 and exists (select from gone)
      and coalesce(counted_since, '-infinity') < dbt_store.utc_day($3) + 1
  )
  select (select max(node_id) from page) as last, (select count(*) from gone)::integer as rows`;

/** The newest pass and the newest one that succeeded stay, as does the one whose rejects are those of the state. */
const KEPT_SYNC_RUNS = `
  select max(sync_run_id) from dbt_store.sync_run group by integration_id
  union all select max(sync_run_id) from dbt_store.sync_run where outcome in ('done', 'unchanged', 'partial') group by integration_id
  union all select max(sync_run_id) from dbt_store.sync_run where outcome in ('done', 'partial') and kind = 'sync' group by integration_id`;

/** What these rejected and an earlier pass before them, too, is kept with that one. */
const KEPT_REJECTS = `${KEPT_SYNC_RUNS}
  union all select rejects_of from dbt_store.sync_run where rejects_of is not null and sync_run_id in (${KEPT_SYNC_RUNS})`;

/** Whoever refers to an earlier pass for what it rejected needs it. */
const NEEDED_SYNC_RUNS = `${KEPT_SYNC_RUNS}
  union all select rejects_of from dbt_store.sync_run where rejects_of is not null`;

/** Takes away a step of a table's rows, but for those that somebody has in hand. `old` says of a row that it is too old. */
const forgetStep = (table: string, id: string, old: string) => `
  with gone as (
    delete from dbt_store.${table} t using (
      select integration_id, ${id} from dbt_store.${table}
      where ${old}
      limit ${STEP} for update skip locked) old
    where t.integration_id = old.integration_id and t.${id} = old.${id}
    returning true)
  select count(*)::integer as rows from gone`;

const FORGET_SYNC_RUNS = forgetStep(
  'sync_run',
  'sync_run_id',
  `outcome is not null and started_at < $1 and sync_run_id not in (${NEEDED_SYNC_RUNS})`,
);

const FORGET_REJECTS = forgetStep('reject', 'reject_id', `seen_at < $1 and sync_run_id not in (${KEPT_REJECTS})`);

/** What nothing was done about yet stays. */
const FORGET_EVENTS = forgetStep('webhook_event', 'event_id', 'handled_at is not null and received_at < $1');

const before = (seconds: number, now: Date) => new Date(now.getTime() - seconds * 1_000);

const REASON = 'Older results were removed (retention), but for those that the status of a node is made of.';

async function forgetResults(client: Client, seconds: number, { now, signal }: RetentionOptions): Promise<number> {
  const cutoff = before(seconds, now);
  const { rows: integrations } = await client.query<{ id: number }>(
    'select integration_id as id from dbt_store.integration order by 1',
  );
  let removed = 0;
  for (const { id } of integrations) {
    signal.throwIfAborted();
    for (let last: string | null = '0'; last !== null; ) {
      signal.throwIfAborted();
      const { rows }: { rows: { last: string | null; rows: number }[] } = await client.query(FORGET, [
        id,
        last,
        cutoff,
        REASON,
      ]);
      removed += rows[0]?.rows ?? 0;
      last = rows[0]?.last ?? null;
    }
  }
  return removed;
}

async function forgetRows(client: Client, statement: string, cutoff: Date, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await client.query<{ rows: number }>(statement, [cutoff]);
    const step = rows[0]?.rows ?? 0;
    removed += step;
    if (step < STEP) return removed;
  }
}

/**
 * Removes what is older than it is to be kept, in small steps, each a transaction of its own that waits for nobody. What
 * the state of nodes is derived from stays, so that `rebuildStatus` changes nothing afterwards.
 * @throws the signal's reason between two steps; as every work with the database.
 */
export async function retain(pool: Pool, retention: Retention, options: RetentionOptions): Promise<Removed> {
  const { runResultsS, syncRunsS, rejectsS, webhookEventsS } = retention;
  const { now, signal } = options;
  const client = await connect(pool);
  try {
    const forget = (statement: string, seconds: number | null) =>
      seconds === null ? 0 : forgetRows(client, statement, before(seconds, now), signal);
    const rejects = await forget(FORGET_REJECTS, rejectsS);
    const webhookEvents = await forget(FORGET_EVENTS, webhookEventsS);
    const syncRuns = await forget(FORGET_SYNC_RUNS, syncRunsS);
    const runResults = runResultsS === null ? 0 : await forgetResults(client, runResultsS, options);
    client.release();
    return { runResults, syncRuns, rejects, webhookEvents };
  } catch (error) {
    client.release(true);
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}
