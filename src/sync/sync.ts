import { FatalError } from '../domain/errors.ts';
import type { ResourceType } from '../domain/records.ts';
import type { Page, Probe, ProjectFacts, Source } from '../domain/source.ts';
import type { IntegrationScope, Outcome, Pass, PassReport, Store } from '../domain/store.ts';
import { NORMALIZER_VERSION } from '../normalize/version.ts';
import { withoutFuture } from './future.ts';

/** How often a pass is taken before a state that keeps moving is published without closing anything. */
const TRIES = 3;

/** Told after each page: how many nodes of a resource type came, of how many. */
export interface Progress {
  readonly resourceType: ResourceType;
  readonly received: number;
  readonly total: number;
}

/** Where a pass is; each is told when it has been reached. */
export type Phase = 'probe' | 'page' | 'staged' | 'publish' | 'published' | 'released';

export interface SyncOptions {
  readonly store: Store;
  readonly source: Source;
  readonly scope: IntegrationScope;
  /** Who wants it: `manual`, `schedule`, `webhook`. */
  readonly reason: string;
  /** Reads everything, even when nothing moved since the last complete pass. */
  readonly full: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Told as the pass goes on: the lock is held, a page came, it is staged, publishing begins, it is committed, the lock is free. */
  readonly onPhase?: (phase: Phase, page?: Page) => void;
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
}

interface Reading {
  readonly counts: Record<string, number>;
  readonly incomplete: readonly string[];
  readonly rejects: number;
  readonly project: ProjectFacts;
}

const NO_PROJECT: ProjectFacts = { accountId: null, projectId: null, dbtVersion: null };

function isUnchanged({ token }: Probe, { lastComplete }: Pass, configHash: string): boolean {
  return (
    token !== null &&
    lastComplete?.token === token &&
    lastComplete.configHash === configHash &&
    lastComplete.normalizerVersion === NORMALIZER_VERSION
  );
}

/** Counts each node once: its definition's page counts, and the applied pages only say what was built. */
function countPage(counts: Record<string, number>, { resourceType, records }: Page): void {
  const nodes = records.filter((record) => record.kind === 'definition' && record.state === 'defined').length;
  counts[resourceType] = (counts[resourceType] ?? 0) + nodes;
}

async function readPages({ source, signal, onProgress, onPhase }: SyncOptions, pass: Pass): Promise<Reading> {
  const counts: Record<string, number> = {};
  const incomplete: string[] = [];
  let rejects = 0;
  let project = NO_PROJECT;
  const stored = await pass.stored();
  for await (const told of source.pages(signal, stored)) {
    const page = withoutFuture(told, Date.now());
    onPhase?.('page', page);
    await pass.stage(page);
    onPhase?.('staged', page);
    countPage(counts, page);
    incomplete.push(...page.incomplete);
    rejects += page.rejects.length;
    project = {
      accountId: project.accountId ?? page.project?.accountId ?? null,
      projectId: project.projectId ?? page.project?.projectId ?? null,
      dbtVersion: project.dbtVersion ?? page.project?.dbtVersion ?? null,
    };
    onProgress?.({ resourceType: page.resourceType, received: counts[page.resourceType] ?? 0, total: page.total });
  }
  return { counts, incomplete, rejects, project };
}

/** Reads the whole state, again when it moved meanwhile; a state that keeps moving is not complete. */
async function readState(options: SyncOptions, pass: Pass, first: Probe): Promise<{ reading: Reading; probe: Probe }> {
  let before = first;
  for (let attempt = 1; ; attempt++) {
    const reading = await readPages(options, pass);
    const after = await options.source.probe(options.signal);
    if (after.token === before.token) return { reading, probe: before };
    if (attempt === TRIES) {
      const moved = `The state moved during each of ${TRIES} readings.`;
      return { reading: { ...reading, incomplete: [...reading.incomplete, moved] }, probe: after };
    }
    before = after;
    await pass.restart();
  }
}

/** Ids that are configured protect a name from being pointed at somebody else's environment. */
function refuseOther({ scope }: SyncOptions, { accountId, projectId }: ProjectFacts): void {
  const { environmentId } = scope;
  const wrong = [
    { key: 'account', configured: scope.accountId, said: accountId },
    { key: 'project', configured: scope.projectId, said: projectId },
  ].find(({ configured, said }) => configured !== null && said !== null && configured !== said);
  if (wrong === undefined) return;
  const { key, configured, said } = wrong;
  throw new FatalError(
    `Environment ${environmentId} belongs to ${key} ${said}, but ${key}_id is ${configured}: correct ${key}_id or environment_id.`,
  );
}

function reportOf({ source }: SyncOptions, { reading, probe }: { reading: Reading; probe: Probe }): PassReport {
  const { counts, incomplete, rejects, project } = reading;
  const many = rejects === 1 ? '1 record was rejected' : `${rejects} records were rejected`;
  const rejected = rejects === 0 ? [] : [`${many} (see dbt.rejects).`];
  return {
    complete: incomplete.length === 0,
    whole: incomplete.length === 0 && rejects === 0,
    token: probe.token,
    environment: probe.environment,
    project,
    states: source.states,
    partialReasons: [...new Set([...incomplete, ...rejected, ...source.limits])],
    counts,
    ...source.traffic(),
  };
}

async function runPass(options: SyncOptions, pass: Pass): Promise<SyncResult> {
  const { source, scope, signal, full, onPhase } = options;
  const base = { integration: scope.name, syncRunId: pass.syncRunId };
  onPhase?.('probe');
  const probe = await source.probe(signal);
  if (!full && isUnchanged(probe, pass, scope.configHash)) {
    await pass.unchanged(source.traffic());
    const nothing = { counts: {}, rowsWritten: 0, results: 0, changes: {}, rejects: 0, partialReasons: [] };
    return { ...base, outcome: 'unchanged', ...nothing, ...source.traffic() };
  }
  const state = await readState(options, pass, probe);
  refuseOther(options, state.reading.project);
  const report = reportOf(options, state);
  const { counts, requests, bytes } = report;
  onPhase?.('publish');
  const result = await pass.publish(report);
  onPhase?.('published');
  return { ...base, counts, requests, bytes, ...result };
}

/**
 * One pass: lock, probe, pages, stage, publish. Whatever happens, readers keep the previous state until the new one
 * is there whole, and the sync_run says how it ended.
 * @throws whatever stopped the pass, after it was recorded.
 */
export async function sync(options: SyncOptions): Promise<SyncResult> {
  const { store, source, scope, reason, dryRun, signal } = options;
  const start = { source: source.name, reason, normalizerVersion: NORMALIZER_VERSION, dryRun, signal };
  const pass = await store.begin(scope, start);
  try {
    return await runPass(options, pass);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await pass.fail(signal.aborted ? 'interrupted' : 'failed', message, source.traffic()).catch(() => undefined);
    throw error;
  } finally {
    // The session ends with the lock in any case; what the pass did or why it failed is what the caller must hear.
    await pass.release().catch(() => undefined);
    options.onPhase?.('released');
  }
}
