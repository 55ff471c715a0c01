import { FINAL_STATUSES } from '../domain/run-status.ts';
import type { RunNews } from '../domain/webhook.ts';
import { storable } from './copy-text.ts';
import { databaseError, type Pool } from './pool.ts';

const COLUMNS = [
  'run_id',
  'job_id',
  'environment_id',
  'status',
  'reason',
  'dbt_version',
  'started_at',
  'finished_at',
  'url',
  'error_message',
] as const;

const TYPES = 'text, bigint, bigint, text, text, text, timestamptz, timestamptz, text, text'.split(', ');
const FINAL = [...FINAL_STATUSES].map((word) => `'${word}'`).join(', ');
const FACTS = COLUMNS.slice(1).filter((name) => name !== 'status');

/**
 * What the Admin API told stays: webhooks know less, and of the past. A status moves on and never back: not from an end,
 * nor from running to what comes before it.
 */
const UPSERT = `insert into dbt_store.run as r (integration_id, ${COLUMNS.join(', ')})
  values ($1, ${COLUMNS.map((_, index) => `$${index + 2}::${TYPES[index]}`).join(', ')})
  on conflict (integration_id, run_id) do update set status = coalesce(excluded.status, r.status),
    ${FACTS.map((name) => `${name} = coalesce(r.${name}, excluded.${name})`).join(', ')}
  where r.finished_at is null and (r.status is null or r.status not in (${FINAL}) or excluded.finished_at is not null)
    and (r.status, ${FACTS.map((name) => `r.${name}`).join(', ')}) is distinct from (coalesce(excluded.status, r.status),
      ${FACTS.map((name) => `coalesce(r.${name}, excluded.${name})`).join(', ')})`;

const text = (value: string | null) => (value === null ? null : storable(value));

/**
 * Writes what webhooks told of runs; each on its own, so that nobody who holds one of them waits for another one. Gives
 * the rows written.
 */
export async function writeRunNews(pool: Pool, integrationId: number, runs: readonly RunNews[]): Promise<number> {
  let written = 0;
  for (const run of runs) {
    const { runId, jobId, environmentId, status, reason, dbtVersion, startedAt, finishedAt, url, errorMessage } = run;
    const texts = [text(status), text(reason), text(dbtVersion)];
    const values = [runId, jobId, environmentId, ...texts, startedAt, finishedAt, url, text(errorMessage)];
    try {
      written += (await pool.query(UPSERT, [integrationId, ...values])).rowCount ?? 0;
    } catch (error) {
      throw databaseError(error, pool.options.connectionString ?? '');
    }
  }
  return written;
}

/** Which of these jobs check proposals, as far as it is stored. */
export async function storedChecks(pool: Pool, integrationId: number, jobIds: readonly number[]): Promise<Set<number>> {
  try {
    const { rows } = await pool.query<{ job_id: string }>(
      `select job_id from dbt_store.job where integration_id = $1 and job_id = any ($2::bigint[]) and job_type = 'ci'`,
      [integrationId, jobIds],
    );
    return new Set(rows.map(({ job_id: id }) => Number(id)));
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}

/** Says of runs that webhooks told of that their results are not the environment's state. */
export async function noteForeignRuns(pool: Pool, integrationId: number, runIds: readonly string[]): Promise<void> {
  if (runIds.length === 0) return;
  try {
    await pool.query(
      `update dbt_store.run set sets_state = false
      where integration_id = $1 and run_id = any ($2) and sets_state and not results_complete`,
      [integrationId, runIds],
    );
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}
