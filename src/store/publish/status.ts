import type { Client } from '../pool.ts';
import { columnsOf, type PublishContext, write } from './context.ts';
import { IS_BUILT, IS_ONLY, IS_SUCCESS, NEWEST_FIRST, QUALIFIES } from './told.ts';
import { ADD_BUILDS, EXTEND, goOn, usualGap, WAYS } from './ways.ts';

const STATUS_COLUMNS = [
  'status',
  'message',
  'failures',
  'last_run_id',
  'last_run_at',
  'executed_status',
  'executed_class',
  'last_executed_at',
  'status_since',
  'failing_since',
  'since_is_exact',
  'consecutive_failures',
  'last_success_run_id',
  'last_success_at',
  'last_pass_at',
  'execution_time_s',
  'streak_before_at',
  'builds',
  'usual_gap',
];

/** What the state of nodes is made of now. */
export interface State {
  /** The job that the integration is narrowed to. */
  readonly jobId: number | null;
  /** How many results were written or went, or count in another way. */
  readonly touched: number;
  /** Whether the pass tells builds, beside results. */
  readonly areBuildsTold: boolean;
}

/** So many nodes are worth a look at which of them have one result alone. */
const MANY = 1_000;

/**
 * The status of nodes from their results, as store.md defines it. `recency` 1 is the last attempt; `streak` counts
 * results of another class that came later, so that 0 is the current streak; `trouble` counts ok and warn in the same way.
 * The planner cannot know how few results there are after a bound: it is made to look at each node's, not at all there are.
 */
const derived = (touched: string) => `
  with touched as materialized (
    select t.*, n.resource_type from (${touched}) t join dbt_store.node n on n.integration_id = $1 and n.node_id = t.node_id
  ), result as (
    select r.node_id, r.run_id, r.step, r.status, r.message, r.failures, r.executed_at, r.execution_time_s, t.resource_type,
      dbt_store.result_class(r.status, t.resource_type, r.step) as class,
      dbt_store.is_executed(r.status, t.resource_type, r.step) as executed,
      row_number() over (partition by r.node_id order by ${NEWEST_FIRST}) as recency
    from touched t
    cross join lateral (
      select * from dbt_store.run_result o
      where o.integration_id = $1 and o.node_id = t.node_id and o.executed_at >= date_trunc('milliseconds', t.bound) offset 0) r
    join dbt_store.run run on run.integration_id = $1 and run.run_id = r.run_id and ${QUALIFIES}
  ), classed as (
    select *, first_value(class) over (partition by node_id order by recency) as current_class,
      sum(case when class in ('ok', 'warn') then 1 else 0 end) over (partition by node_id order by recency) as trouble
    from result where class <> 'none'
  ), streaked as (
    select *, sum(case when class <> current_class then 1 else 0 end) over (partition by node_id order by recency) as streak
    from classed
  ), executed as (
    select node_id,
      min(current_class) as executed_class,
      min(executed_at) filter (where streak = 0) as status_since,
      (array_agg(step order by recency desc) filter (where streak = 0))[1] > 0 as since_is_exact,
      min(executed_at) filter (where trouble = 0) as failing_since,
      (count(*) filter (where trouble = 0))::integer as consecutive_failures,
      (array_agg(run_id order by recency) filter (where is_success))[1] as last_success_run_id,
      max(executed_at) filter (where is_success) as last_success_at,
      max(executed_at) filter (where class = 'ok') as last_pass_at,
      (array_agg(execution_time_s order by recency) filter (where is_success))[1] as execution_time_s,
      max(executed_at) filter (where streak > 0) as streak_before_at,
      (array_agg(executed_at order by recency) filter (where class in ('ok', 'warn') and ${IS_BUILT})) as builds
    from streaked
    cross join lateral (select ${IS_SUCCESS} as is_success) s
    group by node_id
  ), attempted as (
    select node_id, (array_agg(status order by recency) filter (where executed))[1] as executed_status,
      max(executed_at) filter (where executed) as last_executed_at
    from result group by node_id
  )
  select $1::integer as integration_id, l.node_id, l.status, l.message, l.failures, l.run_id as last_run_id,
    l.executed_at as last_run_at, a.executed_status, e.executed_class, a.last_executed_at,
    case when e.streak_before_at is null then coalesce(t.since, e.status_since) else e.status_since end as status_since, e.failing_since,
    coalesce(case when e.streak_before_at is null then t.is_exact end, e.since_is_exact, false) as since_is_exact, coalesce(e.consecutive_failures, 0) as consecutive_failures,
    e.last_success_run_id, e.last_success_at, e.last_pass_at, e.execution_time_s, e.streak_before_at,
    b.builds, ${usualGap('b.builds')} as usual_gap
  from result l
  join touched t on t.node_id = l.node_id
  left join dbt_store.node_status old on t.bound > '-infinity' and old.integration_id = $1 and old.node_id = l.node_id
  join attempted a on a.node_id = l.node_id
  left join executed e on e.node_id = l.node_id
  -- Builds that came late may be older than all that is looked at.
  cross join lateral (
    select dbt_store.newest_builds(dbt_store.newest_builds(t.builds, e.builds), old.builds) as builds offset 0) b
  where l.recency = 1`;

