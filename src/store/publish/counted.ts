import { columnsOf } from './context.ts';
import { IS_BUILT, IS_ONLY, NEWEST_FIRST, OF_SEVERAL } from './told.ts';

/** The rows of a table that publishing derives, by what tells them. */
export interface Rollup {
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

const STORED_OF_RUNS = `
    select o.run_id, o.node_id, o.step, o.executed_at, o.started_at, o.completed_at, n.resource_type, n.unique_id,
      dbt_store.result_class(o.status, n.resource_type, o.step) as class,
      dbt_store.is_executed(o.status, n.resource_type, o.step) as is_executed
    from dbt_store.run_result o
    join dbt_store.node n on n.integration_id = $1 and n.node_id = o.node_id
    where o.integration_id = $1
      and o.run_id = any ((select array_agg(run_id) from plan_counted_run where not is_told)::text[])`;

const TOLD_OF_RUNS = `
    select r.run_id, r.node_id, r.step, r.executed_at, r.started_at, r.completed_at, r.resource_type, r.unique_id, r.class,
      r.is_executed
    from plan_told r join plan_counted_run c on c.run_id = r.run_id and c.is_told
    where r.status is not null`;

/** Of most runs each node has one result. */
const LATEST_OF_RUNS = `
  (${latest(`${STORED_OF_RUNS} union all ${TOLD_OF_RUNS} and not c.is_once`)}) union all ${TOLD_OF_RUNS} and c.is_once`;

/** The same of a first pass. */
const LATEST_TOLD = `
  select r.* from plan_told r where ${IS_ONLY}
  union all (${latest(OF_SEVERAL)})`;

const RUN_COUNTS: Rollup = {
  table: 'run_count',
  key: ['run_id', 'day', 'resource_type', 'package_name'],
  facts: ['executed', 'ok', 'warned', 'failed', 'errored', 'has_steps', 'completed_at', 'last_node_id'],
  now: runCounts(latest(STORED_OF_RUNS)),
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

/** The same of nodes with one result alone. */
const ONLY_DAYS = `
  select node_id, dbt_store.utc_day(executed_at) as day, 1 as runs, success_s as p50_s, success_s as p95_s, success_s as max_s,
    coalesce(execution_time_s, 0) as total_s, array_remove(array[success_s], null) as seconds
  from plan_told r
  cross join lateral (select case when class in ('ok', 'warn') then execution_time_s end as success_s) s
  where counts and is_executed and ${IS_BUILT} and ${IS_ONLY}`;

/** Each day is looked up: the planner does not know how few results it has. */
const STORED_OF_DAYS = `
    select p.node_id, p.day, o.class, o.is_executed, o.resource_type, o.execution_time_s
    from (select * from plan_day where not is_told) p
    cross join lateral (
      select s.* from dbt_store.state_result s
      where s.integration_id = $1 and s.node_id = p.node_id and s.executed_at >= p.day::timestamp at time zone 'UTC'
        and s.executed_at < (p.day + 1)::timestamp at time zone 'UTC' offset 0) o`;

const TOLD_OF_DAYS = `
    select p.node_id, p.day, r.class, r.is_executed, r.resource_type, r.execution_time_s
    from plan_told r
    join plan_day p on p.is_told and p.node_id = r.node_id and p.day = dbt_store.utc_day(r.executed_at)
    where r.counts and r.${IS_BUILT}`;

const NODE_DAYS: Rollup = {
  table: 'node_day',
  key: ['node_id', 'day'],
  facts: ['runs', 'p50_s', 'p95_s', 'max_s', 'total_s', 'seconds'],
  now: nodeDays(STORED_OF_DAYS),
  first: `${ONLY_DAYS} union all ${nodeDays(`
    select *, dbt_store.utc_day(executed_at) as day from (${OF_SEVERAL}) r where counts`)}`,
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
    select r.*, lead(r.status, 1, p.executed_status) over newest_first as from_status,
      lead(r.class, 1, p.executed_class) over newest_first as from_class
    from plan_range p
    join plan_told r on r.node_id = p.node_id and r.counts and r.class <> 'none'
    where p.is_appended
    window newest_first as (partition by r.node_id order by ${NEWEST_FIRST})
  ) paired
  where is_counted and class is distinct from from_class and (from_class is not null or class in ('fail', 'error'))`;

const STATUS_CHANGES: Rollup = {
  table: 'status_change',
  key: CHANGES.slice(0, 4),
  facts: CHANGES.slice(4),
  now: changesIn('plan_range'),
  first: CHANGES_APPENDED,
  asked: `plan_range p where s.integration_id = $1 and s.node_id = p.node_id and s.changed_at >= p.since
      and date_trunc('milliseconds', s.changed_at) <= p.until
      -- For the planner, which would read all there are.
      and s.changed_at >= (select min(since) from plan_range)`,
};

/** The same, of what a pass told: it is looked up only where more than that is of matter. */
const RUN_COUNTS_TOLD: Rollup = {
  ...RUN_COUNTS,
  now: runCounts(LATEST_OF_RUNS),
};

const NODE_DAYS_TOLD: Rollup = {
  ...NODE_DAYS,
  now: nodeDays(`${STORED_OF_DAYS} union all ${TOLD_OF_DAYS}`),
};

const CHANGES_TOLD: Rollup = {
  ...STATUS_CHANGES,
  now: `${changesIn('(select * from plan_range where not is_appended)')} union all ${CHANGES_APPENDED}`,
};

/** All that is counted, from what is stored and from what a pass told. */
export const STORED = [RUN_COUNTS, NODE_DAYS, STATUS_CHANGES];
export const TOLD = [RUN_COUNTS_TOLD, NODE_DAYS_TOLD, CHANGES_TOLD];
