import type {
  Catalog,
  CatalogEntry,
  FreshnessResult,
  Manifest,
  ManifestNode,
  RunResult,
  RunResults,
  SourcesArtifact,
} from './artifacts.ts';
import { type ArtifactReader, type History, type HistoryRun, isCi } from './history.ts';

/** Which invocation said something, and when dbt wrote it down. */
export interface Origin {
  runId: number;
  jobId: number;
  generatedAt: string;
}

/** What the applied state knows of a model, seed, snapshot or test. */
export interface Execution {
  /** The node as it was when it was last applied, or at its first attempt while it never was. */
  node: ManifestNode;
  dbtVersion: string | null;
  compiledCode: string | null;
  last: { result: RunResult; origin: Origin };
  lastSuccess: { result: RunResult; origin: Origin } | null;
}

/** The state of one environment after the runs ingested so far. */
export interface EnvironmentState {
  lastUpdatedAt: string | null;
  latestGitSha: string | null;
  manifest: { body: Manifest; origin: Origin } | null;
  executions: Map<string, Execution>;
  catalog: Map<string, { entry: CatalogEntry; origin: Origin }>;
  freshness: Map<string, { result: FreshnessResult; origin: Origin }>;
}

export function emptyState(): EnvironmentState {
  return {
    lastUpdatedAt: null,
    latestGitSha: null,
    manifest: null,
    executions: new Map(),
    catalog: new Map(),
    freshness: new Map(),
  };
}

/** Invocations whose run_results tell what happened in the warehouse; those of compile and docs generate do not. */
const EXECUTING = new Set(['build', 'run', 'seed', 'snapshot', 'test', 'clone', 'retry']);
const SUCCEEDED = new Set(['success', 'pass', 'warn']);
/** A failed test was executed all the same: its definition of that day is the applied one. */
const APPLIED = new Set([...SUCCEEDED, 'fail']);

/** Adds one finished run of the environment to its state. Runs come in order; a later step of a run wins over an earlier. */
export function ingest(state: EnvironmentState, run: HistoryRun, read: ArtifactReader): void {
  for (const step of run.steps) {
    const manifest = read(run, step, 'manifest.json');
    if (manifest) ingestManifest(state, manifest, run);
    const results = read(run, step, 'run_results.json');
    if (results) ingestResults(state, results, run);
    const catalog = read(run, step, 'catalog.json');
    if (catalog) ingestCatalog(state, catalog, run);
    const sources = read(run, step, 'sources.json');
    if (sources) ingestFreshness(state, sources, run);
  }
  state.lastUpdatedAt = run.finished_at;
  state.latestGitSha = run.git_sha;
}

/** True for a run that changes the state of its environment: not of CI, and one that left artifacts behind. */
export function counts(history: History, run: HistoryRun): boolean {
  return !isCi(history, run) && run.steps.some((step) => step.artifacts.length > 0);
}

function ingestManifest(state: EnvironmentState, body: Manifest, run: HistoryRun): void {
  state.manifest = { body, origin: origin(run, body.metadata.generated_at) };
  for (const known of [state.executions, state.catalog, state.freshness]) {
    for (const id of known.keys()) if (!findNode(body, id)) known.delete(id);
  }
}

function ingestResults(state: EnvironmentState, artifact: RunResults, run: HistoryRun): void {
  const which = artifact.args?.which ?? artifact.args?.rpc_method;
  if (which && !EXECUTING.has(which)) return;
  const at = origin(run, artifact.metadata.generated_at);
  for (const result of artifact.results) {
    const node = state.manifest && findNode(state.manifest.body, result.unique_id);
    if (!node || !['model', 'seed', 'snapshot', 'test', 'unit_test'].includes(node.resource_type)) continue;
    const before = state.executions.get(node.unique_id);
    const last = { result, origin: at };
    const applied = APPLIED.has(result.status) || !before?.lastSuccess;
    const compiled = result.compiled_code ?? node.compiled_code ?? node.compiled_sql ?? before?.compiledCode ?? null;
    state.executions.set(node.unique_id, {
      node: applied || !before ? node : before.node,
      dbtVersion: applied || !before ? (artifact.metadata.dbt_version ?? null) : before.dbtVersion,
      compiledCode: applied || !before ? compiled : before.compiledCode,
      last,
      lastSuccess: SUCCEEDED.has(result.status) ? last : (before?.lastSuccess ?? null),
    });
  }
}

function ingestCatalog(state: EnvironmentState, catalog: Catalog, run: HistoryRun): void {
  const at = origin(run, catalog.metadata.generated_at);
  for (const [id, entry] of Object.entries({ ...catalog.nodes, ...catalog.sources })) {
    state.catalog.set(id, { entry, origin: at });
  }
}

function ingestFreshness(state: EnvironmentState, sources: SourcesArtifact, run: HistoryRun): void {
  const at = origin(run, sources.metadata.generated_at);
  for (const result of sources.results) state.freshness.set(result.unique_id, { result, origin: at });
}

function origin(run: HistoryRun, generatedAt: string): Origin {
  return { runId: run.id, jobId: run.job_id, generatedAt };
}

/** The node of that unique id, in whichever part of the manifest dbt keeps its kind. */
export function findNode(manifest: Manifest, id: string): ManifestNode | undefined {
  return (
    manifest.nodes[id] ??
    manifest.sources?.[id] ??
    manifest.exposures?.[id] ??
    manifest.unit_tests?.[id] ??
    manifest.metrics?.[id] ??
    manifest.semantic_models?.[id] ??
    manifest.saved_queries?.[id]
  );
}
