import type { Context, Row } from './context.ts';
import { objectOf, textOf } from './json.ts';
import { worstOf } from './status.ts';
import type { StoredNode } from './syncs.ts';

export function tests(context: Context): Row[] {
  return context.present.filter((node) => node.fact.resourceType === 'test').map((node) => testRow(context, node));
}

function testRow(context: Context, node: StoredNode): Row {
  const { fact } = node;
  const owner = context.owner(node);
  const severity = textOf(objectOf(node.applied?.definition.config).severity);
  return {
    integration: context.integration,
    unique_id: fact.uniqueId,
    name: fact.name,
    test_type: testTypeOf(node),
    ...testColumns(context, node),
    test_namespace: textOf(ranMetadata(node).namespace),
    arguments: ranMetadata(node).kwargs ?? null,
    severity: severity?.toLowerCase() ?? null,
    owner_name: owner.name,
    owner_email: owner.email,
    ...testStatus(context, node),
    raw_code: fact.rawCode,
    compiled_code: node.compiledCode,
    file_path: fact.filePath,
    tags: [...fact.tags],
    meta: fact.meta,
    dbt_url: node.definitionAt === null ? null : context.dbtUrl(fact.uniqueId),
  };
}

/** What a test is about: the columns that `tests` and `test_results` share, and the tested node's type. */
export function testColumns(context: Context, node: StoredNode): Row {
  const testedId = context.testedNode(node);
  const tested = testedId === null ? undefined : context.stored.nodes.get(testedId);
  return {
    test_name: textOf(ranMetadata(node).name),
    column_name: columnNameOf(node),
    tested_unique_id: testedId,
    tested_name: tested?.fact.name ?? null,
    tested_resource_type: tested?.fact.resourceType ?? null,
  };
}

function testStatus(context: Context, node: StoredNode): Row {
  const status = context.status(node.fact.uniqueId);
  return {
    status: status.last?.status ?? null,
    failures: status.last?.failures ?? null,
    message: status.last?.message ?? null,
    last_run_id: status.last?.runId ?? null,
    last_job_id: status.last?.jobId ?? null,
    last_run_at: status.last?.executedAt ?? null,
    last_executed_at: status.lastExecuted?.executedAt ?? null,
    last_pass_at: status.lastPass?.executedAt ?? null,
    status_since: status.statusSince,
    failing_since: status.failingSince,
    since_is_exact: status.last === null ? null : false,
    consecutive_failures: status.consecutiveFailures,
  };
}

/** The columns about a node's own tests, as models, seeds, snapshots and sources show them. */
export function testCounts(context: Context, uniqueId: string): Row {
  const classes = context.testsOf(uniqueId).map((test) => context.status(test.fact.uniqueId).class);
  const count = (one: string) => classes.filter((of) => of === one).length;
  return {
    tests: classes.length,
    tests_passed: count('ok'),
    tests_warned: count('warn'),
    tests_failed: count('fail'),
    tests_errored: count('error'),
    test_status: worstOf(classes),
  };
}

export function columnNameOf(node: StoredNode): string | null {
  return textOf(node.fact.raw.column_name) ?? textOf(objectOf(ranMetadata(node).kwargs).column_name);
}

function testTypeOf(node: StoredNode): string | null {
  if (node.definitionAt === null) return null;
  if (node.fact.uniqueId.startsWith('unit_test.')) return 'unit';
  return textOf(objectOf(node.fact.raw.test_metadata).name) === null ? 'singular' : 'generic';
}

/** Discovery tells a test's name and arguments only once it has run. */
function ranMetadata(node: StoredNode): Row {
  return objectOf(node.applied?.definition.test_metadata);
}
