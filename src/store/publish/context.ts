import type { ResourceType } from '../../domain/records.ts';
import type { SourceName } from '../../domain/source.ts';
import type { Client } from '../pool.ts';
import type { Written } from '../stage/ahead.ts';
import { dropRepeats } from '../stage/repeats.ts';

/** What every step of publishing knows. Times are dbt's own, as Postgres read them. */
export interface PublishContext {
  readonly client: Client;
  readonly integrationId: number;
  readonly source: SourceName;
  readonly normalizerVersion: number;
  /** Every page came whole: nodes that were not seen may be closed. */
  readonly complete: boolean;
  readonly states: readonly ResourceType[];
  /** New nodes that are in their tables already. */
  readonly written: Written;
  readonly settled: Settled;
}

/** Groups of which everything staged was written ahead, as it is: there is nothing to plan for them. */
export interface Settled {
  readonly definitions: boolean;
  readonly builds: boolean;
  readonly catalogs: boolean;
}

/** Leaves one row of what was told more than once, and compares what is left with what was written ahead. */
export async function settle({ client, written }: Pick<PublishContext, 'client' | 'written'>): Promise<Settled> {
  const repeated = await dropRepeats(client);
  const { rows } = await client.query<{ definitions: number; builds: number; catalogs: number }>(
    `select (select count(*)::integer from stage_definition) as definitions,
      (select count(*)::integer from stage_build) as builds, (select count(*)::integer from stage_catalog) as catalogs`,
  );
  const { nodes, builds, catalogs } = written;
  return {
    definitions: rows[0]?.definitions === nodes && !repeated.has('stage_definition'),
    builds: rows[0]?.builds === builds && !repeated.has('stage_build'),
    catalogs: rows[0]?.catalogs === catalogs && !repeated.has('stage_catalog'),
  };
}

/** Runs one statement and gives the number of rows it wrote. */
export async function write(context: PublishContext, sql: string, values: readonly unknown[] = []): Promise<number> {
  const { rowCount } = await context.client.query(sql, [context.integrationId, ...values]);
  return rowCount ?? 0;
}
