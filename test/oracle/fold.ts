import { instantOf, isObject, type JsonObject, listOf, numberOf, objectOf, objectsOf, textOf } from './json.ts';
import type { History, Run, Step } from './load.ts';

/** One result of one node as an invocation told it; times are ISO text at millisecond precision. */
export type Attempt = {
  readonly runId: string;
  readonly jobId: number | null;
  readonly step: number;
  readonly status: string;
  readonly message: string | null;
  readonly failures: number | null;
  readonly executedAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly executionTimeS: number | null;
  readonly compiledCode: string | null;
  readonly definition: JsonObject;
};
export type CatalogEntry = { readonly at: string; readonly entry: JsonObject };
export type FreshnessCheck = { readonly runId: string; readonly snapshottedAt: string; readonly row: JsonObject };

/** What the Discovery API knows of an environment at one moment. */
export type Discovery = {
  readonly manifest: JsonObject;
  readonly definitionAt: string;
  readonly catalogs: ReadonlyMap<string, CatalogEntry>;
  /** Per unique id, oldest first. */
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  readonly freshness: ReadonlyMap<string, FreshnessCheck>;
};

const notExecuting = new Set(['generate', 'docs', 'compile', 'parse', 'list', 'ls']);

/** Folds the first `k` runs of the environment; null while no run has a manifest. CI runs tell Discovery nothing. */
export function discoveryAfter(history: History, k: number): Discovery | null {
  const runs = history.runs.slice(0, k).filter((run) => !run.isCi && run.environmentId === history.environmentId);
  const definition = newestDefinition(runs);
  if (definition === null) return null;
  const isKnown = presenceOf(runs);
  return {
    ...definition,
    catalogs: catalogsOf(runs, isKnown),
    attempts: attemptsOf(runs, isKnown),
    freshness: freshnessOf(runs, isKnown),
  };
}

/** Whether what a run said of a node still counts. */
type IsKnown = (run: Run, uniqueId: string) => boolean;

/** A node that a manifest no longer has is forgotten: when it comes back, nothing of before is told of it. */
function presenceOf(runs: readonly Run[]): IsKnown {
  const since = new Map<string, number>();
  runs.forEach((run, index) => {
    const manifest = lastManifest(run);
    if (manifest === null) return;
    const parts = [manifest.nodes, manifest.sources, manifest.unit_tests];
    const ids = new Set(parts.flatMap((part) => objectsOf(part).map(([uniqueId]) => uniqueId)));
    for (const uniqueId of since.keys()) if (!ids.has(uniqueId)) since.delete(uniqueId);
    for (const uniqueId of ids) if (!since.has(uniqueId)) since.set(uniqueId, index);
  });
  const order = new Map(runs.map((run, index) => [run.id, index]));
  return (run, uniqueId) => (order.get(run.id) ?? -1) >= (since.get(uniqueId) ?? Number.POSITIVE_INFINITY);
}

function newestDefinition(runs: readonly Run[]): { manifest: JsonObject; definitionAt: string } | null {
  let newest: { manifest: JsonObject; definitionAt: string } | null = null;
  for (const run of runs) {
    const manifest = lastManifest(run);
    const definitionAt = manifest === null ? null : generatedAt(manifest);
    if (manifest === null || definitionAt === null) continue;
    if (newest === null || definitionAt >= newest.definitionAt) newest = { manifest, definitionAt };
  }
  return newest;
}

function lastManifest(run: Run): JsonObject | null {
  for (const step of run.steps.toReversed()) {
    const manifest = step.artifact('manifest');
    if (manifest !== null) return manifest;
  }
  return null;
}

function catalogsOf(runs: readonly Run[], isKnown: IsKnown): Map<string, CatalogEntry> {
  const newest = new Map<string, CatalogEntry>();
  for (const { run, step } of stepsOf(runs)) {
    const catalog = step.artifact('catalog');
    const at = catalog === null ? null : generatedAt(catalog);
    if (catalog === null || at === null) continue;
    for (const [uniqueId, entry] of [...objectsOf(catalog.nodes), ...objectsOf(catalog.sources)]) {
      if (!isKnown(run, uniqueId)) continue;
      const known = newest.get(uniqueId);
      if (known === undefined || at >= known.at) newest.set(uniqueId, { at, entry });
    }
  }
  return newest;
}

