import { query } from '../store/database.ts';

/** Told by the clock, or by the sync itself: two stores with the same facts may differ in them. */
const NOT_FACTS = [
  'known_since',
  'last_sync_at',
  'last_sync_outcome',
  'last_sync_source',
  'last_sync_error',
  'last_success_at',
  'is_stale',
  'age_now_s',
];
/** The list of passes is what a crash is meant to change. */
const NOT_COMPARED = ['sync_runs'];

/** Everything that readers see, one line per row and in no order that matters. */
export type Facts = readonly string[];

/** All rows of all views. An integration of which nothing was ever published counts as none. */
export async function factsOf(url: string): Promise<Facts> {
  const views = await query<{ name: string }>(
    url,
    "select table_name as name from information_schema.views where table_schema = 'dbt' and table_name <> all ($1) order by 1",
    [NOT_COMPARED],
  );
  const parts = views.map(({ name }) => {
    const condition = name === 'integrations' ? ' where v.nodes > 0' : '';
    return `select '${name} ' || (to_jsonb(v) - $1::text[])::text as line from dbt.${name} v${condition}`;
  });
  const rows = await query<{ line: string }>(url, parts.join('\nunion all\n'), [NOT_FACTS]);
  return rows.map(({ line }) => line).sort();
}

/** Differences between two stores, a few lines of them; empty when they are equal. */
export function differences(actual: Facts, expected: Facts): string[] {
  const [is, must] = [new Set(actual), new Set(expected)];
  const surplus = actual.filter((line) => !must.has(line)).map((line) => `surplus ${line.slice(0, 300)}`);
  const missing = expected.filter((line) => !is.has(line)).map((line) => `missing ${line.slice(0, 300)}`);
  const repeats = actual.length === expected.length ? [] : [`${actual.length} rows instead of ${expected.length}`];
  return [...surplus.slice(0, 5), ...missing.slice(0, 5), ...repeats];
}

/** The same server, another database. */
export function databaseAt(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

/** Makes a database that is a copy of another one, to which nobody may be connected. */
export async function copyDatabase(url: string, name: string): Promise<string> {
  const source = new URL(url).pathname.slice(1);
  await query(databaseAt(url, 'postgres'), `create database "${name}" template "${source}"`);
  return databaseAt(url, name);
}

export async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await query(databaseAt(url, 'postgres'), `drop database if exists "${name}" with (force)`);
}

export interface SyncRun {
  readonly outcome: string | null;
  readonly error: string | null;
  readonly ended: boolean;
}

export function syncRuns(url: string): Promise<SyncRun[]> {
  return query(url, 'select outcome, error, finished_at is not null as ended from dbt.sync_runs order by sync_run_id');
}

/** How many of our sessions the server has in this database, and how many of our locks. */
export async function leftovers(url: string): Promise<{ sessions: number; locks: number }> {
  const [row] = await query<{ sessions: number; locks: number }>(
    url,
    `select
      (select count(*)::integer from pg_stat_activity where datname = current_database() and application_name = 'dbt-observer') as sessions,
      (select count(*)::integer from pg_locks where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())) as locks`,
  );
  return row ?? { sessions: Number.NaN, locks: Number.NaN };
}
