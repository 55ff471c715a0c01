import type { Context, Row } from './context.ts';
import { classOf, type Result, resultsByNode } from './results.ts';
import { testColumns } from './view-tests.ts';

/** Every result seen at any sync; what only artifacts or the Admin API tell is null. */
export function runResults(context: Context): Row[] {
  return [...context.stored.results.values()].map((result) => resultRow(context, result));
}

export function testResults(context: Context): Row[] {
  return [...context.stored.results.values()].flatMap((result) => {
    const node = context.stored.nodes.get(result.uniqueId);
    if (node?.fact.resourceType !== 'test') return [];
    const { tested_resource_type: _, ...columns } = testColumns(context, node);
    return [{ ...resultRow(context, result), ...columns }];
  });
}

function resultRow(context: Context, result: Result): Row {
  const node = context.stored.nodes.get(result.uniqueId);
  return {
    integration: context.integration,
    run_id: result.runId,
    step: result.step,
    invocation_id: null,
    unique_id: result.uniqueId,
    resource_type: node?.fact.resourceType ?? null,
    name: node?.fact.name ?? null,
    status: result.status,
    message: result.message,
    failures: result.failures,
    executed_at: result.executedAt,
    started_at: result.startedAt,
    completed_at: result.completedAt,
    execution_time_s: result.executionTimeS,
    rows_affected: null,
    thread_id: null,
    adapter_response: null,
    results_source: 'discovery',
    sets_state: true,
  };
}

/** Two consecutive executed results of a node that differ in class. */
export function statusChanges(context: Context): Row[] {
  return [...resultsByNode(context.stored.results.values())].flatMap(([uniqueId, results]) => {
    const node = context.stored.nodes.get(uniqueId);
    const executed = results.filter((result) => classOf(result.status) !== 'none');
    return executed.flatMap((result, index): Row[] => {
      const before = executed[index - 1];
      if (before === undefined || classOf(before.status) === classOf(result.status)) return [];
      return [
        {
          integration: context.integration,
          unique_id: uniqueId,
          name: node?.fact.name ?? null,
          resource_type: node?.fact.resourceType ?? null,
          from_status: before.status,
          to_status: result.status,
          changed_at: result.executedAt,
          run_id: result.runId,
          owner_name: node === undefined ? null : context.owner(node).name,
        },
      ];
    });
  });
}

/** Logged changes; git_sha is left out, since it tells of the environment and not of the change. */
export function changes(context: Context): Row[] {
  return context.stored.changes.map((change) => {
    const fact = context.stored.nodes.get(change.uniqueId)?.fact;
    return {
      integration: context.integration,
      unique_id: change.uniqueId,
      name: fact?.name ?? null,
      resource_type: fact?.resourceType ?? null,
      changed_at: change.changedAt,
      aspect: change.aspect,
      item: change.item,
      before: change.before,
      after: change.after,
    };
  });
}
