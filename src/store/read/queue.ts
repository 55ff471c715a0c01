import { WORKER_LOCK } from '../lock.ts';
import { QUEUE_SCHEMA } from '../queue.ts';
import type { Reader } from './snapshot.ts';

/** A job as `dbt-observer status` shows it. */
export interface QueuedJob {
  readonly task: string;
  /** Null for work that is of no integration. */
  readonly integration: string | null;
  /** `orphaned`: whoever did it is dead, and it will soon be done by another one. `failed`: it is not tried again. */
  readonly state: 'waiting' | 'running' | 'retrying' | 'failed' | 'orphaned';
  /** When it may begin; of one that goes on, when it began. */
  readonly at: Date;
  readonly attempts: number;
  readonly last_error: string | null;
}

/** Whether there is a queue that this user may see. */
export async function hasQueue(reader: Reader): Promise<boolean> {
  const { rows } = await reader.query(
    `select from pg_namespace n join pg_class c on c.relnamespace = n.oid and c.relname = 'jobs'
    where n.nspname = $1 and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')`,
    [QUEUE_SCHEMA],
  );
  return rows.length > 0;
}

/**
 * What is in the queue, what goes on first; undefined where nobody has made one, or this user may not see it. Jobs that
 * were replaced by later ones, and have ended, tell nothing.
 */
export async function queuedJobs(reader: Reader): Promise<QueuedJob[] | undefined> {
  if (!(await hasQueue(reader))) return undefined;
  const { rows } = await reader.query<QueuedJob>(
    `select task_identifier as task, nullif(split_part(queue_name, ':', 2), '') as integration,
      case
        when locked_at is not null and is_alive then 'running'
        when locked_at is not null then 'orphaned'
        when attempts >= max_attempts then 'failed'
        when attempts > 0 then 'retrying'
        else 'waiting'
      end as state,
      coalesce(locked_at, run_at) as at, attempts::integer, last_error
    from ${QUEUE_SCHEMA}.jobs j
    cross join lateral (select pg_is_in_recovery() or exists (
      select from pg_locks l where l.locktype = 'advisory' and l.objsubid = 2 and l.granted and l.classid = $1
        and l.objid::bigint = hashtext(locked_by)::bigint & 4294967295
        and l.database = (select oid from pg_database where datname = current_database())
    ) as is_alive) worker
    where locked_at is not null or attempts < max_attempts or (last_error is not null and not exists (
      select from ${QUEUE_SCHEMA}.jobs later where later.queue_name = j.queue_name and later.id > j.id and j.key is null))
    order by locked_at, run_at, id`,
    [WORKER_LOCK],
  );
  return rows;
}
