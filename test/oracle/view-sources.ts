import type { Context, Row } from './context.ts';
import type { FreshnessCheck } from './fold.ts';
import { instantOf, type Json, numberOf, objectOf, textOf } from './json.ts';
import { nodeRow } from './view-nodes.ts';
import { testCounts } from './view-tests.ts';

/** The rows of `sources` without age_now_s, which depends on the moment of reading. */
export function sources(context: Context): Row[] {
  return context.present
    .filter((node) => node.fact.resourceType === 'source')
    .map((node) => {
      const { raw, uniqueId } = node.fact;
      const check = context.freshness(uniqueId);
      const declared = raw.freshness ?? objectOf(raw.config).freshness;
      return {
        ...nodeRow(context, node),
        source_name: textOf(raw.source_name),
        loader: textOf(raw.loader),
        ...(check === null ? { ...noCheck, ...thresholds(declared) } : checkColumns(check)),
        // Limits belong to the build of a source, which an older pass does not tell.
        ...(node.definitionAt === null ? thresholds(undefined) : {}),
        ...testCounts(context, uniqueId),
      };
    });
}

export function freshnessResults(context: Context): Row[] {
  return [...context.stored.freshness.values()].map((check) => {
    const node = context.stored.nodes.get(check.uniqueId);
    const { freshness_status: status, ...columns } = checkColumns(check);
    return {
      integration: context.integration,
      unique_id: check.uniqueId,
      source_name: textOf(node?.fact.raw.source_name),
      name: node?.fact.name ?? null,
      status: status ?? null,
      ...columns,
      run_id: check.runId,
    };
  });
}

const noCheck: Row = { freshness_status: null, max_loaded_at: null, snapshotted_at: null, age_s: null };

function checkColumns({ row, snapshottedAt }: FreshnessCheck): Row {
  return {
    freshness_status: textOf(row.status)?.toLowerCase() ?? null,
    max_loaded_at: instantOf(row.max_loaded_at),
    snapshotted_at: snapshottedAt,
    age_s: numberOf(row.max_loaded_at_time_ago_in_s),
    ...thresholds(row.criteria),
  };
}

const secondsOf: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

function thresholds(criteria: Json | undefined): Row {
  const seconds = (key: string): number | null => {
    const { count, period } = objectOf(objectOf(criteria)[key]);
    const unit = secondsOf[textOf(period) ?? ''];
    return typeof count === 'number' && unit !== undefined ? count * unit : null;
  };
  return { warn_after_s: seconds('warn_after'), error_after_s: seconds('error_after') };
}

/** True when the newest check of a source found its data too old. */
export function breaches(context: Context, uniqueId: string): boolean {
  const status = textOf(context.freshness(uniqueId)?.row.status)?.toLowerCase();
  return status === 'warn' || status === 'error';
}
