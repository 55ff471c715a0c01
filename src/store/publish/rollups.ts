import type { Client } from '../pool.ts';
import { columnsOf, type PublishContext, write } from './context.ts';
import { type Rollup, STORED, TOLD } from './counted.ts';
import { after, IS_BUILT } from './told.ts';

/** From this day on all results are there; of the days before retention may have removed some. */
const WHOLE_SINCE = `(
    select coalesce(counted_since, '-infinity') from dbt_store.integration where integration_id = $1)`;

/** Results of other jobs are stored too, and are not counted. */
const IS_OF_EVERY_JOB = '(select job_id is null from dbt_store.integration where integration_id = $1)';

function insert({ table, key, facts }: Rollup, rows: string): string {
  return `
  insert into dbt_store.${table} as s (integration_id, ${[...key, ...facts].join(', ')})
  select $1, ${columnsOf('now', [...key, ...facts])} from ${rows} now`;
}

/**
 * Writes what differs alone: rows that nothing tells any more go. Of days that are not whole any more a row stays, unless
 * it is counted from more results now.
 */
function settle(rollup: Rollup): string {
  const { table, key, facts, now, asked, size } = rollup;
  return `
  with now as materialized (${now}),
  gone as (
    delete from dbt_store.${table} s using ${asked}${size ? ` and s.day >= ${WHOLE_SINCE}` : ''}
      and not exists (select from now where (${columnsOf('now', key)}) = (${columnsOf('s', key)})))
  ${insert(rollup, 'now')}
  on conflict (integration_id, ${key.join(', ')}) do update set (${facts.join(', ')}) = row(${columnsOf('excluded', facts)})
  where (${columnsOf('s', facts)}) is distinct from (${columnsOf('excluded', facts)})
    ${size ? `and (excluded.${size} > s.${size} or s.day >= ${WHOLE_SINCE})` : ''}`;
}

/** How many results the steps of runs have: they grow in number, but for those that retention removes, which were there. */
const stepResults = (counts: string) => `
  update dbt_store.run_step s set results = c.results
  from (${counts}) c
  where s.integration_id = $1 and s.run_id = c.run_id and s.step = c.step and c.results > coalesce(s.results, 0)`;

const STEP_RESULTS = stepResults(`
  select r.run_id, c.step, c.results
  from plan_counted_run r
  cross join lateral (
    select o.step, count(*)::integer as results from dbt_store.run_result o
    where not r.is_told and o.integration_id = $1 and o.run_id = r.run_id and o.step > 0
    group by o.step offset 0) c`);

const STEP_RESULTS_TOLD = stepResults(`
  select t.run_id, t.step, count(*)::integer as results
  from plan_told t join plan_counted_run r on r.run_id = t.run_id and r.is_told
  group by t.run_id, t.step`);

/** Of the runs in `plan_counted_run`; a pass that tells of no runs tells nothing of their steps. */
async function countSteps(context: PublishContext): Promise<number> {
  if (context.tally.isKnown('runs')) return 0;
  return (await write(context, STEP_RESULTS_TOLD)) + (await write(context, STEP_RESULTS));
}

/**
 * `plan_range` holds the nodes whose results may be of another class than those before them, and the times between which
 * they are. A node that goes on as its status has it, which is not to be written anew before this, is not among them.
 * Where all of them are new and later than what the status says, nothing else is looked at (`is_appended`).
 */
export async function findRanges({ client, integrationId }: PublishContext): Promise<void> {
  await client.query(
    `create temporary table plan_range on commit drop as
    select t.node_id, date_trunc('milliseconds', min(t.since) filter (where t.is_counted)) as since,
      date_trunc('milliseconds', max(t.until) filter (where t.is_counted)) as until,
      s.executed_class, case when s.executed_class is not null then s.executed_status end as executed_status,
      bool_and(t.is_added) and (s.executed_class is null
        or min(t.oldest) >= ${after('s.last_executed_at')}
          and s.executed_class = dbt_store.result_class(s.executed_status, min(t.resource_type), -1)) as is_appended
    from plan_class t
    left join dbt_store.node_status s on s.integration_id = $1 and s.node_id = t.node_id
    cross join lateral (select nullif(t.class, 'none') as class) c
    group by t.node_id, s.executed_status, s.executed_class, s.last_executed_at
    having bool_or(t.is_counted) and (not bool_and(t.is_added) or min(c.class) <> max(c.class) or (s.executed_class is null and min(c.class) in ('error', 'fail'))
      or min(c.class) <> s.executed_class or min(t.oldest) < ${after('s.last_executed_at')})`,
    [integrationId],
  );
}

/** The next result after a range is compared with the last one in it. */
const EXTEND_RANGES = `
  update plan_range p set until = next.at
  from plan_range o
  cross join lateral (
    select date_trunc('milliseconds', r.executed_at) as at from dbt_store.state_result r
    where r.integration_id = $1 and r.node_id = o.node_id and r.class <> 'none'
      and r.executed_at >= ${after('o.until')}
    order by r.executed_at limit 1) next
  where p.node_id = o.node_id and not o.is_appended`;

