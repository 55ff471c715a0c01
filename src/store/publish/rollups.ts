import type { Client } from '../pool.ts';
import { columnsOf, type PublishContext, write } from './context.ts';
import { IS_BUILT } from './told.ts';

/** The rows of a table that publishing derives, by what tells them. */
interface Rollup {
  readonly table: string;
  readonly key: readonly string[];
  readonly facts: readonly string[];
  /** Rows as they are to be, of the results of `asked`. */
  readonly now: string;
  /** The same of a first pass, whose results are all there are. */
  readonly first: string;
  /** Which stored rows `s` are looked at. */
  readonly asked: string;
  /** Of a day: which fact says how many results it was counted from. */
  readonly size?: string;
}

/** From this day on all results are there; of the days before retention may have removed some. */
const WHOLE_SINCE = `(
    select coalesce(min(counted_since), '-infinity') from dbt_store.integration where integration_id = $1)`;

function insert({ table, key, facts }: Rollup, rows: string): string {
  return `
  insert into dbt_store.${table} as s (integration_id, ${[...key, ...facts].join(', ')})
  select $1, ${columnsOf('now', [...key, ...facts])} from ${rows} now`;
}

/**
 * Writes what differs alone: rows that nothing tells any more go. Of days that are not whole any more a row stays, unless
 * it is counted from as many results again.
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
    ${size ? `and (excluded.${size} >= s.${size} or s.day >= ${WHOLE_SINCE})` : ''}`;
}

/** The latest executed result of each node in a run. */
const latest = (results: string) => `
  select distinct on (r.run_id, r.node_id) r.* from (${results}) r
  order by r.run_id, r.node_id, r.is_executed desc, r.executed_at desc, r.step desc`;

/** A run's nodes by the latest result of each. */
const runCounts = (results: string) => `
  with latest as materialized (
    select run_id, dbt_store.utc_day(executed_at) as day, resource_type, split_part(unique_id, '.', 2) as package_name,
      node_id, unique_id, step, is_executed, case when is_executed then class end as class,
      case when is_executed and started_at is not null then completed_at end as completed_at
    from (${results}) r
  ), counted as (
    select run_id, day, resource_type, package_name, (count(*) filter (where is_executed))::integer as executed,
      (count(*) filter (where class = 'ok'))::integer as ok, (count(*) filter (where class = 'warn'))::integer as warned,
      (count(*) filter (where class = 'fail'))::integer as failed, (count(*) filter (where class = 'error'))::integer as errored,
      bool_or(step > 0) as has_steps, max(completed_at) as completed_at
    from latest group by run_id, day, resource_type, package_name
  ), last as (
    select distinct on (run_id, day, resource_type, package_name) run_id, day, resource_type, package_name, node_id
    from latest where completed_at in (select completed_at from counted)
    order by run_id, day, resource_type, package_name, completed_at desc, unique_id collate "C" desc
  )
  select c.*, l.node_id as last_node_id
  from counted c left join last l using (run_id, day, resource_type, package_name)`;

/** The same of a first pass, most of whose nodes have one result alone. */
const LATEST_TOLD = `
  select r.* from plan_told r where not exists (select from plan_several s where s.node_id = r.node_id)
  union all (${latest('select r.* from plan_told r join plan_several s on s.node_id = r.node_id')})`;

const RUN_COUNTS: Rollup = {
  table: 'run_count',
  key: ['run_id', 'day', 'resource_type', 'package_name'],
  facts: ['executed', 'ok', 'warned', 'failed', 'errored', 'has_steps', 'completed_at', 'last_node_id'],
  now: runCounts(
    latest(`
    select o.run_id, o.node_id, o.step, o.executed_at, o.started_at, o.completed_at, n.resource_type, n.unique_id,
      dbt_store.result_class(o.status, n.resource_type, o.step) as class,
      dbt_store.is_executed(o.status, n.resource_type, o.step) as is_executed
    from dbt_store.run_result o
    join dbt_store.node n on n.integration_id = $1 and n.node_id = o.node_id
    where o.integration_id = $1 and o.run_id = any ((select array_agg(run_id) from plan_counted_run)::text[])`),
  ),
  first: runCounts(LATEST_TOLD),
  asked: 'plan_counted_run r where s.integration_id = $1 and s.run_id = r.run_id',
  size: 'executed',
};

