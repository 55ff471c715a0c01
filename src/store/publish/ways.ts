import { isBuildTold, isCodeTold } from './builds.ts';
import { after, IS_BUILT, IS_SUCCESS, NEWEST_FIRST } from './told.ts';

/** The usual time between builds, newest first; a function of its own would take three times as long. */
export const usualGap = (builds: string) => `case when cardinality(${builds}) >= 3 then (
    select percentile_cont(0.5) within group (order by later - earlier)
    from unnest(${builds}[:cardinality(${builds}) - 1], ${builds}[2:]) gap (later, earlier)) end`;

/**
 * How much of a node's past has to be looked at. New results that are later than everything that the status says and of its
 * class go on with it (`later`), and the past is of no matter; those that are older than all of it move
 * nothing (`none`), or only the beginning of a streak of successes that nothing came before (`earlier`); with others it
 * is enough to look back to `bound`, before which nothing is of matter but the beginning of such a streak, which goes on
 * when all of them are later than its last success (`since`); else at all of them: of two of one time the beginning is
 * that of the earlier run. Results that were changed or went may matter wherever they are.
 */
export const WAYS = `
  create temporary table plan_status on commit drop as
  with touched as materialized (
    select node_id, bool_and(is_added) as is_added, max(newest) filter (where counts) as newest,
      min(oldest) filter (where counts) as oldest,
      min(class) filter (where counts and class <> 'none') as least_class,
      max(class) filter (where counts and class <> 'none') as greatest_class,
      max(newest) filter (where counts and is_executed) as last_executed_at,
      max(newest) filter (where counts and ${IS_SUCCESS}) as last_success_at,
      max(newest) filter (where counts and class = 'ok') as last_pass_at,
      max(newest) filter (where counts and class = 'warn') as last_warning_at,
      max(newest) filter (where counts and class = 'fail') as last_failure_at,
      max(newest) filter (where counts and class = 'error') as last_error_at,
      coalesce(sum(results) filter (where counts and class in ('fail', 'error')), 0)::integer as failures,
      bool_and(class in ('ok', 'none')) filter (where counts) as is_ok,
      min(oldest) filter (where counts and class = 'ok') as oldest_ok
    from plan_class group by node_id
  ), edge as materialized (
    select node_id, date_trunc('milliseconds', newest) as newest, date_trunc('milliseconds', last_executed_at) as executed,
      date_trunc('milliseconds', last_success_at) as success, ${after('oldest_ok')} as after_oldest_ok
    from touched
  ), result as (
    select r.*, row_number() over newest_first as recency, count(*) filter (where is_success) over newest_first as success,
      count(*) filter (where is_executed) over newest_first as execution
    from (
      select r.*, ${IS_SUCCESS} as is_success from plan_told r join edge e on e.node_id = r.node_id
      where r.counts and (r.executed_at >= e.newest or r.executed_at >= e.executed and r.is_executed
        or r.executed_at >= e.success and ${IS_SUCCESS} or r.executed_at < e.after_oldest_ok and r.class = 'ok')) r
    window newest_first as (partition by r.node_id order by ${NEWEST_FIRST} rows unbounded preceding)
  ), last as (
    select node_id, max(run_id) filter (where recency = 1) as last_run_id, max(step) filter (where recency = 1) as last_step,
      max(status) filter (where is_executed and execution = 1) as executed_status,
      max(run_id) filter (where is_success and success = 1) as success_run_id,
      max(step) filter (where is_success and success = 1) as success_step,
      bool_or(is_success) filter (where recency = 1) as is_success,
      (max(array[recency, step]) filter (where class = 'ok'))[2]::integer as oldest_step
    from result group by node_id
  ), built as (
    select node_id, array_agg(distinct executed_at order by executed_at desc) as builds
    from plan_told where counts and class in ('ok', 'warn') and ${IS_BUILT} group by node_id
  )
  select t.node_id, t.oldest_ok, l.oldest_step, k.builds, l.last_run_id, l.last_step, l.executed_status, t.last_executed_at,
    l.success_run_id, l.success_step, l.is_success, t.last_success_at, t.last_pass_at, t.failures, coalesce(greatest(b.bound, told.bound), case when b.goes_on then s.last_pass_at end, '-infinity') as bound,
    case when b.goes_on then s.status_since end as since, case when b.goes_on then s.since_is_exact end as is_exact,
    case
      when not t.is_added then 'bound'
      when t.newest is null then 'none'
      when t.oldest >= ${after('s.last_run_at')}
        and (t.least_class is null or t.least_class = s.executed_class and t.greatest_class = s.executed_class) then 'later'
      when t.newest < date_trunc('milliseconds', b.bound) then 'none'
      when t.is_ok and s.executed_class = 'ok' and s.streak_before_at is null
        and date_trunc('milliseconds', t.oldest_ok) is distinct from date_trunc('milliseconds', s.status_since)
        and t.newest < date_trunc('milliseconds', least(s.last_run_at, s.last_executed_at, s.last_pass_at)) then 'earlier'
      else 'bound'
    end as way
  from touched t
  left join last l on l.node_id = t.node_id
  left join built k on k.node_id = t.node_id
  left join dbt_store.node_status s on s.integration_id = $1 and s.node_id = t.node_id
  cross join lateral (select
    case when t.is_added and (s.streak_before_at, s.last_success_at, s.last_pass_at, s.last_executed_at) is not null
      then least(s.streak_before_at, s.last_success_at, s.last_pass_at) end as bound,
    t.is_added and s.executed_class = 'ok' and s.streak_before_at is null
      and t.oldest >= ${after('s.last_pass_at')} as goes_on) b
  -- What was told reaches back as far itself when a success, a pass and results of two classes are among it.
  cross join lateral (select
    case when t.is_added and t.least_class < t.greatest_class and (t.last_success_at, t.last_pass_at) is not null then (
      select least(c.at, t.last_success_at, t.last_pass_at)
      from unnest(array[t.last_pass_at, t.last_warning_at, t.last_failure_at, t.last_error_at]) c (at)
      where c.at is not null order by c.at desc offset 1 limit 1) end as bound) told`;