/** The only result of each node that has one alone, whatever it says. */
const ONLY_RESULTS = `
  select r.*, n.resource_type, dbt_store.result_class(r.status, n.resource_type, r.step) as class,
    dbt_store.is_executed(r.status, n.resource_type, r.step) as is_executed
  from plan_counted t
  join dbt_store.run_result r on r.integration_id = $1 and r.node_id = t.node_id
  join dbt_store.node n on n.integration_id = $1 and n.node_id = r.node_id
  join dbt_store.run run on run.integration_id = $1 and run.run_id = r.run_id and ${QUALIFIES}
  where t.is_single`;

/** The same of a first pass, which has told all of it. */
const ONLY_TOLD = `
  select r.* from plan_told r where r.counts and ${IS_ONLY}`;

/** The status of nodes from one result each: most of a first pass, without a look at an order. */
const derivedOnce = (results: string) => `
  select $1::integer as integration_id, node_id, status, message, failures, run_id as last_run_id, executed_at as last_run_at,
    case when is_executed then status end, case when is_classed then class end, case when is_executed then executed_at end,
    case when is_classed then executed_at end, case when is_trouble then executed_at end, is_classed and step > 0,
    is_trouble::integer, case when is_success then run_id end, case when is_success then executed_at end,
    case when class = 'ok' then executed_at end, case when is_success then execution_time_s end, null::timestamptz,
    case when class in ('ok', 'warn') and ${IS_BUILT} then array[executed_at] end, null::interval
  from (${results}) result
  cross join lateral (select class <> 'none' as is_classed, class in ('fail', 'error') as is_trouble,
    ${IS_SUCCESS} as is_success) s`;

function insert(rows: string): string {
  return `insert into dbt_store.node_status as s (integration_id, node_id, ${STATUS_COLUMNS.join(', ')})
    select * from (${rows}) derived`;
}

function upsert(rows: string): string {
  return `${insert(rows)}
    on conflict (integration_id, node_id) do update set
      ${STATUS_COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}
    where (${columnsOf('s', STATUS_COLUMNS)}) is distinct from (${columnsOf('excluded', STATUS_COLUMNS)})`;
}

/** Nodes whose whole past is looked at. */
const unbounded = (nodes: string) =>
  `select node_id, '-infinity'::timestamptz as bound, null::timestamptz as since, null::boolean as is_exact,
    null::timestamptz[] as builds from (${nodes}) one`;

/** Drops the status of nodes without a result that sets state. */
const dropped = (touched: string) => `
  delete from dbt_store.node_status s where s.integration_id = $1 and s.node_id in (${touched}) and (
    select true from dbt_store.run_result r
    join dbt_store.run run on run.integration_id = $1 and run.run_id = r.run_id and ${QUALIFIES}
    where r.integration_id = $1 and r.node_id = s.node_id limit 1) is null`;

/** Derives the status of every node anew. Gives the number of rows that were not right. */
export async function deriveAll(client: Client, integrationId: number, jobId: number | null): Promise<number> {
  const all = 'select node_id from dbt_store.node where integration_id = $1';
  const gone = await client.query(dropped(all), [integrationId, jobId]);
  const { rowCount } = await client.query(upsert(derived(unbounded(all))), [integrationId, jobId]);
  return (gone.rowCount ?? 0) + (rowCount ?? 0);
}

/** How many results a node's status is made of, where there are many nodes. */
const COUNTED = `
  create temporary table plan_counted on commit drop as
  select p.node_id, p.bound, p.since, p.is_exact, p.builds, p.bound = '-infinity' and (
    select count(*) = 1 from (
      select from dbt_store.run_result r where r.integration_id = $1 and r.node_id = p.node_id limit 2) first
    ) as is_single
  from plan_status p where p.way = 'bound'`;

/** The nodes of which a first pass told more than one result. */
const SEVERAL_TOLD = `
  create temporary table plan_several on commit drop as select node_id from plan_told group by node_id having count(*) > 1`;

async function deriveFirst(context: PublishContext, jobId: number | null): Promise<number> {
  await context.client.query(SEVERAL_TOLD);
  await context.client.query('analyze plan_several');
  return (
    (await write(context, insert(derivedOnce(ONLY_TOLD)))) +
    (await write(context, insert(derived(unbounded('select node_id from plan_several'))), [jobId]))
  );
}

async function derive(context: PublishContext, { jobId, touched, areBuildsTold }: State): Promise<number> {
  const { client, integrationId } = context;
  await client.query(WAYS, [integrationId]);
  await client.query('analyze plan_status');
  let rows = 0;
  for (const statement of [goOn(areBuildsTold), EXTEND, ADD_BUILDS]) rows += await write(context, statement);
  if (touched < MANY) {
    const bounded = "select node_id, bound, since, is_exact, builds from plan_status where way = 'bound'";
    return rows + (await write(context, upsert(derived(bounded)), [jobId]));
  }
  await client.query(COUNTED, [integrationId]);
  await client.query('analyze plan_counted');
  rows += await write(context, upsert(derivedOnce(ONLY_RESULTS)), [jobId]);
  const several = 'select node_id, bound, since, is_exact, builds from plan_counted where not is_single';
  return rows + (await write(context, upsert(derived(several)), [jobId]));
}

/** Derives the status of the nodes whose results this pass changed. */
export async function updateStatus(context: PublishContext, state: State): Promise<number> {
  if (context.written.isAll) return deriveFirst(context, state.jobId);
  // A run that turned out to set no state, or a result that its steps tell in another way, may leave a node without any.
  const gone = context.tally.isKnown('runs')
    ? 0
    : await write(context, dropped('select node_id from plan_touched'), [state.jobId]);
  return gone + (await derive(context, state));
}
