import type { Context, Row } from './context.ts';
import { type Json, objectOf } from './json.ts';
import type { StoredNode } from './syncs.ts';
import { columnCounts } from './view-columns.ts';
import { nodeRow } from './view-nodes.ts';
import { testCounts } from './view-tests.ts';

/** The rows of `models`, `seeds` or `snapshots`. */
export function builtNodes(context: Context, resourceType: 'model' | 'seed' | 'snapshot'): Row[] {
  return context.present
    .filter((node) => node.fact.resourceType === resourceType)
    .map((node) => ({
      ...nodeRow(context, node),
      raw_code: node.fact.rawCode,
      compiled_code: node.compiledCode,
      ...runColumns(context, node),
      row_count: statOf(node, ['row_count', 'num_rows']),
      bytes: statOf(node, ['bytes', 'num_bytes']),
      ...columnCounts(context, node),
      ...testCounts(context, node.fact.uniqueId),
    }));
}

function runColumns(context: Context, node: StoredNode): Row {
  const status = context.status(node.fact.uniqueId);
  return {
    last_run_id: status.last?.runId ?? null,
    last_job_id: status.last?.jobId ?? null,
    last_run_status: status.last?.status ?? null,
    last_run_at: status.last?.executedAt ?? null,
    last_run_error: status.last?.message ?? null,
    last_executed_at: status.lastExecuted?.executedAt ?? null,
    last_success_run_id: status.lastSuccess?.runId ?? null,
    last_success_at: status.lastSuccess?.executedAt ?? null,
    status_since: status.statusSince,
    consecutive_failures: status.consecutiveFailures,
    execution_time_s: status.lastSuccess?.executionTimeS ?? null,
  };
}

/** A number of the catalog's statistics; BigQuery catalogs of dbt 1.8 say `true` instead, which tells nothing. */
function statOf(node: StoredNode, ids: readonly string[]): number | null {
  const stats = objectOf(node.catalog?.entry.stats);
  const values: (Json | undefined)[] = ids.map((id) => objectOf(stats[id]).value);
  return values.find((value) => typeof value === 'number') ?? null;
}
