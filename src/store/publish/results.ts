import { isListed } from '../fields.ts';
import { columnsOf, type PublishContext, write } from './context.ts';
import { publishHistory } from './history.ts';
import { tellResults, WHOLE } from './told.ts';

/** Above this many results the planner may have to be told of them at once. */
const ANALYZE_RESULTS = 1_000;

/** Otherwise it would take a new integration for empty, or a table for much smaller than it is. */
const ARE_NEWS = `
  select not coalesce((
      select $1::integer = any (s.most_common_vals::text::integer[]) from pg_stats s
      where s.schemaname = 'dbt_store' and s.tablename = 'run_result' and s.attname = 'integration_id'), false)
    or $2::integer > reltuples / 10 as "areNews"
  from pg_class where oid = 'dbt_store.run_result'::regclass`;

async function analyzeResults({ client, integrationId }: PublishContext, results: number): Promise<void> {
  if (results <= ANALYZE_RESULTS) return;
  const { rows } = await client.query<{ areNews: boolean }>(ARE_NEWS, [integrationId, results]);
  if (rows[0]?.areNews)
    await client.query(
      'analyze dbt_store.run, dbt_store.run_result (integration_id, run_id, step, node_id, executed_at)',
    );
}

/**
 * A condition of its own, for step -1 alone: as part of the one on steps above 0 it would make the statement look
 * through the rows it has just written.
 */
const SAME_ATTEMPT = `
  select from dbt_store.run_result o
  where o.integration_id = $1 and o.run_id = s.run_id and o.step = 0 and o.node_id = n.node_id
    and date_trunc('milliseconds', o.executed_at) = date_trunc('milliseconds', s.executed_at)`;

/** Writes the staged results of one step, each unless a result of the run's own steps says it better. */
async function upsertStep(context: PublishContext, step: 0 | -1): Promise<void> {
  await write(
    context,
    `with found as materialized (
      select s.run_id, s.step, n.node_id, s.status, s.message, s.failures, s.executed_at, s.started_at, s.completed_at,
        s.execution_time_s, r.executed_at as was_at
      from stage_result s
      join dbt_store.node n on n.integration_id = $1 and n.unique_id = s.unique_id
      join dbt_store.run run on run.integration_id = $1 and run.run_id = s.run_id and not run.results_complete
      left join dbt_store.run_result r on r.integration_id = $1 and r.step = $2 and r.run_id = s.run_id and r.node_id = n.node_id
      where s.step = $2 and (r.node_id is null or (r.executed_at <= s.executed_at
          and (r.status, r.message, r.failures, r.executed_at, r.started_at, r.completed_at, r.execution_time_s)
            is distinct from (s.status, s.message, s.failures, s.executed_at, s.started_at, s.completed_at, s.execution_time_s)))
        and not exists (
          select from dbt_store.run_result o
          where o.integration_id = $1 and o.run_id = s.run_id and o.step > 0 and o.node_id = n.node_id)
        ${step === 0 ? '' : `and not exists (${SAME_ATTEMPT})`}
    ), written as (
      insert into dbt_store.run_result (integration_id, run_id, step, node_id, status, message, failures, executed_at,
        started_at, completed_at, execution_time_s)
      select $1, run_id, step, node_id, status, message, failures, executed_at, started_at, completed_at, execution_time_s
      from found
      on conflict (integration_id, run_id, step, node_id) do update set status = excluded.status, message = excluded.message,
        failures = excluded.failures, executed_at = excluded.executed_at, started_at = excluded.started_at,
        completed_at = excluded.completed_at, execution_time_s = excluded.execution_time_s
      returning node_id, run_id, step, xmax = 0 as is_new, executed_at, status)
    insert into plan_touched (node_id, run_id, step, is_new, executed_at, status, was_at)
    select w.*, f.was_at from written w
    left join found f on f.was_at is not null and f.node_id = w.node_id and f.run_id = w.run_id`,
    [step],
  );
}

/**
 * Writes the results of runs' steps, then the last attempt (step 0) and the last success (step -1) of each node, in this
 * order: a last success that is stored as an attempt is the same result, but an attempt may just have given way to a
 * later one of the same run.
 * `plan_touched` holds the nodes whose results changed, and which of these results are new (an inserted row has no xmax);
 * of those that were not written ahead also what they say. Those of runs that were written whole are not among it, nor
 * what a first pass wrote ahead. `was_at` is the time of what was written over, went or counts in another way now.
 */
async function upsertResults(context: PublishContext): Promise<Touched> {
  const { tally } = context;
  const areStaged = !tally.isKnown('results');
  if (areStaged) {
    if (!tally.isKnown('runs')) await upsertSteps(context);
    await upsertStep(context, 0);
    await upsertStep(context, -1);
  }
  if (areStaged || !tally.isKnown('runs')) await context.client.query('analyze plan_touched');
  if (areStaged) await dropDoubled(context);
  const dropped = tally.isKnown('runs') ? 0 : await dropProvisional(context);
  const { isAll } = context.written;
  if (!isAll) await touchWritten(context, !areStaged && dropped === 0);
  const { rows } = await context.client.query<Touched>(
    `select (results + whole)::integer as results, (touched + whole)::integer as touched
    from (select count(step) as results, count(*) as touched from plan_touched) t,
      (select coalesce(sum(results), 0) + ${isAll ? '(select count(*) from stage_written_result)' : '0'} as whole
      from stage_whole_run) w`,
  );
  return rows[0] ?? { results: 0, touched: 0 };
}