function attemptsOf(runs: readonly Run[], isKnown: IsKnown): Map<string, Attempt[]> {
  const attempts = new Map<string, Attempt[]>();
  for (const run of runs) {
    const invocations = new Set<string>();
    for (const step of run.steps) {
      const results = step.artifact('run_results');
      if (results === null || !isExecuting(results, invocations)) continue;
      for (const [uniqueId, attempt] of attemptsOfStep(run, step, results)) {
        if (isKnown(run, uniqueId)) attempts.set(uniqueId, [...(attempts.get(uniqueId) ?? []), attempt]);
      }
    }
  }
  for (const list of attempts.values()) list.sort(byTime);
  return attempts;
}

/** False for an invocation that ran nothing, and for a leftover file of an invocation already read in this run. */
function isExecuting(results: JsonObject, invocations: Set<string>): boolean {
  const args = objectOf(results.args);
  const which = textOf(args.which) ?? textOf(args.rpc_method) ?? '';
  if (notExecuting.has(which)) return false;
  const invocation = textOf(objectOf(results.metadata).invocation_id);
  if (invocation === null) return true;
  const isNew = !invocations.has(invocation);
  invocations.add(invocation);
  return isNew;
}

function attemptsOfStep(run: Run, step: Step, results: JsonObject): [string, Attempt][] {
  const executedAt = generatedAt(results);
  if (executedAt === null) return [];
  const manifest = step.artifact('manifest') ?? lastManifest(run) ?? {};
  const definitions = { ...objectOf(manifest.nodes), ...objectOf(manifest.unit_tests) };
  return listOf(results.results).flatMap((result): [string, Attempt][] => {
    const row = objectOf(result);
    const uniqueId = textOf(row.unique_id);
    if (uniqueId === null || !/^(model|seed|snapshot|test|unit_test)\./.test(uniqueId)) return [];
    const definition = objectOf(definitions[uniqueId]);
    const execute = listOf(row.timing)
      .filter(isObject)
      .find((entry) => entry.name === 'execute');
    const attempt: Attempt = {
      runId: run.id,
      jobId: run.jobId,
      step: step.index,
      status: (textOf(row.status) ?? 'unknown').toLowerCase(),
      message: textOf(row.message),
      failures: numberOf(row.failures),
      executedAt,
      startedAt: instantOf(execute?.started_at),
      completedAt: instantOf(execute?.completed_at),
      executionTimeS: numberOf(row.execution_time),
      compiledCode: textOf(definition.compiled_code) ?? textOf(row.compiled_code),
      definition,
    };
    return [[uniqueId, attempt]];
  });
}

function freshnessOf(runs: readonly Run[], isKnown: IsKnown): Map<string, FreshnessCheck> {
  const newest = new Map<string, FreshnessCheck>();
  for (const { run, step } of stepsOf(runs)) {
    for (const row of listOf(step.artifact('sources')?.results).filter(isObject)) {
      const uniqueId = textOf(row.unique_id);
      const snapshottedAt = instantOf(row.snapshotted_at);
      if (uniqueId === null || snapshottedAt === null || !isKnown(run, uniqueId)) continue;
      const known = newest.get(uniqueId);
      if (known === undefined || snapshottedAt >= known.snapshottedAt) {
        newest.set(uniqueId, { runId: run.id, snapshottedAt, row });
      }
    }
  }
  return newest;
}

/** Order of results: time, then run (numeric ids as numbers), then step. */
export function byTime(
  a: { executedAt: string; runId: string; step: number },
  b: { executedAt: string; runId: string; step: number },
): number {
  return Date.parse(a.executedAt) - Date.parse(b.executedAt) || Number(a.runId) - Number(b.runId) || a.step - b.step;
}

function generatedAt(artifact: JsonObject): string | null {
  return instantOf(objectOf(artifact.metadata).generated_at);
}

function stepsOf(runs: readonly Run[]): { run: Run; step: Step }[] {
  return runs.flatMap((run) => run.steps.map((step) => ({ run, step })));
}
