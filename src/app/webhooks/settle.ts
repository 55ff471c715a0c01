import { setTimeout as delay } from 'node:timers/promises';
import { type Run, setsState } from '../../domain/runs.ts';
import { findRun } from '../../sources/admin/run-list.ts';
import type { Admin } from '../sources.ts';

/** How long a run that was told to be complete may take to be so. */
export interface Patience {
  /** For a run that succeeded, and one that goes on, in milliseconds. */
  readonly successMs: number;
  /** For the artifacts of a run that failed, which often left none. */
  readonly otherMs: number;
  /** The first wait; each one is twice as long as the one before it, up to the longest. */
  readonly firstMs: number;
  readonly longestMs: number;
}

export const PATIENCE: Patience = { successMs: 120_000, otherMs: 20_000, firstMs: 500, longestMs: 15_000 };

/** How a run stands that was told to be complete. */
export type Standing =
  | 'ready'
  /** It did not set the state of our environment: a check of a proposal, or a run somewhere else. */
  | 'foreign'
  /** Its end or its artifacts have not appeared in time. */
  | 'late'
  /** Nobody can tell: without the permission for runs, say. */
  | 'unknown';

export interface SettleOptions {
  readonly admin: Admin;
  readonly environmentId: number;
  readonly runId: number;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

const isReady = ({ isFinished, hasArtifacts }: Run) => isFinished && hasArtifacts !== false;

/**
 * Waits until a run and its artifacts are there. dbt tells of a completed run when they are, so that the first look is
 * mostly the last one.
 */
export async function settle(options: SettleOptions): Promise<Standing> {
  const { patience, environmentId, signal } = options;
  const start = performance.now();
  for (let wait = patience.firstMs; ; wait = Math.min(2 * wait, patience.longestMs)) {
    const run = await look(options);
    if (run === null) return 'unknown';
    if (!setsState(run, { environmentId })) return 'foreign';
    if (isReady(run)) return 'ready';
    const isFailed = run.isFinished && run.status !== 'success';
    const left = (isFailed ? patience.otherMs : patience.successMs) - (performance.now() - start);
    if (left <= 0) return 'late';
    await delay(Math.min(wait, left), undefined, { signal });
  }
}

/** The run; null when it cannot be had. What is wrong with the API the sync will say. */
async function look({ admin, runId, signal }: SettleOptions): Promise<Run | null> {
  try {
    return await findRun(admin.api, { accountId: await admin.accountId(signal), runId }, signal);
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