const TOLD = `,
    build_told_at = case when ${isBuildTold('s')} then b.at else s.build_told_at end,
    code_told_at = case when ${isCodeTold('s')} then b.at else s.code_told_at end`;
const BUILDS = '((p.builds || s.builds)[:20])';
/**
 * What is said of the last attempt, the last execution and the last success moves on; where the streak began stays. When
 * their build was told again is written with it, in a pass that tells builds.
 */
export const goOn = (areBuildsTold: boolean) => `
  update dbt_store.node_status s set
    status = l.status, message = l.message, failures = l.failures, last_run_id = l.run_id, last_run_at = l.executed_at,
    executed_status = coalesce(p.executed_status, s.executed_status),
    last_executed_at = coalesce(p.last_executed_at, s.last_executed_at),
    consecutive_failures = s.consecutive_failures + p.failures,
    last_success_run_id = coalesce(p.success_run_id, s.last_success_run_id),
    last_success_at = coalesce(p.last_success_at, s.last_success_at), last_pass_at = coalesce(p.last_pass_at, s.last_pass_at),
    execution_time_s = case when p.success_run_id is null then s.execution_time_s when p.is_success then l.execution_time_s
      else k.execution_time_s end,
    builds = ${BUILDS}, usual_gap = case when p.builds is null then s.usual_gap else ${usualGap(BUILDS)} end
    ${areBuildsTold ? TOLD : ''}
  from plan_status p
  join dbt_store.node n on n.integration_id = $1 and n.node_id = p.node_id
  join dbt_store.run_result l on l.integration_id = $1 and l.run_id = p.last_run_id and l.step = p.last_step and l.node_id = p.node_id
  left join lateral (
    select execution_time_s from dbt_store.run_result r
    where not p.is_success and r.integration_id = $1 and r.run_id = p.success_run_id and r.step = p.success_step
      and r.node_id = p.node_id offset 0) k on true
  ${areBuildsTold ? 'left join stage_build b on b.unique_id = n.unique_id and b.at is not null and exists (select from plan_pass where is_current)' : ''}
  where s.integration_id = $1 and s.node_id = p.node_id and p.way = 'later'`;

/** The streak of successes began earlier than was known. */
export const EXTEND = `
  update dbt_store.node_status s set status_since = p.oldest_ok, since_is_exact = p.oldest_step > 0
  from plan_status p
  where s.integration_id = $1 and s.node_id = p.node_id and p.way = 'earlier' and p.oldest_ok < s.status_since`;

/** Late builds that are among the last 20 all the same. */
export const ADD_BUILDS = `
  update dbt_store.node_status s set builds = n.builds, usual_gap = ${usualGap('n.builds')}
  from plan_status p, lateral (
    select dbt_store.newest_builds(p.builds, o.builds) as builds from dbt_store.node_status o
    where o.integration_id = $1 and o.node_id = p.node_id offset 0) n
  where s.integration_id = $1 and s.node_id = p.node_id and p.way in ('none', 'earlier') and p.builds is not null
    and s.builds is distinct from n.builds`;
