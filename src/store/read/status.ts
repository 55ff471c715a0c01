import { SYNC_LOCK } from '../lock.ts';
import type { Client } from '../pool.ts';

/** One integration as `dbt-observer status` shows it; the names are those of the reader views. */
export interface IntegrationStatus {
  readonly integration: string;
  readonly environment_id: string;
  readonly dbt_updated_at: Date | null;
  readonly last_sync_at: Date | null;
  readonly last_sync_outcome: string | null;
  readonly last_sync_source: string | null;
  readonly last_sync_error: string | null;
  readonly last_success_at: Date | null;
  /** Seconds since the last pass without loss. */
  readonly lag_s: number | null;
  /** When the pass that goes on at this moment began. */
  readonly syncing_since: Date | null;
  readonly nodes: number;
  /** Nodes by resource type. */
  readonly counts: { readonly [resourceType: string]: number };
  /** Tests whose last executed result is a failure or an error. */
  readonly failing_tests: number;
}

/** All integrations of the store by name. A pass goes on when its lock is held, whatever a dead process left behind. */
export async function integrationStatus(client: Client): Promise<IntegrationStatus[]> {
  const { rows } = await client.query<IntegrationStatus>(
    `select i.integration, i.environment_id::text, i.dbt_updated_at, i.last_sync_at, i.last_sync_outcome,
      i.last_sync_source, i.last_sync_error, i.last_success_at,
      extract(epoch from now() - i.last_success_at)::double precision as lag_s, going.started_at as syncing_since, i.nodes,
      (select coalesce(jsonb_object_agg(resource_type, nodes), '{}') from (
        select n.resource_type, count(*) as nodes from dbt.nodes n where n.integration = i.integration group by 1
      ) counted) as counts,
      (select count(*)::integer from dbt.tests t
       where t.integration = i.integration and t.failing_since is not null) as failing_tests
    from dbt.integrations i
    join dbt_store.integration stored on stored.name = i.integration
    left join lateral (
      select s.started_at from dbt.sync_runs s
      join pg_locks l on l.locktype = 'advisory' and l.classid = $1 and l.objid = stored.integration_id and l.objsubid = 2
        and l.database = (select oid from pg_database where datname = current_database())
      where s.integration = i.integration and s.outcome is null
      order by s.started_at desc limit 1
    ) going on true
    order by i.integration`,
    [SYNC_LOCK],
  );
  return rows;
}
