import type { BigIntValue, Reader } from './snapshot.ts';

/** One test as `dbt-observer tests` shows it; the names are those of `dbt.tests`. */
export interface TestRow {
  readonly integration: string;
  readonly unique_id: string;
  readonly name: string;
  readonly tested_unique_id: string | null;
  readonly tested_name: string | null;
  readonly column_name: string | null;
  readonly severity: string | null;
  readonly status: string | null;
  readonly status_since: Date | null;
  readonly failing_since: Date | null;
  readonly since_is_exact: boolean | null;
  readonly failures: BigIntValue | null;
  readonly message: string | null;
  readonly last_run_id: string | null;
  readonly last_executed_at: Date | null;
  readonly owner_name: string | null;
}

export interface TestQuestion {
  /** Only this integration, else all. */
  readonly integration: string | undefined;
  readonly failing: boolean;
}

export interface TestAnswer {
  readonly tests: readonly TestRow[];
  /** What there is in all, so that an empty answer can be explained. */
  readonly integrations: number;
  readonly defined: number;
  readonly executed: number;
}

/** Tests, the worst first: those that fail or cannot run, then those that warn, then the rest by name. */
export async function findTests(reader: Reader, { integration, failing }: TestQuestion): Promise<TestAnswer> {
  const { rows: tests } = await reader.query<TestRow>(
    `select integration, unique_id, name, tested_unique_id, tested_name, column_name, severity, status, status_since,
      failing_since, since_is_exact, failures, message, last_run_id, last_executed_at, owner_name
    from dbt.tests
    where ($1::text is null or integration = $1) and (not $2 or failing_since is not null)
    order by failing_since is null, status is distinct from 'warn', integration, name, unique_id`,
    [integration ?? null, failing],
  );
  const { rows } = await reader.query<Omit<TestAnswer, 'tests'>>(
    `select count(distinct i.integration)::integer as integrations, count(t.unique_id)::integer as defined,
      count(t.last_executed_at)::integer as executed
    from dbt.integrations i left join dbt.tests t on t.integration = i.integration
    where ($1::text is null or i.integration = $1) and i.last_sync_at is not null`,
    [integration ?? null],
  );
  return { tests, integrations: 0, defined: 0, executed: 0, ...rows[0] };
}

/** Names of all integrations that were ever synced. */
export async function integrationNames(reader: Reader): Promise<string[]> {
  const { rows } = await reader.query<{ name: string }>('select integration as name from dbt.integrations order by 1');
  return rows.map(({ name }) => name);
}
