import type { Backfill, IntegrationScope, RunPortion } from '../../src/domain/store.ts';
import { createStore } from '../../src/store/pass.ts';
import { NO_PROJECT } from '../../src/sync/project.ts';
import { scope, type TestStore } from './builders.ts';

const TRAFFIC = { requests: 0, bytes: 0 };

export interface BackfillOptions {
  readonly scope?: Partial<IntegrationScope>;
  readonly signal?: AbortSignal;
}

export function beginBackfill({ pool }: TestStore, options: BackfillOptions = {}): Promise<Backfill> {
  const { signal = new AbortController().signal } = options;
  return createStore(pool).beginBackfill(scope(options.scope), { reason: 'manual', signal, dryRun: false });
}

/** Publishes a portion, and gives how many results it wrote. */
export async function publishPortion(
  backfill: Backfill,
  portion: Partial<Pick<RunPortion, 'records' | 'ready' | 'history'>>,
): Promise<number> {
  const nothing = { records: [], ready: [], history: [], rejects: [] };
  const { results } = await backfill.publish({ ...nothing, ...portion, project: NO_PROJECT, ...TRAFFIC });
  return results;
}

export async function endBackfill(backfill: Backfill): Promise<void> {
  await backfill.finish('done', null, TRAFFIC);
  await backfill.release();
}
