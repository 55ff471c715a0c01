import { type Client, databaseError, type Pool } from './pool.ts';

/** What is stored of an integration's schedule. */
export interface TickRow {
  readonly integration: string;
  /** The tick for which a sync was last asked. */
  readonly claimed: Date | null;
  /** When the last sync began that succeeded, whoever asked for it. */
  readonly succeeded: Date | null;
}

/** What is stored of each name; nothing is known of one that was never synced nor asked for. */
export async function tickRows(pool: Pool, names: readonly string[]): Promise<TickRow[]> {
  try {
    const { rows } = await pool.query<TickRow>(
      `select name as integration, c.tick as claimed, good.started_at as succeeded
      from unnest($1::text[]) as asked(name)
      left join dbt_store.claimed_tick c on c.integration = name
      left join dbt_store.integration i using (name)
      left join lateral (
        select s.started_at from dbt_store.sync_run s
        where s.integration_id = i.integration_id and s.kind = 'sync' and s.outcome in ('done', 'unchanged')
        order by s.sync_run_id desc limit 1
      ) good on true`,
      [names],
    );
    return rows;
  } catch (error) {
    throw databaseError(error, pool.options.connectionString ?? '');
  }
}

export interface DueTick {
  readonly integration: string;
  readonly tick: Date;
}

/**
 * Claims ticks within the transaction of the client, and gives the integrations whose tick nobody had claimed. A claim
 * that lies after `latest` was made under a wrong clock and does not count.
 */
export async function claimTicks(
  client: Client,
  ticks: readonly DueTick[],
  latest: Date,
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ integration: string }>(
    `insert into dbt_store.claimed_tick as c (integration, tick)
    select integration, tick from unnest($1::text[], $2::timestamptz[]) as due(integration, tick) order by integration
    on conflict (integration) do update set tick = excluded.tick, claimed_at = now()
    where c.tick < excluded.tick or c.tick > $3
    returning integration`,
    [ticks.map(({ integration }) => integration), ticks.map(({ tick }) => tick), latest],
  );
  return new Set(rows.map(({ integration }) => integration));
}
