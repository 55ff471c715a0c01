import type { Limits, PlatformIntegration } from '../config/types.ts';
import type { RunStore } from '../domain/store.ts';
import type { Logger } from '../log.ts';
import type { Pool } from '../store/pool.ts';
import { findStored } from '../store/read/stored-scope.ts';
import { type BackfillOptions, type BackfillResult, backfill } from '../sync/backfill.ts';
import { loggedAsking } from './asking.ts';
import type { Metrics } from './metrics.ts';
import { scopeOf } from './scope.ts';
import { runsOf } from './sources.ts';

export interface BackfillOneOptions extends Omit<BackfillOptions, 'store' | 'source' | 'scope' | 'jobId'> {
  /** Only the runs of this job. */
  readonly jobId: number | undefined;
  /** Instead of that of everything. */
  readonly logger?: Logger;
}

interface LoggedBackfill {
  readonly pool: Pool;
  readonly store: RunStore;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  readonly integration: PlatformIntegration;
  readonly options: BackfillOneOptions;
}

/** Backfills one integration, with one line in the log for its end. */
export async function backfillLogged(work: LoggedBackfill): Promise<BackfillResult> {
  const { pool, store, limits, logger, metrics, integration, options } = work;
  const { jobId, signal } = options;
  const start = performance.now();
  const fields = { integration: integration.name };
  const took = () => ({ duration_s: (performance.now() - start) / 1_000 });
  try {
    const asking = loggedAsking({ logger, limits, metrics }, () => fields);
    const stored = () => findStored(pool, integration.name);
    const { source, environmentId } = await runsOf(integration, { ...asking, stored, signal, jobId });
    const scope = scopeOf(integration, { environmentId, allowRemovals: false, limits });
    const onPhase: BackfillOptions['onPhase'] = (phase) => logger.debug({ ...fields, phase }, 'phase');
    const result = await backfill({
      ...options,
      jobId: jobId ?? integration.jobId ?? null,
      store,
      source,
      scope,
      onPhase,
    });
    const { syncRunId, outcome, seen, taken, known, rowsWritten, results, rejects, requests, bytes } = result;
    const done = { rows_written: rowsWritten, results, rejects, requests, bytes, ...took() };
    logger.info({ ...fields, sync_run_id: syncRunId, outcome, seen, taken, known, ...done }, 'backfill ended');
    return result;
  } catch (error) {
    const outcome = signal.aborted ? 'interrupted' : 'failed';
    const message = error instanceof Error ? error.message : String(error);
    logger.info({ ...fields, outcome, error: message, ...took() }, 'backfill ended');
    throw error;
  }
}
