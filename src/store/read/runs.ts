import type { BigIntValue, Reader } from './snapshot.ts';

/** One run as `dbt-observer runs` shows it; the names are those of `dbt.runs`. */
export interface RunRow {
  readonly integration: string;
  readonly run_id: string;
  readonly job_id: BigIntValue | null;
  readonly job_name: string | null;
  readonly status: string | null;
  readonly cause: string | null;
  readonly created_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  /** Seconds. */
  readonly duration_s: number | null;
  readonly sets_state: boolean | null;
  readonly models_ok: BigIntValue | null;
  readonly models_failed: BigIntValue | null;
  readonly tests_passed: BigIntValue | null;
  readonly tests_failed: BigIntValue | null;
  readonly tests_warned: BigIntValue | null;
  readonly results_missing_reason: string | null;
  readonly error_message: string | null;
  readonly url: string | null;
}

export interface RunQuestion {
  /** Only this integration, else all. */
  readonly integration: string | undefined;
  readonly limit: number;
}

export interface RunAnswer {
  readonly runs: readonly RunRow[];
  /** Integrations that were ever synced, so that an empty answer can be explained. */
  readonly integrations: number;
}

/** The last runs, the newest first: those that go on before those that ended, and those without any time last. */
export async function findRuns(reader: Reader, { integration, limit }: RunQuestion): Promise<RunAnswer> {
  const { rows: runs } = await reader.query<RunRow>(
    `select integration, run_id, job_id, job_name, status, cause, created_at, started_at, finished_at, duration_s,
      sets_state, models_ok, models_failed, tests_passed, tests_failed, tests_warned, results_missing_reason,
      error_message, url
    from dbt.runs
    where ($1::text is null or integration = $1)
    order by coalesce(finished_at, started_at, created_at) is null,
      coalesce(started_at, created_at, finished_at) desc, integration, length(run_id) desc, run_id desc
    limit $2`,
    [integration ?? null, limit],
  );
  const { rows } = await reader.query<{ integrations: number }>(
    `select count(*)::integer as integrations from dbt.integrations
    where ($1::text is null or integration = $1) and last_sync_at is not null`,
    [integration ?? null],
  );
  return { runs, integrations: rows[0]?.integrations ?? 0 };
}
