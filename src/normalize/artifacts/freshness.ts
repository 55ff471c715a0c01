import { z } from 'zod';
import { RejectError } from '../../domain/errors.ts';
import type { FreshnessRecord } from '../../domain/records.ts';
import { MAX_DEPTH, TOO_DEEP } from '../depth.ts';
import type { Normalized } from '../normalized.ts';
import { read, uniqueId as uniqueIdField } from '../scalars.ts';
import { finite, isBag, json, textOf, told, toldInstant } from './fields.ts';
import type { ResultContext } from './run-results.ts';
import { criteria } from './source.ts';

const check = z.object({
  unique_id: uniqueIdField,
  status: told,
  /** The word of `status` before dbt 0.19. */
  state: told,
  max_loaded_at: toldInstant,
  snapshotted_at: toldInstant,
  max_loaded_at_time_ago_in_s: json,
  criteria,
});

type Context = Pick<ResultContext, 'runId' | 'jobId' | 'executedAt'>;

/** A check that could not be made has no times of its own: it was tried when the file was written. */
function freshnessRecord(raw: unknown, { runId, jobId, executedAt }: Context): FreshnessRecord {
  const found = read(check, raw);
  const { max_loaded_at_time_ago_in_s: age } = found;
  return {
    kind: 'freshness',
    uniqueId: found.unique_id,
    snapshottedAt: found.snapshotted_at ?? executedAt,
    status: (found.status ?? found.state)?.toLowerCase() ?? null,
    maxLoadedAt: found.max_loaded_at ?? null,
    ageS: finite(age),
    ...found.criteria,
    runId,
    jobId,
  };
}

/** One row of sources.json, of any version. Never throws for bad data. */
export function freshnessRow(raw: unknown, depth: number, context: Context): Normalized {
  try {
    if (depth > MAX_DEPTH) throw new RejectError(TOO_DEEP);
    return { records: [freshnessRecord(raw, context)] };
  } catch (error) {
    if (!(error instanceof RejectError)) throw error;
    const uniqueId = isBag(raw) ? textOf(raw.unique_id) || null : null;
    return { records: [], rejects: [{ resourceType: 'source', uniqueId, reason: `freshness: ${error.message}`, raw }] };
  }
}
