import { columnsOf, type PublishContext, write } from './context.ts';

async function upsertJobs(context: PublishContext): Promise<number> {
  const names = ['name', 'job_type', 'environment_id', 'schedule', 'steps', 'deactivated'];
  const of = (row: string) => columnsOf(row, names);
  return write(
    context,
    `insert into dbt_store.job as j (integration_id, job_id, ${names.join(', ')})
    select distinct on (s.job_id) $1, s.job_id, ${of('s')} from stage_job s order by s.job_id
    on conflict (integration_id, job_id) do update set (${names.join(', ')}) = row(${of('excluded')})
    where (${of('j')}) is distinct from (${of('excluded')})`,
  );
}

/** What a later statement about a run adds to; what it does not tell stays. */
const FACTS = [
  ...['job_id', 'environment_id', 'status', 'cause', 'reason', 'git_sha', 'git_branch', 'dbt_version', 'created_at'],
  ...['started_at', 'finished_at', 'retry_of_run_id', 'url', 'error_message'],
];
const FLAGS = ['sets_state', 'results_complete', 'results_missing_reason'];

/**
 * Writes runs. A run that has ended does not go on again, and results that were had whole stay so, whoever told it
 * last. `plan_run` holds the staged runs with what was stored of them.
 */
async function upsertRuns(context: PublishContext): Promise<number> {
  const { client, integrationId } = context;
  await client.query(
    `create temporary table plan_run on commit drop as
    select distinct on (s.run_id) s.run_id, ${FACTS.map((name) => `coalesce(s.${name}, r.${name}) as ${name}`).join(', ')},
      s.sets_state, coalesce(r.results_complete, false) or s.results_complete as results_complete,
      case when r.results_complete and not s.results_complete then r.results_missing_reason
        else s.results_missing_reason end as results_missing_reason,
      r.run_id is not null and r.sets_state is distinct from s.sets_state as moves_state
    from stage_run s
    left join dbt_store.run r on r.integration_id = $1 and r.run_id = s.run_id
    where s.finished_at is not null or r.finished_at is null
    order by s.run_id, s.finished_at desc nulls last, s.results_complete desc`,
    [integrationId],
  );
  const names = [...FACTS, ...FLAGS];
  const of = (row: string) => columnsOf(row, names);
  return write(
    context,
    `insert into dbt_store.run as r (integration_id, run_id, ${names.join(', ')})
    select $1, run_id, ${names.join(', ')} from plan_run
    on conflict (integration_id, run_id) do update set (${names.join(', ')}) = row(${of('excluded')})
    where (${of('r')}) is distinct from (${of('excluded')})`,
  );
}

async function upsertSteps(context: PublishContext): Promise<number> {
  const names = ['name', 'command', 'which', 'invocation_id', 'status', 'started_at', 'finished_at'];
  const of = (row: string) => columnsOf(row, names);
  const merged = names.map((name) => `${name} = coalesce(excluded.${name}, s.${name})`).join(', ');
  const after = names.map((name) => `coalesce(excluded.${name}, s.${name})`).join(', ');
  return write(
    context,
    `insert into dbt_store.run_step as s (integration_id, run_id, step, ${names.join(', ')})
    select distinct on (t.run_id, t.step) $1, t.run_id, t.step, ${of('t')} from stage_step t
    order by t.run_id, t.step, t.finished_at desc nulls last, t.invocation_id nulls last
    on conflict (integration_id, run_id, step) do update set ${merged}
    where (s.finished_at is null or excluded.finished_at is not null) and (${of('s')}) is distinct from (${after})`,
  );
}

/** The runs that results and freshness checks speak of. What Discovery does not tell of a run stays null. */
async function insertRuns(context: PublishContext): Promise<number> {
  return write(
    context,
    `insert into dbt_store.run as r (integration_id, run_id, job_id, environment_id)
    select distinct on (s.run_id) $1, s.run_id, s.job_id, i.environment_id
    from (select run_id, job_id from stage_any_result union all select run_id, job_id from stage_written_run
      union all select run_id, job_id from stage_whole_run union all select run_id, job_id from stage_freshness where run_id is not null) s
    join dbt_store.integration i on i.integration_id = $1
    order by s.run_id, s.job_id nulls last
    on conflict (integration_id, run_id) do update set job_id = excluded.job_id
    where r.job_id is null and excluded.job_id is not null`,
  );
}

/** Publishes jobs, runs and steps. Gives the rows written. */
export async function publishHistory(context: PublishContext): Promise<number> {
  if (context.tally.isKnown('runs')) return insertRuns(context);
  const jobs = await upsertJobs(context);
  const runs = await upsertRuns(context);
  const steps = await upsertSteps(context);
  return jobs + runs + steps + (await insertRuns(context));
}
