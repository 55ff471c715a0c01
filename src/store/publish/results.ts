import { type PublishContext, write } from './context.ts';

/** Above this many results the planner is told of them at once, or it would take a new integration for empty. */
const ANALYZE_RESULTS = 1_000;

/** The runs that results and freshness checks speak of. What Discovery does not tell of a run stays null. */
async function insertRuns(context: PublishContext): Promise<number> {
  return write(
    context,
    `insert into dbt_store.run as r (integration_id, run_id, job_id, environment_id)
    select distinct on (s.run_id) $1, s.run_id, s.job_id, i.environment_id
    from (select run_id, job_id from stage_result
      union all select run_id, job_id from stage_freshness where run_id is not null) s
    join dbt_store.integration i on i.integration_id = $1
    order by s.run_id, s.job_id nulls last
    on conflict (integration_id, run_id) do update set job_id = excluded.job_id
    where r.job_id is null and excluded.job_id is not null`,
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
    `with written as (
      insert into dbt_store.run_result (integration_id, run_id, step, node_id, status, message, failures, executed_at,
        started_at, completed_at, execution_time_s)
      select $1, s.run_id, s.step, n.node_id, s.status, s.message, s.failures, s.executed_at, s.started_at, s.completed_at,
        s.execution_time_s
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
      on conflict (integration_id, run_id, step, node_id) do update set status = excluded.status, message = excluded.message,
        failures = excluded.failures, executed_at = excluded.executed_at, started_at = excluded.started_at,
        completed_at = excluded.completed_at, execution_time_s = excluded.execution_time_s
      returning node_id, run_id, step)
    insert into plan_touched select node_id, run_id, step from written`,
    [step],
  );
}

/**
 * Writes the last attempt (step 0) and the last success (step -1) of each node, in this order: a last success that is
 * stored as an attempt is the same result, but an attempt may just have given way to a later one of the same run.
 * `plan_touched` holds the nodes whose results changed.
 */
async function upsertResults(context: PublishContext): Promise<number> {
  await upsertStep(context, 0);
  await upsertStep(context, -1);
  await context.client.query('analyze plan_touched');
  if (!context.written.isAll) await dropDoubled(context);
  const { rows } = await context.client.query<{ count: number }>('select count(*)::integer as count from plan_touched');
  return rows[0]?.count ?? 0;
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
      returning s.node_id)
    insert into plan_touched select node_id from doubled`,
  );
}

async function upsertFreshness(context: PublishContext): Promise<number> {
  return write(
    context,
    `insert into dbt_store.freshness_result as f (integration_id, node_id, snapshotted_at, status, max_loaded_at, age_s,
      warn_after_s, error_after_s, run_id)
    select $1, n.node_id, s.snapshotted_at, s.status, s.max_loaded_at, s.age_s, s.warn_after_s, s.error_after_s, s.run_id
    from stage_freshness s
    join dbt_store.node n on n.integration_id = $1 and n.unique_id = s.unique_id
    on conflict (integration_id, node_id, snapshotted_at) do update set status = excluded.status,
      max_loaded_at = excluded.max_loaded_at, age_s = excluded.age_s, warn_after_s = excluded.warn_after_s,
      error_after_s = excluded.error_after_s, run_id = excluded.run_id
    where (f.status, f.max_loaded_at, f.age_s, f.warn_after_s, f.error_after_s, f.run_id) is distinct from
      (excluded.status, excluded.max_loaded_at, excluded.age_s, excluded.warn_after_s, excluded.error_after_s, excluded.run_id)`,
  );
}

/** Publishes results and freshness, and moves a node's first sight back to the first time it was run. */
export async function publishResults(context: PublishContext): Promise<{ rows: number; results: number }> {
  await context.client.query(
    'create temporary table plan_touched (node_id bigint, run_id text, step integer) on commit drop',
  );
  const runs = await insertRuns(context);
  const results = await upsertResults(context);
  if (results > ANALYZE_RESULTS) {
    await context.client.query(
      'analyze dbt_store.run, dbt_store.run_result (integration_id, run_id, step, node_id, executed_at)',
    );
  }
  const freshness = await upsertFreshness(context);
  // Rows that were written with all the results of their nodes say it already.
  const { written, tally } = context;
  const isSaid = written.isAll && tally.isKnown('definitions') && !written.hasLateResults;
  const seen =
    isSaid || results === 0
      ? 0
      : await write(
          context,
          `update dbt_store.node n set first_seen_at = r.at
    from (select o.node_id, min(s.executed_at) as at from stage_result s
      join dbt_store.node o on o.integration_id = $1 and o.unique_id = s.unique_id
      where s.executed_at < o.first_seen_at group by o.node_id) r
    where n.integration_id = $1 and n.node_id = r.node_id`,
        );
  return { rows: runs + results + freshness + seen, results };
}
