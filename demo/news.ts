import type { App } from '../src/app.ts';

type Row = Record<string, unknown>;

/** What the reader views say that they did not say before. */
export interface News {
  readonly changes: readonly string[];
  readonly statusChanges: readonly string[];
  readonly failing: readonly string[];
}

const CHANGES = `select unique_id, aspect, item, changed_at from dbt.changes
  where integration = $1 order by changed_at, aspect, unique_id`;
const STATUS_CHANGES = `select name, resource_type, from_status, to_status, changed_at, owner_name from dbt.status_changes
  where integration = $1 order by changed_at, resource_type, name`;
const FAILING = `select name, tested_name, status, failures, owner_name from dbt.tests
  where integration = $1 and failing_since is not null order by status, name`;

/** Watches an integration: each call tells what is new since the one before. */
export function newsOf(app: App, integration: string): () => Promise<News> {
  const seen = new Set<string>();
  const rows = async (query: string) => (await app.pool.query<Row>(query, [integration])).rows;
  const fresh = async (query: string) =>
    (await rows(query)).filter((row) => {
      const key = JSON.stringify(row);
      return !seen.has(key) && seen.add(key);
    });
  return async () => ({
    changes: (await fresh(CHANGES)).map(changeText),
    statusChanges: (await fresh(STATUS_CHANGES)).map(statusChangeText),
    failing: (await rows(FAILING)).map(failingText),
  });
}

function changeText({ unique_id: id, aspect, item }: Row): string {
  return `${aspect}${item === null ? '' : ` ${item}`}: ${id}`;
}

function statusChangeText({
  name,
  resource_type: type,
  from_status: from,
  to_status: to,
  owner_name: owner,
}: Row): string {
  return `${type} ${name}: ${from} -> ${to}${owner === null ? '' : ` (${owner})`}`;
}

function failingText({ name, tested_name: tested, status, failures, owner_name: owner }: Row): string {
  const of = tested === null ? '' : ` of ${tested}`;
  const rows = failures === null ? '' : `, ${failures} rows`;
  return `${name}${of}: ${status}${rows}${owner === null ? '' : ` (${owner})`}`;
}
