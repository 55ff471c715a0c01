import type { PublishContext } from './context.ts';

/** Results that set state: those of the integration's job alone, where it is narrowed to one. */
export const QUALIFIES = '(r.step <= 0 or run.sets_state) and ($2::bigint is null or run.job_id = $2)';

/** What a class of an executed result means for its node: a test that warns has found something, a model is built all the same. */
export const IS_SUCCESS = "(class = 'ok' or class = 'warn' and resource_type <> 'test')";

/** The order of a node's results `r`. Sources tell whole milliseconds, some of them more: of one time the later run counts. */
export const NEWEST_FIRST =
  "date_trunc('milliseconds', r.executed_at) desc, dbt_store.run_order(r.run_id) desc, r.run_id desc, r.step desc";

/** The first time that is later than another in this order, whatever the runs are. */
export const after = (time: string) => `date_trunc('milliseconds', ${time}) + interval '1 millisecond'`;

/** What is built, and took its time. */
export const IS_BUILT = "resource_type in ('model', 'seed', 'snapshot')";

/** Most nodes of a first pass have one result `r`; `plan_several` holds the others. */
export const IS_ONLY = 'not exists (select from plan_several s where s.node_id = r.node_id)';
export const OF_SEVERAL = 'select r.* from plan_told r join plan_several s on s.node_id = r.node_id';

/** Every result there is. */
const STORED = `
  select r.*, true as is_added, null::timestamptz as was_at, true as is_whole from dbt_store.run_result r where r.integration_id = $1`;

/** The results of runs that this pass wrote whole. */
export const WHOLE = `
  select o.* from stage_whole_run w
  cross join lateral (
    select * from dbt_store.run_result r
    where r.integration_id = $1 and r.run_id = w.run_id and r.step > 0 offset 0) o`;

/** Those that this pass wrote; of what went its node and its time alone. */
const TOUCHED = `
  select t.node_id, t.run_id, t.step, coalesce(t.status, o.status) as status,
    coalesce(t.executed_at, o.executed_at) as executed_at, null::timestamptz as started_at,
    null::timestamptz as completed_at, null::double precision as execution_time_s, null::text as message,
    null::bigint as failures, t.is_new is true and t.was_at is null as is_added, t.was_at,
    false as is_whole
  from plan_touched t
  -- Looked up for those that were written ahead: a planner that joins them reads all results there are.
  left join lateral (
    select status, executed_at from dbt_store.run_result r
    where t.executed_at is null and r.integration_id = $1 and r.run_id = t.run_id and r.step = t.step and r.node_id = t.node_id
    offset 0) o on true
  union all
  select node_id, run_id, step, status, executed_at, started_at, completed_at, execution_time_s, null, null, true, null, true
  from (${WHOLE}) whole`;

/** What was told of each node by what it counts as: the times of results, and those between which something moved. */
const CLASSES = `
  create temporary table plan_class on commit drop as
  select node_id, class, counts, is_executed, is_counted, min(resource_type) as resource_type, bool_and(is_added) as is_added,
    count(*) as results, min(executed_at) as oldest, max(executed_at) as newest,
    min(least(executed_at, was_at)) as since, max(greatest(executed_at, was_at)) as until
  from plan_told group by node_id, class, counts, is_executed, is_counted`;

/**
 * `plan_told` holds every result that was written, went or counts in another way, with its time now and before and what its
 * node and its run make of it; how it went only of a first pass, which is derived from this alone, and when and how long
 * it took of runs that were written whole (`is_whole`). Not `is_counted` are those of days whose results may have been
 * removed (retention): what was counted of them is to stay. `plan_class` sums it up, but for a first pass.
 * Gives how many there are.
 */
export async function tellResults(
  { client, integrationId, written }: PublishContext,
  jobId: number | null,
): Promise<number> {
  const { rowCount } = await client.query(
    `create temporary table plan_told on commit drop as
    select r.node_id, r.run_id, r.step, r.status, r.executed_at, r.was_at, r.is_added, r.is_whole, r.started_at, r.completed_at,
      r.execution_time_s, r.message, r.failures, n.resource_type, n.unique_id,
      ${written.isAll ? 'null::boolean' : 'r.executed_at < n.first_seen_at'} as is_sooner,
      ${QUALIFIES} as counts,
      dbt_store.result_class(r.status, n.resource_type, r.step) as class,
      dbt_store.is_executed(r.status, n.resource_type, r.step) as is_executed,
      greatest(r.executed_at, r.was_at) >= coalesce(i.counted_since, '-infinity')::timestamp at time zone 'UTC' as is_counted
    from (${written.isAll ? STORED : TOUCHED}) r
    join dbt_store.integration i on i.integration_id = $1
    join dbt_store.node n on n.integration_id = $1 and n.node_id = r.node_id
    left join dbt_store.run run on run.integration_id = $1 and run.run_id = r.run_id`,
    [integrationId, jobId],
  );
  if (!written.isAll) {
    await client.query('analyze plan_told (node_id, run_id, resource_type, executed_at, class)');
    await client.query(`${CLASSES}; analyze plan_class (node_id, class)`);
  }
  return rowCount ?? 0;
}
