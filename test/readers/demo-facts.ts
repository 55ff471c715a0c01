import { readFileSync } from 'node:fs';
import { expectedAfter, type Row } from '../oracle/expected.ts';
import { instantOf, type JsonObject, listOf, numberOf, objectOf, textOf } from '../oracle/json.ts';
import { type History, loadHistory, type Run } from '../oracle/load.ts';
import type { FactNode, FactResult, FactRun, Facts } from './facts.ts';

const NO_RESULTS = ['generate', 'compile', 'parse', 'list', 'docs'];
const STATUS: { readonly [code: number]: string } = { 10: 'success', 20: 'error', 30: 'cancelled' };
const rows = (value: unknown): JsonObject[] => listOf(value as never).map((one) => objectOf(one));

function resultsOf(run: Run): FactResult[] {
  return run.steps.flatMap((step) => {
    const told = step.artifact('run_results');
    if (told === null || NO_RESULTS.includes(textOf(objectOf(told.args).which) ?? '')) return [];
    const at = instantOf(objectOf(told.metadata).generated_at) ?? '';
    return rows(told.results).map((result): FactResult => {
      const executed = rows(result.timing).find(({ name }) => name === 'execute');
      return {
        id: textOf(result.unique_id) ?? '',
        runId: run.id,
        step: step.index,
        status: textOf(result.status) ?? '',
        failures: numberOf(result.failures),
        at,
        startedAt: textOf(executed?.started_at),
        completedAt: textOf(executed?.completed_at),
        seconds: numberOf(result.execution_time),
      };
    });
  });
}

function checksOf(run: Run): Facts['checks'] {
  return run.steps.flatMap((step) =>
    rows(step.artifact('sources')?.results).flatMap((check) => {
      const at = instantOf(check.snapshotted_at);
      const loadedAt = instantOf(check.max_loaded_at);
      const ageS = numberOf(check.max_loaded_at_time_ago_in_s);
      return at === null
        ? []
        : [{ id: textOf(check.unique_id) ?? '', at, status: textOf(check.status) ?? '', loadedAt, ageS }];
    }),
  );
}

function runsOf(folder: string, { runs }: History): FactRun[] {
  const told = JSON.parse(readFileSync(`${folder}/history.json`, 'utf8')) as { jobs: JsonObject[]; runs: JsonObject[] };
  const jobs = new Map(told.jobs.map((job) => [job.id, textOf(job.name) ?? '']));
  return told.runs.map((run, index) => ({
    id: String(run.id),
    jobId: String(run.job_id),
    job: jobs.get(run.job_id ?? 0) ?? '',
    status: STATUS[numberOf(run.status) ?? 0] ?? '',
    createdAt: textOf(run.created_at) ?? '',
    startedAt: textOf(run.started_at),
    finishedAt: textOf(run.finished_at),
    gitSha: textOf(run.git_sha) ?? '',
    retryOf: null,
    counts: runs[index]?.isCi === false,
  }));
}

type Views = ReturnType<typeof expectedAfter>;

/** An owner without a name is called by the address. */
const ownerOf = (row: Row): string | null => textOf(row.owner_name) ?? textOf(row.owner_email);

function nodesOf(views: Views): FactNode[] {
  const tests = new Map(views.tests.map((test) => [test.unique_id, test]));
  const urls = new Map(views.exposures.map(({ unique_id: id, url }) => [id, textOf(url)]));
  return views.nodes.map((node) => {
    const test = tests.get(node.unique_id ?? '');
    const columns = views.columns.filter(({ unique_id: id }) => id === node.unique_id);
    return {
      id: String(node.unique_id),
      type: String(node.resource_type),
      name: String(node.name),
      packageName: String(node.package_name),
      database: textOf(node.database_name),
      schema: textOf(node.schema_name),
      identifier: textOf(node.identifier),
      layer: textOf(node.layer),
      group: textOf(node.group_name),
      owner: ownerOf(test ?? node),
      description: textOf(node.description),
      url: urls.get(node.unique_id ?? '') ?? null,
      dbtUrl: textOf(node.dbt_url),
      tested: textOf(test?.tested_unique_id),
      column: textOf(test?.column_name),
      parents: views.lineage
        .filter((edge) => edge.child_unique_id === node.unique_id)
        .map((edge) => String(edge.parent_unique_id)),
      columns: columns.map((column) => ({ name: String(column.column_name), description: textOf(column.description) })),
      contract: node.contract_enforced === true,
      isDeprecated: node.deprecation_date !== null,
    };
  });
}

/** The nodes at the end of each day, from that of the first run on: those of the last run until then. */
function daysOf(runs: readonly FactRun[], now: string, nodesAfter: (runs: number) => FactNode[]): Facts['days'] {
  const ended = runs.map(({ finishedAt, createdAt }) => (finishedAt ?? createdAt).slice(0, 10));
  const days: { day: string; nodes: FactNode[] }[] = [];
  for (let at = Date.parse(ended[0] ?? now); at <= Date.parse(now); at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10);
    const isNew = days.length === 0 || ended.includes(day);
    days.push({
      day,
      nodes: isNew ? nodesAfter(ended.filter((end) => end <= day).length) : (days.at(-1)?.nodes ?? []),
    });
  }
  return days;
}

/** The past of a recorded history, read from its artifacts alone. */
export function demoFacts(folder: string, now: string): Facts {
  const history = loadHistory(folder);
  const after = (runs: number) =>
    expectedAfter(history, runs, { integration: 'shop', accessUrl: 'https://ab123.us1.dbt.com' });
  const views = after(history.runs.length);
  const runs = runsOf(folder, history);
  return {
    now,
    nodes: nodesOf(views),
    days: daysOf(runs, now, (count) => nodesOf(after(count))),
    removedModels: views.removed_nodes
      .filter(({ resource_type: type }) => type === 'model')
      .map((node) => ({ id: String(node.unique_id), owner: ownerOf(node) })),
    runs,
    results: history.runs.flatMap(resultsOf),
    checks: history.runs.filter(({ isCi }) => !isCi).flatMap(checksOf),
    changes: views.changes.map((change) => ({
      id: String(change.unique_id),
      type: String(change.resource_type),
      at: String(change.changed_at),
      aspect: String(change.aspect),
      item: textOf(change.item),
      before: change.before ?? null,
      after: change.after ?? null,
    })),
  };
}