/** What was built on a day, and how long it took: `seconds` are those of successes. */
const nodeDays = (results: string) => `
  select node_id, day, count(*)::integer as runs, percentile_cont(0.5) within group (order by success_s) as p50_s,
    percentile_cont(0.95) within group (order by success_s) as p95_s, max(success_s) as max_s,
    coalesce(sum(execution_time_s order by execution_time_s), 0) as total_s,
    coalesce(array_agg(success_s order by success_s) filter (where success_s is not null), '{}') as seconds
  from (
    select r.node_id, r.day, r.execution_time_s, case when r.class in ('ok', 'warn') then r.execution_time_s end as success_s
    from (${results}) r where r.is_executed and r.${IS_BUILT}
  ) executed
  group by node_id, day`;

const NODE_DAYS: Rollup = {
  table: 'node_day',
  key: ['node_id', 'day'],
  facts: ['runs', 'p50_s', 'p95_s', 'max_s', 'total_s', 'seconds'],
  // Each day is looked up: the planner does not know how few results it has.
  now: nodeDays(`
    select o.*, p.day from plan_day p
    cross join lateral (
      select s.* from dbt_store.state_result s
      where s.integration_id = $1 and s.node_id = p.node_id and s.executed_at >= p.day::timestamp at time zone 'UTC'
        and s.executed_at < (p.day + 1)::timestamp at time zone 'UTC' offset 0) o`),
  first: nodeDays('select *, dbt_store.utc_day(executed_at) as day from plan_told where counts'),
  asked: 'plan_day p where s.integration_id = $1 and s.node_id = p.node_id and s.day = p.day',
  size: 'runs',
};

const CHANGES = ['node_id', 'changed_at', 'run_id', 'step', 'from_status', 'from_class', 'to_status', 'to_class'];

const changesIn = (ranges: string) => `
  select ${columnsOf('c', CHANGES)} from ${ranges} p
  cross join lateral dbt_store.status_change_of($1, p.node_id, p.since, p.until) c`;

/** What was told after everything that the status says. */
const CHANGES_APPENDED = `
  select node_id, executed_at as changed_at, run_id, step, from_status, from_class, status as to_status, class as to_class
  from (
    select r.*, lag(r.status, 1, p.executed_status) over consecutive as from_status,
      lag(r.class, 1, p.executed_class) over consecutive as from_class
    from plan_range p
    join plan_told r on r.node_id = p.node_id and r.counts and r.class <> 'none' and r.is_counted
    where p.is_appended
    window consecutive as (partition by r.node_id
      order by date_trunc('milliseconds', r.executed_at), dbt_store.run_order(r.run_id), r.run_id, r.step)
  ) paired
  where class is distinct from from_class and (from_class is not null or class in ('fail', 'error'))`;

const STATUS_CHANGES: Rollup = {
  table: 'status_change',
  key: CHANGES.slice(0, 4),
  facts: CHANGES.slice(4),
  now: changesIn('plan_range'),
  first: changesIn('plan_range'),
  asked: `plan_range p where s.integration_id = $1 and s.node_id = p.node_id and s.changed_at >= p.since
      and date_trunc('milliseconds', s.changed_at) <= p.until`,
};

/** Those that a pass told, each in its way. */
const CHANGES_TOLD: Rollup = {
  ...STATUS_CHANGES,
  now: `${changesIn('(select * from plan_range where not is_appended)')} union all ${CHANGES_APPENDED}`,
};

/** How many results the steps of these runs have. */
const STEP_RESULTS = `
  update dbt_store.run_step s set results = c.results
  from plan_counted_run r
  cross join lateral (
    select o.step, count(*)::integer as results from dbt_store.run_result o
    where o.integration_id = $1 and o.run_id = r.run_id and o.step > 0
    group by o.step offset 0) c
  where s.integration_id = $1 and s.run_id = r.run_id and s.step = c.step and s.results is distinct from c.results`;

/**
 * `plan_range` holds the nodes whose results may be of another class than those before them, and the times between which
 * they are. A node that goes on as its status has it, which is not to be written anew before this, is not among them.
 * Where all of them are new and later than what the status says, nothing else is looked at (`is_appended`).
 */
