import type { Client, Pool } from './pool.ts';

/** The schema of the job queue, which its library makes and owns. We use its functions and its view `jobs` alone. */
export const QUEUE_SCHEMA = 'dbt_queue';

/** Work that is asked for. */
export interface JobRequest {
  readonly task: string;
  readonly payload: object;
  /** Jobs of one queue are done one after the other. */
  readonly queue: string | null;
  /** Of the jobs with one key that nobody has begun only one waits, the last one asked for. */
  readonly key: string;
  /** Not before so many seconds from now. */
  readonly delayS: number;
  readonly maxAttempts: number;
  /** Smaller goes first. */
  readonly priority: number;
}

interface Querying {
  query: Pool['query'];
}

/**
 * Asks for work. A job that waits with the same key is replaced, and done at the earlier one of both times: asking again
 * never puts off what is waiting. One that somebody is doing is left alone, and another one waits for its end.
 */
export async function addJobs(client: Querying | Client, requests: readonly JobRequest[]): Promise<void> {
  await client.query(
    `with asked as (
      select * from json_to_recordset($1::json) as r(
        task text, payload json, queue text, key text, "delayS" double precision, "maxAttempts" smallint, priority smallint)
    )
    select count(*) from ${QUEUE_SCHEMA}.add_jobs(array(
      select (task, payload, queue, least(now() + "delayS" * interval '1 second', waiting.run_at), "maxAttempts", asked.key,
        asked.priority, null)::${QUEUE_SCHEMA}.job_spec
      from asked
      left join ${QUEUE_SCHEMA}.jobs waiting on waiting.key = asked.key and waiting.locked_at is null
        and waiting.attempts < waiting.max_attempts
      order by asked.key))`,
    [JSON.stringify(requests)],
  );
}

/**
 * Keeps a job that is being done from being tried again, so that it stays with its error once it has failed. One that
 * was replaced meanwhile is not tried again anyway.
 */
export async function giveUp(pool: Pool, jobId: string): Promise<void> {
  await pool.query(
    `select ${QUEUE_SCHEMA}.remove_job(key) from ${QUEUE_SCHEMA}.jobs where id = $1 and key is not null`,
    [jobId],
  );
}

/**
 * Takes away the jobs of a queue that failed for good, because what they could not do was done: by a later job, or
 * (null) in another way.
 */
export async function forgetFailed(pool: Pool, queue: string, jobId: string | null): Promise<void> {
  await pool.query(
    `select count(*) from ${QUEUE_SCHEMA}.complete_jobs(array(
      select id from ${QUEUE_SCHEMA}.jobs
      where queue_name = $1 and ($2::bigint is null or id < $2) and attempts >= max_attempts and locked_at is null))`,
    [queue, jobId],
  );
}

/** Puts jobs that were broken off back to where they were before they were begun, but those that were replaced meanwhile. */
export async function putBack(
  pool: Pool,
  jobs: readonly { readonly id: string; readonly attempts: number }[],
): Promise<void> {
  await pool.query(
    `select count(*) from json_to_recordset($1::json) as b(id bigint, attempts integer)
    join ${QUEUE_SCHEMA}.jobs j on j.id = b.id and j.key is not null and j.locked_at is null
    cross join lateral ${QUEUE_SCHEMA}.reschedule_jobs(array[j.id], run_at => now(), attempts => b.attempts)`,
    [JSON.stringify(jobs)],
  );
}

/** Takes away what failed for good so long ago that nobody looks any more. */
export async function tidyQueue(pool: Pool): Promise<void> {
  await pool.query(
    `select count(*) from ${QUEUE_SCHEMA}.complete_jobs(array(
      select id from ${QUEUE_SCHEMA}.jobs
      where attempts >= max_attempts and locked_at is null and created_at < now() - interval '30 days'))`,
  );
}
