import { databaseError, type Pool } from '../pool.ts';

/** What is worth watching of an integration. */
export interface IntegrationGauges {
  readonly integration: string;
  /** Seconds since the last pass without loss ended, or since the integration was first seen while there was none. */
  readonly lagS: number;
  /** Seconds since dbt's state moved that is stored; null when nobody told. */
  readonly dataAgeS: number | null;
  /** Webhook events about which nothing was done yet. */
  readonly waitingEvents: number;
}

/** What is worth watching of every integration, by the clock of the database. The schema must be at this version. */
export async function integrationGauges(pool: Pool): Promise<IntegrationGauges[]> {
  try {
    const { rows } = await pool.query<IntegrationGauges>(
      `select i.name as integration, extract(epoch from now() - coalesce(good.finished_at, i.known_since))::double precision as "lagS",
        extract(epoch from now() - i.dbt_updated_at)::double precision as "dataAgeS",
        (select count(*)::integer from dbt_store.webhook_event e
          where e.integration_id = i.integration_id and e.handled_at is null) as "waitingEvents"
      from dbt_store.integration i
      left join lateral (
        select finished_at from dbt_store.sync_run s
        where s.integration_id = i.integration_id and s.kind = 'sync' and s.outcome in ('done', 'unchanged')
        order by s.started_at desc limit 1
      ) good on true
      order by i.name`,
    );
    return rows;
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}