/** What only results of the run's own steps have. */
const STEP_COLUMNS = [
  ...[
    'status',
    'message',
    'failures',
    'executed_at',
    'started_at',
    'completed_at',
    'execution_time_s',
    'rows_affected',
  ],
  ...['adapter_response', 'thread_id', 'invocation_id', 'batches_successful', 'batches_failed'],
];

/** Writes the staged results of runs' own steps. */
async function upsertSteps(context: PublishContext): Promise<void> {
  const of = (row: string) => columnsOf(row, STEP_COLUMNS);
  await write(
    context,
    `with found as materialized (
      select s.run_id, s.step, n.node_id, ${of('s')}, r.executed_at as was_at
      from stage_step_result s
      join dbt_store.node n on n.integration_id = $1 and n.unique_id = s.unique_id
      left join lateral (
        select * from dbt_store.run_result o
        where o.integration_id = $1 and o.run_id = s.run_id and o.step = s.step and o.node_id = n.node_id limit 1) r on true
      where r.node_id is null or (r.executed_at <= s.executed_at and (${of('r')}) is distinct from (${of('s')}))
    ), written as (
      insert into dbt_store.run_result (integration_id, run_id, step, node_id, ${STEP_COLUMNS.join(', ')})
      select $1, run_id, step, node_id, ${STEP_COLUMNS.join(', ')} from found
      on conflict (integration_id, run_id, step, node_id) do update
        set (${STEP_COLUMNS.join(', ')}) = row(${of('excluded')})
      returning node_id, run_id, step, xmax = 0 as is_new, executed_at, status)
    insert into plan_touched (node_id, run_id, step, is_new, executed_at, status, was_at)
    select w.*, f.was_at from written w
    left join found f on f.was_at is not null and f.node_id = w.node_id and f.run_id = w.run_id and f.step = w.step`,
  );
}

/**
 * Drops what Discovery told of results that the run's own steps tell, and what it told of a run that is whole without;
 * and looks again at the nodes of runs of which it has become known whether they set the state.
 */
async function dropProvisional(context: PublishContext): Promise<number> {
  return write(
    context,
    `with whole as (
      select run_id from plan_touched where step > 0 union select run_id from stage_written_result where step > 0
      union select run_id from stage_whole_run
      union select run_id from plan_run where results_complete
    ), told as (
      delete from dbt_store.run_result o
      -- Looked up run by run: a planner that joins them reads all results there are.
      using whole cross join lateral (
        select p.step, p.node_id from dbt_store.run_result p
        where p.integration_id = $1 and p.run_id = whole.run_id and p.step <= 0 offset 0) provisional
      where o.integration_id = $1 and o.run_id = whole.run_id and o.step = provisional.step and o.node_id = provisional.node_id
        and ((o.run_id, o.node_id) in (select t.run_id, t.node_id from plan_touched t where t.step > 0
            union all select w.run_id, w.node_id from stage_written_result w where w.step > 0
            union all select w.run_id, w.node_id from (${WHOLE}) w)
          or o.run_id in (select run_id from plan_run where results_complete))
      returning o.node_id, o.run_id, o.executed_at
    ), moved as (
      select o.node_id, p.run_id, o.executed_at from plan_run p
      cross join lateral (
        select node_id, executed_at from dbt_store.run_result r
        where r.integration_id = $1 and r.run_id = p.run_id and r.step > 0 offset 0) o
      where p.moves_state
    )
    insert into plan_touched (node_id, run_id, was_at)
    select node_id, run_id, executed_at from told union select node_id, run_id, executed_at from moved`,
  );
}

const LEFT_AS_WRITTEN = `
  where exists (
      select from dbt_store.run_result r
      where r.integration_id = $1 and r.run_id = w.run_id and r.step = w.step and r.node_id = w.node_id)
    and not exists (select from plan_touched t where t.node_id = w.node_id and t.run_id = w.run_id and t.step = w.step)`;

/** Adds the results that were written ahead, but for those that went since or were written over. */
async function touchWritten({ client, integrationId }: PublishContext, isAsWritten: boolean): Promise<void> {
  const { rowCount } = await client.query(
    `insert into plan_touched (node_id, run_id, step, is_new)
    select w.node_id, w.run_id, w.step, true from stage_written_result w
    ${isAsWritten ? '' : LEFT_AS_WRITTEN}`,
    isAsWritten ? [] : [integrationId],
  );
  if (rowCount !== 0) await client.query('analyze plan_touched');
}

/** How many results were written, and how many there are to look at again, with those that went. */
interface Touched {
  readonly results: number;
  readonly touched: number;
}