/**
 * `plan_counted_run` holds the runs of what was told; all results of those that were written whole are among it, and of
 * some of them one of each node (`is_once`).
 */
const RUNS_TOLD = `
  create temporary table plan_counted_run on commit drop as
  select t.run_id, w.run_id is not null as is_told, coalesce(w.is_once, false) as is_once
  from (select distinct run_id from plan_told where run_id is not null) t
  left join (
    stage_whole_run w join dbt_store.run r on r.integration_id = $1 and r.run_id = w.run_id and r.results_complete
  ) on w.run_id = t.run_id and not exists (select from stage_step_result s where s.run_id = w.run_id)`;

/**
 * `plan_day` holds the days on which something was built; of some of them all results are of runs that were written
 * whole (`is_told`): nothing was counted of them before, nor is stored that did not count.
 */
const DAYS_TOLD = `
  create temporary table plan_day on commit drop as
  select t.node_id, t.day, case when bool_and(t.is_whole) and t.day >= ${WHOLE_SINCE} and ${IS_OF_EVERY_JOB} then (
    -- A limit keeps the planner from reading the whole table.
    select true from dbt_store.node_day s where s.integration_id = $1 and s.node_id = t.node_id and s.day = t.day limit 1
  ) is null else false end as is_told
  from (
    select t.node_id, dbt_store.utc_day(a.at) as day, t.is_whole
    from plan_told t
    cross join lateral (values (t.executed_at), (t.was_at)) a (at)
    where t.${IS_BUILT} and a.at is not null) t
  group by t.node_id, t.day`;

/** Counts anew what the results of this pass are part of: their runs, their days, and where a status changed. */
export async function updateRollups(context: PublishContext): Promise<number> {
  const { client, integrationId } = context;
  await client.query(RUNS_TOLD, [integrationId]);
  await client.query(DAYS_TOLD, [integrationId]);
  await client.query(EXTEND_RANGES, [integrationId]);
  return (await countSteps(context)) + (await settleAll(context, TOLD));
}

/** Counts what a first pass told: nothing was counted before. The status of nodes is written already, and says whose changed. */
export async function countFirst(context: PublishContext): Promise<number> {
  const { client, integrationId, tally } = context;
  if (!tally.isKnown('runs')) await client.query(RUNS_TOLD, [integrationId]);
  await client.query(
    `create temporary table plan_range on commit drop as
    select node_id, true as is_appended, null::text as executed_status, null::text as executed_class from dbt_store.node_status
    where integration_id = $1 and (executed_class in ('error', 'fail') or streak_before_at is not null)`,
    [integrationId],
  );
  let rows = await countSteps(context);
  for (const rollup of STORED) rows += await write(context, insert(rollup, `(${rollup.first})`));
  return rows;
}

async function settleAll(
  context: Pick<PublishContext, 'client' | 'integrationId'>,
  rollups: readonly Rollup[],
): Promise<number> {
  let rows = 0;
  for (const rollup of rollups) rows += await write(context, settle(rollup));
  return rows;
}

/** What there is to count, but for days whose results may have been removed. */
const EVERYTHING = [
  `create temporary table plan_counted_run as
  select run_id, false as is_told from (
    select run_id, dbt_store.utc_day(min(executed_at)) as day from dbt_store.run_result where integration_id = $1 group by run_id
    union all select run_id, min(day) from dbt_store.run_count where integration_id = $1 group by run_id) run
  group by run_id having min(day) >= ${WHOLE_SINCE}`,
  `create temporary table plan_day as
  select node_id, day, false as is_told from (
    select r.node_id, dbt_store.utc_day(r.executed_at) as day
    from dbt_store.run_result r
    join dbt_store.node n on n.integration_id = $1 and n.node_id = r.node_id and n.${IS_BUILT}
    where r.integration_id = $1
    union select node_id, day from dbt_store.node_day where integration_id = $1) built
  where day >= ${WHOLE_SINCE}`,
  `create temporary table plan_range as
  select n.node_id, 'infinity'::timestamptz as until,
    -- What came before the first result that is left is not known any more.
    case when i.counted_since is null then '-infinity' else (
      select ${after('min(r.executed_at)')} from dbt_store.state_result r
      where r.integration_id = $1 and r.node_id = n.node_id and r.class <> 'none'
        and r.executed_at >= i.counted_since::timestamp at time zone 'UTC') end as since
  from dbt_store.node n join dbt_store.integration i on i.integration_id = $1 where n.integration_id = $1`,
];

/** Counts everything of an integration anew. Gives the number of rows that were not right. */
export async function rebuildRollups(client: Client, integrationId: number): Promise<number> {
  for (const statement of EVERYTHING) await client.query(statement, [integrationId]);
  const context = { client, integrationId };
  const corrected = (await write(context, STEP_RESULTS)) + (await settleAll(context, STORED));
  await client.query('drop table plan_counted_run, plan_day, plan_range');
  return corrected;
}
