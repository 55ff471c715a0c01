import type { Client } from '../pool.ts';
import { columnsOf, type PublishContext, write } from './context.ts';

/** The rows of a table that publishing derives, by what tells them. */
interface Rollup {
  readonly table: string;
  readonly key: readonly string[];
  readonly facts: readonly string[];
  /** Rows as they are to be; their key begins with columns of `asked`. */
  readonly now: string;
  /** Which stored rows `s` are looked at. */
  readonly asked: string;
}

/** Writes what differs alone: rows that nothing tells any more go. */
const settle = ({ table, key, facts, now, asked }: Rollup) => `
  with now as materialized (${now}),
  gone as (
    delete from dbt_store.${table} s using ${asked}
      and not exists (select from now where (${columnsOf('now', key)}) = (${columnsOf('s', key)})))
  insert into dbt_store.${table} as s (integration_id, ${[...key, ...facts].join(', ')})
  select $1, ${columnsOf('now', [...key, ...facts])} from now
  on conflict (integration_id, ${key.join(', ')}) do update set (${facts.join(', ')}) = row(${columnsOf('excluded', facts)})
  where (${columnsOf('s', facts)}) is distinct from (${columnsOf('excluded', facts)})`;

const RUN_COUNTS = settle({
  table: 'run_count',
  key: ['run_id', 'day', 'resource_type', 'package_name'],
  facts: ['executed', 'ok', 'warned', 'failed', 'errored', 'has_steps', 'completed_at', 'last_node_id'],
  now: 'select * from dbt_store.run_count_of($1, (select array_agg(run_id) from plan_counted_run))',
  asked: 'plan_counted_run r where s.integration_id = $1 and s.run_id = r.run_id',
});

const NODE_DAYS = settle({
  table: 'node_day',
  key: ['node_id', 'day'],
  facts: ['runs', 'p50_s', 'p95_s', 'max_s', 'total_s', 'seconds'],
  now: `select d.* from plan_day p cross join lateral dbt_store.node_day_of($1, p.node_id, p.day) d`,
  asked: 'plan_day p where s.integration_id = $1 and s.node_id = p.node_id and s.day = p.day',
});

const STATUS_CHANGES = settle({
  table: 'status_change',
  key: ['node_id', 'changed_at', 'run_id', 'step'],
  facts: ['from_status', 'from_class', 'to_status', 'to_class'],
  now: `select c.* from plan_range p cross join lateral dbt_store.status_change_of($1, p.node_id, p.since, p.until) c`,
  asked: `plan_range p where s.integration_id = $1 and s.node_id = p.node_id and s.changed_at >= p.since
      and date_trunc('milliseconds', s.changed_at) <= p.until`,
});

/** How many results the steps of these runs have. */
const STEP_RESULTS = `
  update dbt_store.run_step s set results = c.results
  from (
    select o.run_id, o.step, count(*)::integer as results
    from plan_counted_run r
    join dbt_store.run_result o on o.integration_id = $1 and o.run_id = r.run_id and o.step > 0
    group by o.run_id, o.step) c
  where s.integration_id = $1 and s.run_id = c.run_id and s.step = c.step and s.results is distinct from c.results`;

/**
 * `plan_told` holds every result that was written, went or counts in another way, with its time now and before; of days
 * whose results may have been removed (retention) none, for what was counted of them is to stay.
 */
async function tell({ client, integrationId, written }: PublishContext): Promise<void> {
  const from = written.isAll
    ? 'select node_id, run_id, step, status, true as is_added, executed_at as at, null::timestamptz as was_at from dbt_store.run_result where integration_id = $1'
    : `select t.node_id, t.run_id, t.step, coalesce(t.status, r.status), t.is_new is true and t.was_at is null,
        coalesce(t.executed_at, r.executed_at), t.was_at
      from plan_touched t
      left join dbt_store.run_result r on t.executed_at is null
        and r.integration_id = $1 and r.run_id = t.run_id and r.step = t.step and r.node_id = t.node_id`;
  await client.query(
    `create temporary table plan_told on commit drop as
    select t.* from (${from}) t (node_id, run_id, step, status, is_added, at, was_at)
    join dbt_store.integration i on i.integration_id = $1
    where greatest(t.at, t.was_at) >= coalesce(i.counted_since, '-infinity')::timestamp at time zone 'UTC'`,
    [integrationId],
  );
  await client.query('analyze plan_told');
}

