import { SYNC_LOCK } from '../lock.ts';
import type { BigIntValue, Reader } from './snapshot.ts';

/** One integration as `dbt-observer status` shows it; the names are those of the reader views. */
export interface IntegrationStatus {
  readonly integration: string;
  /** Null for a folder of artifacts. */
  readonly environment_id: BigIntValue | null;
  readonly dbt_updated_at: Date | null;
  readonly last_sync_at: Date | null;
  readonly last_sync_outcome: string | null;
  readonly last_sync_source: string | null;
  /** Why the first choice of source did not serve the last pass; null when it did. */
  readonly last_fallback_reason: string | null;
  readonly last_sync_error: string | null;
  readonly last_success_at: Date | null;
  /** When the pass began that ended then: what came due later is not served by it. */
  readonly last_success_started_at: Date | null;
  readonly known_since: Date;
  /** As it was at the last success. */
  readonly schedule: string | null;
  readonly time_zone: string;
  /** Seconds since the last pass without loss. */
  readonly lag_s: number | null;
  /** When the pass began that has not ended. A process that died may have left it, until the next pass clears it away. */
  readonly syncing_since: Date | null;
  readonly nodes: number;
  /** Nodes by resource type. */
  readonly counts: { readonly [resourceType: string]: number };
  /** Tests that have an executed result. */
  readonly executed_tests: number;
  /** Tests whose last executed result is a failure or an error; null when no test has an executed result. */
  readonly failing_tests: number | null;
}

/**
 * All integrations of the store by name, told by what every reader may see. The locks of passes name integrations by an
 * id that readers do not see; but where nobody holds any, no pass goes on. A standby does not show the primary's locks.
 */
export async function integrationStatus(reader: Reader): Promise<IntegrationStatus[]> {
  const { rows } = await reader.query<IntegrationStatus>(
    `select i.integration, i.environment_id, i.dbt_updated_at, i.last_sync_at, i.last_sync_outcome,
      i.last_sync_source, ended.fallback_reason as last_fallback_reason, i.last_sync_error, i.last_success_at,
      good.started_at as last_success_started_at, i.known_since, i.schedule, i.time_zone,
      extract(epoch from now() - i.last_success_at)::double precision as lag_s, going.started_at as syncing_since, i.nodes,
      (select coalesce(jsonb_object_agg(resource_type, nodes), '{}') from (
        select n.resource_type, count(*) as nodes from dbt.nodes n where n.integration = i.integration group by 1
      ) counted) as counts,
      tested.executed as executed_tests, case when tested.executed > 0 then tested.failing end as failing_tests
    from dbt.integrations i
    cross join lateral (
      select count(t.last_executed_at)::integer as executed, count(t.failing_since)::integer as failing
      from dbt.tests t where t.integration = i.integration
    ) tested
    left join lateral (
      select s.fallback_reason from dbt.sync_runs s
      where s.integration = i.integration and s.kind = 'sync' and s.outcome is not null order by s.started_at desc, s.sync_run_id desc limit 1
    ) ended on true
    left join lateral (
      select s.started_at from dbt.sync_runs s
      where s.integration = i.integration and s.kind = 'sync' and s.outcome in ('done', 'unchanged')
      order by s.started_at desc, s.sync_run_id desc limit 1
    ) good on true
    left join lateral (
      select s.started_at from dbt.sync_runs s
      where s.integration = i.integration and s.kind = 'sync' and s.outcome is null and (pg_is_in_recovery() or exists (
        select from pg_locks l where l.locktype = 'advisory' and l.classid = $1 and l.objsubid = 2
          and l.database = (select oid from pg_database where datname = current_database())))
      order by s.started_at desc limit 1
    ) going on true
    order by i.integration`,
    [SYNC_LOCK],
  );
  return rows;
}
