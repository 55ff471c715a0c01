import type { ResourceType } from '../../domain/records.ts';
import type { SourceName } from '../../domain/source.ts';
import type { Client } from '../pool.ts';
import type { Written } from '../stage/ahead.ts';
import type { Tally } from '../stage/tally.ts';

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
  readonly tally: Tally;
  /** Every node that is defined in the store was defined again. */
  readonly definesAll: boolean;
}

/** Runs one statement and gives the number of rows it wrote. */
export async function write(
  context: Pick<PublishContext, 'client' | 'integrationId'>,
  sql: string,
  values: readonly unknown[] = [],
): Promise<number> {
  const { rowCount } = await context.client.query(sql, [context.integrationId, ...values]);
  return rowCount ?? 0;
}

/** These columns of a row, for a list of values or a comparison. */
export function columnsOf(row: string, names: readonly string[]): string {
  return names.map((name) => `${row}.${name}`).join(', ');
}
