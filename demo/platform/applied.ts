import type { JsonObject, ManifestNode, RunResult } from './artifacts.ts';
import { catalogFacts } from './catalog.ts';
import type { Owner } from './definition.ts';
import { date, freshnessCriteria, manifestFacts, parentsOf, type ServedNode } from './facts.ts';
import type { EnvironmentState, Execution } from './fold.ts';

/** The nodes of every connection of the applied state: what was executed, and the sources and exposures around it. */
export function appliedNodes(state: EnvironmentState, owner: Owner): Record<string, ServedNode[]> {
  if (!state.manifest) return {};
  const { body } = state.manifest;
  const executed = (...types: string[]) =>
    [...state.executions.values()]
      .filter(({ node }) => types.includes(node.resource_type))
      .map((execution) => executedNode(state, owner, execution));
  return {
    models: executed('model'),
    seeds: executed('seed'),
    snapshots: executed('snapshot'),
    tests: executed('test', 'unit_test'),
    sources: Object.values(body.sources ?? {}).map((node) => sourceNode(state, owner, node)),
    exposures: Object.values(body.exposures ?? {}).map((node) => currentNode(state, owner, node)),
  };
}

function executedNode(state: EnvironmentState, owner: Owner, execution: Execution): ServedNode {
  const { node } = execution;
  const catalog = catalogFacts(state, node);
  const inherited = !node.description && catalog?.comment ? catalog.comment : null;
  return {
    ...currentNode(state, owner, node),
    ...(inherited ? { description: inherited } : {}),
    isDescriptionInherited: inherited !== null,
    dbtVersion: execution.dbtVersion,
    compiledCode: execution.compiledCode,
    executionInfo: executionInfo(execution),
    catalog,
  };
}

function currentNode(state: EnvironmentState, owner: Owner, node: ManifestNode): ServedNode {
  const facts = { ...manifestFacts(node), ...owner };
  if (!state.manifest) return facts;
  const { body, origin } = state.manifest;
  const runGeneratedAt = date(origin.generatedAt);
  return {
    ...facts,
    dbtVersion: body.metadata.dbt_version ?? null,
    manifestGeneratedAt: runGeneratedAt,
    parents: () => parentsOf(node, { manifest: body, state: 'AppliedState', ...owner, runGeneratedAt }),
  };
}

/**
 * The two clocks of the API: last* tell of the latest attempt whatever came of it, the others of the latest success.
 * After a failure they speak of two different runs.
 */
function executionInfo({ node, last, lastSuccess }: Execution): JsonObject {
  const isModel = node.resource_type === 'model';
  const executed = lastSuccess?.result.timing?.find(({ name }) => name === 'execute');
  return {
    lastRunId: last.origin.runId,
    lastJobDefinitionId: last.origin.jobId,
    lastRunGeneratedAt: date(last.origin.generatedAt),
    lastRunStatus: isModel ? runStatus(last.result) : last.result.status,
    lastRunError: ['error', 'fail', 'runtime error'].includes(last.result.status)
      ? (last.result.message ?? null)
      : null,
    lastRunFailures: last.result.failures ?? null,
    lastSuccessRunId: lastSuccess?.origin.runId ?? null,
    lastSuccessJobDefinitionId: lastSuccess?.origin.jobId ?? null,
    runGeneratedAt: date(lastSuccess?.origin.generatedAt),
    executeStartedAt: date(executed?.started_at),
    executeCompletedAt: date(executed?.completed_at),
    executionTime: lastSuccess?.result.execution_time ?? null,
  };
}

/** The enum of a model's status has three words; dbt has more. */
function runStatus({ status }: RunResult): string | null {
  if (status === 'success' || status === 'warn') return 'success';
  if (status === 'error' || status === 'partial success') return 'error';
  return status === 'skipped' || status === 'no-op' ? 'skipped' : null;
}

function sourceNode(state: EnvironmentState, owner: Owner, node: ManifestNode): ServedNode {
  return {
    ...currentNode(state, owner, node),
    catalog: catalogFacts(state, node),
    freshness: freshness(state, node),
  };
}

const FRESHNESS_STATUS: Record<string, string> = { pass: 'Pass', warn: 'Warn', error: 'Error' };

function freshness(state: EnvironmentState, node: ManifestNode): JsonObject {
  const criteria = freshnessCriteria(node);
  const check = state.freshness.get(node.unique_id);
  return {
    criteria: { warnAfter: criteria?.warn_after ?? null, errorAfter: criteria?.error_after ?? null },
    freshnessChecked: check ? true : criteria ? false : null,
    freshnessStatus: check ? (FRESHNESS_STATUS[check.result.status] ?? 'Unknown') : null,
    maxLoadedAt: date(check?.result.max_loaded_at),
    maxLoadedAtTimeAgoInS: check?.result.max_loaded_at_time_ago_in_s ?? null,
    snapshottedAt: date(check?.result.snapshotted_at),
    freshnessRunId: check?.origin.runId ?? null,
    freshnessJobDefinitionId: check?.origin.jobId ?? null,
    freshnessRunGeneratedAt: date(check?.origin.generatedAt),
  };
}