export async function findRanges({ client, integrationId }: PublishContext): Promise<void> {
  await client.query(
    `create temporary table plan_range on commit drop as
    select t.node_id, date_trunc('milliseconds', min(least(t.executed_at, t.was_at))) as since,
      date_trunc('milliseconds', max(greatest(t.executed_at, t.was_at))) as until,
      s.executed_class, case when s.executed_class is not null then s.executed_status end as executed_status,
      bool_and(t.is_added) and (s.executed_class is null
        or min(t.executed_at) >= date_trunc('milliseconds', s.last_executed_at) + interval '1 millisecond'
          and s.executed_class = dbt_store.result_class(s.executed_status, min(t.resource_type), -1)) as is_appended
    from plan_told t
    left join dbt_store.node_status s on s.integration_id = $1 and s.node_id = t.node_id
    cross join lateral (select nullif(t.class, 'none') as class) c
    where t.is_counted
    group by t.node_id, s.executed_status, s.executed_class, s.last_executed_at
    having not bool_and(t.is_added) or count(distinct c.class) > 1 or (s.executed_class is null and min(c.class) in ('error', 'fail'))
      or min(c.class) <> s.executed_class or min(t.executed_at) <= s.last_executed_at`,
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
      and r.executed_at >= o.until + interval '1 millisecond'
    order by r.executed_at limit 1) next
  where p.node_id = o.node_id and not o.is_appended`;

const RUNS_TOLD = `
  create temporary table plan_counted_run on commit drop as
  select distinct run_id from plan_told where run_id is not null`;

/** Counts anew what the results of this pass are part of: their runs, their days, and where a status changed. */
export async function updateRollups(context: PublishContext): Promise<number> {
  const { client, integrationId } = context;
  await client.query(RUNS_TOLD);
  await client.query(
    `create temporary table plan_day on commit drop as
    select distinct t.node_id, dbt_store.utc_day(a.at) as day
    from plan_told t
    cross join lateral (values (t.executed_at), (t.was_at)) a (at)
    where t.${IS_BUILT} and a.at is not null`,
  );
  await client.query(EXTEND_RANGES, [integrationId]);
  return settleAll(context, [RUN_COUNTS, NODE_DAYS, CHANGES_TOLD]);
}

/** Counts what a first pass told: nothing was counted before. The status of nodes is written already, and says whose changed. */
export async function countFirst(context: PublishContext): Promise<number> {
  const { client, integrationId, tally } = context;
  await client.query(
    `create temporary table plan_range on commit drop as
    select node_id, '-infinity'::timestamptz as since, 'infinity'::timestamptz as until from dbt_store.node_status
    where integration_id = $1 and (executed_class in ('error', 'fail') or streak_before_at is not null)`,
    [integrationId],
  );
  let rows = 0;
  if (!tally.isKnown('runs')) {
    await client.query(RUNS_TOLD);
    rows += await write(context, STEP_RESULTS);
  }
  for (const rollup of [RUN_COUNTS, NODE_DAYS, STATUS_CHANGES])
    rows += await write(context, insert(rollup, `(${rollup.first})`));
  return rows;
}

async function settleAll(
  context: Pick<PublishContext, 'client' | 'integrationId'>,
  rollups: readonly Rollup[],
): Promise<number> {
  let rows = await write(context, STEP_RESULTS);
  for (const rollup of rollups) rows += await write(context, settle(rollup));
  return rows;
}

/** What there is to count. Changes of status before retention removed results stay as they are. */
const EVERYTHING = [
  `create temporary table plan_counted_run as
  select run_id from dbt_store.run_result where integration_id = $1
  union select run_id from dbt_store.run_count where integration_id = $1`,
  `create temporary table plan_day as
  select r.node_id, dbt_store.utc_day(r.executed_at) as day
  from dbt_store.run_result r
  join dbt_store.node n on n.integration_id = $1 and n.node_id = r.node_id and n.${IS_BUILT}
  where r.integration_id = $1
  union select node_id, day from dbt_store.node_day where integration_id = $1`,
  `create temporary table plan_range as
  select n.node_id, coalesce(i.counted_since::timestamp at time zone 'UTC', '-infinity') as since, 'infinity'::timestamptz as until
  from dbt_store.node n join dbt_store.integration i on i.integration_id = $1 where n.integration_id = $1`,
];

/** Counts everything of an integration anew. Gives the number of rows that were not right. */
export async function rebuildRollups(client: Client, integrationId: number): Promise<number> {
  for (const statement of EVERYTHING) await client.query(statement, [integrationId]);
  const corrected = await settleAll({ client, integrationId }, [RUN_COUNTS, NODE_DAYS, STATUS_CHANGES]);
  await client.query('drop table plan_counted_run, plan_day, plan_range');
  return corrected;
}