/** Drops what is stored as a last success and has just come as an attempt. */
async function dropDoubled(context: PublishContext): Promise<void> {
  await write(
    context,
    `with doubled as (
      delete from dbt_store.run_result s using plan_touched t, dbt_store.run_result o
      where t.step = 0 and s.integration_id = $1 and s.run_id = t.run_id and s.step = -1 and s.node_id = t.node_id
        and o.integration_id = $1 and o.run_id = t.run_id and o.step = 0 and o.node_id = t.node_id
        and date_trunc('milliseconds', o.executed_at) = date_trunc('milliseconds', s.executed_at)
      returning s.node_id, s.run_id, s.executed_at)
    insert into plan_touched (node_id, run_id, was_at) select node_id, run_id, executed_at from doubled`,
  );
}

/** Milliseconds are what both sources tell of a check's time. */
const CHECKED_AT = "date_trunc('milliseconds', s.snapshotted_at)";

async function upsertFreshness(context: PublishContext): Promise<number> {
  return write(
    context,
    `insert into dbt_store.freshness_result as f (integration_id, node_id, snapshotted_at, status, max_loaded_at, age_s,
      warn_after_s, error_after_s, run_id)
    select $1, n.node_id, ${CHECKED_AT}, s.status, date_trunc('milliseconds', s.max_loaded_at), s.age_s, s.warn_after_s,
      s.error_after_s, s.run_id
    from stage_freshness s
    join dbt_store.node n on n.integration_id = $1 and n.unique_id = s.unique_id
    on conflict (integration_id, node_id, snapshotted_at) do update set status = excluded.status,
      max_loaded_at = excluded.max_loaded_at, age_s = excluded.age_s, warn_after_s = excluded.warn_after_s,
      error_after_s = excluded.error_after_s, run_id = coalesce(excluded.run_id, f.run_id)
    where (f.status, f.max_loaded_at, f.age_s, f.warn_after_s, f.error_after_s, f.run_id) is distinct from
      (excluded.status, excluded.max_loaded_at, excluded.age_s, excluded.warn_after_s, excluded.error_after_s,
        coalesce(excluded.run_id, f.run_id))`,
  );
}

/** What a pass told, and staged results of the same nodes that stored ones say better: the node was there all the same. */
const TOLD_SIGHTS = `
  select node_id, executed_at as at from plan_told where is_sooner and status is not null
  union all select o.node_id, s.executed_at
  from (
    select s.* from stage_any_result s
    where s.unique_id in (select unique_id from plan_told union all select unique_id from stage_written)
      and not exists (
        select from plan_told t where t.unique_id = s.unique_id and t.run_id = s.run_id and t.step = s.step) offset 0) s
  -- Few are left: each is looked up.
  cross join lateral (
    select node_id, first_seen_at from dbt_store.node where integration_id = $1 and unique_id = s.unique_id offset 0) o
  where s.executed_at < o.first_seen_at`;

const STAGED_SIGHTS = `
  select o.node_id, s.executed_at as at from stage_any_result s
  join dbt_store.node o on o.integration_id = $1 and o.unique_id = s.unique_id
  where o.node_id in (select node_id from plan_touched union all select node_id from stage_written)
    and s.executed_at < o.first_seen_at`;

/** A node was there when it was run or checked, but for one that dbt lists alone. Rows that were written ahead say it already of the results that were. */
function moveFirstSight(context: PublishContext, isTold: boolean): Promise<number> {
  return write(
    context,
    `update dbt_store.node n set first_seen_at = r.at
    from (select node_id, min(at) as at
      from (${isTold ? TOLD_SIGHTS : STAGED_SIGHTS}
        union all select o.node_id, s.snapshotted_at from stage_freshness s
          join dbt_store.node o on o.integration_id = $1 and o.unique_id = s.unique_id) told
      group by node_id) r
    where n.integration_id = $1 and n.node_id = r.node_id and r.at < n.first_seen_at and not ${isListed('n')}`,
  );
}

/**
 * Publishes results and freshness, and moves a node's first sight back to the first time it was run or checked. Leaves
 * `plan_told` where results were touched.
 */
export async function publishResults(
  context: PublishContext,
  jobId: number | null,
): Promise<Touched & { rows: number }> {
  await context.client.query(
    `create temporary table plan_touched (node_id bigint, run_id text, step integer, is_new boolean,
      executed_at timestamptz, status text, was_at timestamptz) on commit drop`,
  );
  const runs = await publishHistory(context);
  const upserted = await upsertResults(context);
  const { touched } = upserted;
  await analyzeResults(context, upserted.results);
  const freshness = await upsertFreshness(context);
  const told = touched > 0 ? await tellResults(context, jobId) : 0;
  const { nodes, isAll } = context.written;
  const results = isAll ? told : upserted.results;
  const seen = results + freshness + nodes === 0 ? 0 : await moveFirstSight(context, touched > 0 && !isAll);
  return { rows: runs + results + freshness + seen, results, touched };
}