/**
 * `plan_range` holds the nodes whose results may be of another class than those before them, and the times between which
 * they are. A node that goes on as its status has it, which is not yet written anew, is not among them.
 */
async function findRanges({ client, integrationId }: PublishContext): Promise<void> {
  await client.query(
    `create temporary table plan_range on commit drop as
    select t.node_id, date_trunc('milliseconds', min(least(t.at, t.was_at))) as since,
      date_trunc('milliseconds', max(greatest(t.at, t.was_at))) as until
    from plan_told t
    join dbt_store.node n on n.integration_id = $1 and n.node_id = t.node_id
    left join dbt_store.node_status s on s.integration_id = $1 and s.node_id = t.node_id
    cross join lateral (select nullif(dbt_store.result_class(t.status, n.resource_type, t.step), 'none') as class) c
    group by t.node_id, s.executed_class, s.last_executed_at
    having not bool_and(t.is_added) or count(distinct c.class) > 1 or (s.executed_class is null and min(c.class) in ('error', 'fail'))
      or min(c.class) <> s.executed_class or min(t.at) <= s.last_executed_at`,
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
  where p.node_id = o.node_id`;

/** Looks at what results tell before the status of nodes is written anew. */
export async function planRollups(context: PublishContext): Promise<void> {
  await tell(context);
  await findRanges(context);
}

/** Counts anew what the results of this pass are part of: their runs, their days, and where a status changed. */
export async function updateRollups(context: PublishContext): Promise<number> {
  const { client, integrationId } = context;
  await client.query(
    'create temporary table plan_counted_run on commit drop as select distinct run_id from plan_told where run_id is not null',
  );
  await client.query(
    `create temporary table plan_day on commit drop as
    select distinct t.node_id, dbt_store.utc_day(a.at) as day
    from plan_told t
    cross join lateral (values (t.at), (t.was_at)) a (at)
    join dbt_store.node n on n.integration_id = $1 and n.node_id = t.node_id
      and n.resource_type in ('model', 'seed', 'snapshot')
    where a.at is not null`,
    [integrationId],
  );
  await client.query(EXTEND_RANGES, [integrationId]);
  return writeRollups(context);
}

async function writeRollups(context: Pick<PublishContext, 'client' | 'integrationId'>): Promise<number> {
  let rows = 0;
  for (const statement of [RUN_COUNTS, STEP_RESULTS, NODE_DAYS, STATUS_CHANGES])
    rows += await write(context, statement);
  return rows;
}

/** What there is to count, but for days whose results may have been removed. */
const EVERYTHING = [
  `create temporary table plan_counted_run as
  select run_id from (
    select run_id, dbt_store.utc_day(min(executed_at)) as day from dbt_store.run_result where integration_id = $1 group by run_id
    union all select run_id, min(day) from dbt_store.run_count where integration_id = $1 group by run_id) run
  group by run_id having min(day) >= (select coalesce(counted_since, '-infinity') from dbt_store.integration where integration_id = $1)`,
  `create temporary table plan_day as
  select node_id, day from (
    select r.node_id, dbt_store.utc_day(r.executed_at) as day
    from dbt_store.run_result r
    join dbt_store.node n on n.integration_id = $1 and n.node_id = r.node_id and n.resource_type in ('model', 'seed', 'snapshot')
    where r.integration_id = $1
    union select node_id, day from dbt_store.node_day where integration_id = $1) built
  where day >= (select coalesce(counted_since, '-infinity') from dbt_store.integration where integration_id = $1)`,
  `create temporary table plan_range as
  select n.node_id, 'infinity'::timestamptz as until,
    -- What came before the first result that is left is not known any more.
    case when i.counted_since is null then '-infinity' else (
      select date_trunc('milliseconds', min(r.executed_at)) + interval '1 millisecond' from dbt_store.state_result r
      where r.integration_id = $1 and r.node_id = n.node_id and r.class <> 'none'
        and r.executed_at >= i.counted_since::timestamp at time zone 'UTC') end as since
  from dbt_store.node n join dbt_store.integration i on i.integration_id = $1 where n.integration_id = $1`,
];

/** Counts everything of an integration anew. Gives the number of rows that were not right. */
export async function rebuildRollups(client: Client, integrationId: number): Promise<number> {
  for (const statement of EVERYTHING) await client.query(statement, [integrationId]);
  const corrected = await writeRollups({ client, integrationId });
  await client.query('drop table plan_counted_run, plan_day, plan_range');
  return corrected;
}
