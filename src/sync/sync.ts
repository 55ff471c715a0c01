import type { SourceName, Traffic } from '../domain/source.ts';
import type { Outcome, Pass, PassReport, RunsTaken, Store } from '../domain/store.ts';
import { NORMALIZER_VERSION } from '../normalize/version.ts';
import { environmentFacts, knownFacts, NO_PROJECT, refuseOther } from './project.ts';
import { type Reading, withoutMark } from './read.ts';
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
function trafficOf({ source, fallback, history }: SyncOptions): Traffic {
  const all = [source, fallback?.source, history?.source].flatMap((asked) => asked?.traffic() ?? []);
  return {
    requests: all.reduce((sum, { requests }) => sum + requests, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Nothing came of the state, because nothing of it moved. */
const UNMOVED: Reading = { counts: {}, incomplete: [], rejects: 0, project: NO_PROJECT };

/** What a source leaves out; runs that were all taken make up for what it knows of them alone. */
function limitsOf({ source, past }: Served): readonly string[] {
  return past?.isWhole === true ? source.limits : [...source.limits, ...(source.limitsWithoutRuns ?? [])];
}

/** How far the source itself told runs: what it could not have is asked for again. */
function runsOf({ state, source }: Served): RunsTaken | null {
  if (state.reading === null || source.limits.length > 0) return null;
  return { token: null, until: state.probe.runsUntil ?? null };
}

/** Whatever came was rejected: nobody can say that this is all there is. */
const isNothing = (counts: Reading['counts'], rejects: number) =>
  rejects > 0 && Object.values(counts).every((count) => count === 0);

function reportOf(served: Served, traffic: Traffic): PassReport {
  const { state, past } = served;
  const { reading, probe } = state;
  const { counts, incomplete, rejects, ...told } = reading ?? UNMOVED;
  const project = knownFacts(told.project, past?.project);
  const all = rejects + (past?.rejects ?? 0);
  const many = all === 1 ? '1 record was rejected' : `${all} records were rejected`;
  const rejected = all === 0 ? [] : [`${many} (see dbt.rejects).`];
  return {
    complete: reading !== null && incomplete.length === 0 && !isNothing(counts, rejects),
    whole: reading === null || (incomplete.length === 0 && rejects === 0 && served.source.limits.length === 0),
    token: probe.token,
    runs: past?.runs ?? runsOf(served),
    environment: environmentFacts(probe, project),
    project,
    states: served.source.states,
    partialReasons: [...new Set([...incomplete, ...rejected, ...limitsOf(served), ...(past?.limits ?? [])])],
    counts,
    ...traffic,
  };
}

/** Neither the state moved, nor did a run end, nor is there anything to say of it. */
function isUnchanged({ state, past }: Served, lastHistory: string | null): boolean {
  if (state.reading !== null) return false;
  return (
    past === null ||
    (past.limits.length === 0 && past.rejects === 0 && (past.runs === null || past.runs.token === lastHistory))
  );
}

async function runPass(options: SyncOptions, pass: Pass): Promise<SyncResult> {
  const { scope, onPhase } = options;
  const served = await serve(options, pass);
  const { source, fallbackReason, past } = served;
  const traffic = trafficOf(options);
  const base = { integration: scope.name, syncRunId: pass.syncRunId, source: source.name, fallbackReason };
  const warnings = () => [...new Set([...(source.warnings ?? []), ...(past?.warnings ?? [])])];
  if (isUnchanged(served, pass.lastHistory)) {
    await pass.unchanged(traffic);
    const nothing = { counts: {}, rowsWritten: 0, results: 0, changes: {}, rejects: 0, partialReasons: [] };
    return { ...base, outcome: 'unchanged', ...nothing, warnings: past?.warnings ?? [], ...traffic };
  }
  const report = reportOf(served, traffic);
  refuseOther(scope, report.project);
  onPhase?.('publish');
  const result = await pass.publish(report);
  onPhase?.('published');
  return { ...base, counts: report.counts, ...traffic, ...result, warnings: warnings() };
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
