import type { TestStore } from './builders.ts';

const PUBLISHED = [
  ...['integration', 'run', 'node', 'node_column', 'edge', 'node_change', 'run_result', 'node_status', 'run_count'],
  ...['node_day', 'status_change', 'coverage_day'],
];

/** The version (xmin) of every row that a pass publishes: equal when none was written. */
export async function versionsOf({ rows }: TestStore): Promise<unknown> {
  const versions: { [table: string]: unknown[] } = {};
  for (const table of [...PUBLISHED, 'freshness_result']) {
    versions[table] = await rows(
      `select ctid::text, xmin::text, to_jsonb(t) as row from dbt_store.${table} t order by 1`,
    );
  }
  return versions;
}
