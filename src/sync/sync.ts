import type { SourceName, Traffic } from '../domain/source.ts';
import type { Outcome, Pass, PassReport, Store } from '../domain/store.ts';
import { NORMALIZER_VERSION } from '../normalize/version.ts';
import { environmentFacts, refuseOther } from './project.ts';
import { type State, withoutMark } from './read.ts';
import { type Served, type Serving, serve } from './serve.ts';

export interface SyncOptions extends Serving {
  readonly store: Store;
  /** Who wants it: `manual`, `schedule`, `webhook`. */
  readonly reason: string;
  readonly dryRun: boolean;
}

/** What a sync did, as the CLI tells it. */
export interface SyncResult {
  readonly integration: string;
  readonly syncRunId: number;
  readonly outcome: Outcome;
  readonly counts: { readonly [resourceType: string]: number };
  readonly rowsWritten: number;
  readonly results: number;
  readonly changes: { readonly [aspect: string]: number };
  readonly rejects: number;
  readonly requests: number;
  readonly bytes: number;
  readonly partialReasons: readonly string[];
  /** Who served. */
  readonly source: SourceName;
  /** Why the first choice of source did not serve; null when nothing was against it. */
  readonly fallbackReason: string | null;
  /** What a person should know although nothing is missing, one sentence each. */
  readonly warnings: readonly string[];
}

/** Requests and bytes of everybody who was asked. */
function trafficOf({ source, fallback }: SyncOptions): Traffic {
  const all = [source.traffic(), ...(fallback === undefined ? [] : [fallback.source.traffic()])];
  return {
    requests: all.reduce((sum, { requests }) => sum + requests, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function reportOf({ reading, probe }: State, { source }: Served, traffic: Traffic): PassReport {
  const { counts, incomplete, rejects, project } = reading;
  const many = rejects === 1 ? '1 record was rejected' : `${rejects} records were rejected`;
  const rejected = rejects === 0 ? [] : [`${many} (see dbt.rejects).`];
  return {
    complete: incomplete.length === 0,
    whole: incomplete.length === 0 && rejects === 0,
    token: probe.token,
    environment: environmentFacts(probe, project),
    project,
    states: source.states,
    partialReasons: [...new Set([...incomplete, ...rejected, ...source.limits])],
    counts,
    ...traffic,
  };
}

async function runPass(options: SyncOptions, pass: Pass): Promise<SyncResult> {
  const { scope, onPhase } = options;
  const served = await serve(options, pass);
  const { source, fallbackReason, state } = served;
  const traffic = trafficOf(options);
  const base = { integration: scope.name, syncRunId: pass.syncRunId, source: source.name, fallbackReason };
  if (state === null) {
    await pass.unchanged(traffic);
    const nothing = {
      counts: {},
      rowsWritten: 0,
      results: 0,
      changes: {},
      rejects: 0,
      partialReasons: [],
      warnings: [],
    };
    return { ...base, outcome: 'unchanged', ...nothing, ...traffic };
  }
  refuseOther(scope, state.reading.project);
  const report = reportOf(state, served, traffic);
  onPhase?.('publish');
  const result = await pass.publish(report);
  onPhase?.('published');
  const warnings = [...new Set(source.warnings ?? [])];
  return { ...base, counts: report.counts, ...traffic, ...result, warnings };
}

/**
 * One pass: lock, probe, pages, stage, publish. Whatever happens, readers keep the previous state until the new one
 * is there whole, and the sync_run says how it ended and who served.
 * @throws whatever stopped the pass, after it was recorded.
 */
export async function sync(options: SyncOptions): Promise<SyncResult> {
  const { store, source, scope, reason, dryRun, signal } = options;
  const start = { source: source.name, reason, normalizerVersion: NORMALIZER_VERSION, dryRun, signal };
  const pass = await store.begin(scope, start);
  try {
    return await runPass(options, pass);
  } catch (thrown) {
    const error = withoutMark(thrown);
    const message = error instanceof Error ? error.message : String(error);
    await pass.fail(signal.aborted ? 'interrupted' : 'failed', message, trafficOf(options)).catch(() => undefined);
    throw error;
  } finally {
    // The session ends with the lock in any case; what the pass did or why it failed is what the caller must hear.
    await pass.release().catch(() => undefined);
    options.onPhase?.('released');
  }
}
