import { contextOf, type ExpectedOptions, type Row } from './context.ts';
import { discoveryAfter } from './fold.ts';
import type { Graph } from './graph.ts';
import type { History } from './load.ts';
import { emptyStore, type Stored, sync } from './syncs.ts';
import { columns } from './view-columns.ts';
import { exposures } from './view-exposures.ts';
import { builtNodes } from './view-models.ts';
import { nodeRow, removedNodes } from './view-nodes.ts';
import { lineage, relationLineage, relations } from './view-relations.ts';
import { changes, runResults, statusChanges, testResults } from './view-results.ts';
import { groups, macros, metrics, savedQueries, semanticModels } from './view-semantic.ts';
import { freshnessResults, sources } from './view-sources.ts';
import { tests } from './view-tests.ts';

export type { ExpectedOptions, Row } from './context.ts';

/** The rows of each view by its name, and the walks of `dbt.upstream` and `dbt.downstream`. */
export type Expected = Readonly<Record<ViewName, readonly Row[]>> & Pick<Graph, 'upstream' | 'downstream'>;
export type ViewName =
  | 'nodes'
  | 'removed_nodes'
  | 'models'
  | 'seeds'
  | 'snapshots'
  | 'tests'
  | 'sources'
  | 'exposures'
  | 'metrics'
  | 'semantic_models'
  | 'saved_queries'
  | 'groups'
  | 'macros'
  | 'columns'
  | 'lineage'
  | 'relation_lineage'
  | 'relations'
  | 'run_results'
  | 'test_results'
  | 'freshness_results'
  | 'changes'
  | 'status_changes';

/** What readers must see once a sync through Discovery has followed each of the first `k` runs. */
export function expectedAfter(history: History, k: number, options: ExpectedOptions = {}): Expected {
  const context = contextOf(storedAfter(history, k, options), options, (uniqueId) => {
    if (options.accessUrl === undefined) return null;
    const project = `${options.accessUrl}/explore/${history.accountId}/projects/${history.projectId}`;
    return `${project}/environments/production/details/${uniqueId}`;
  });
  return {
    nodes: context.present.map((node) => nodeRow(context, node)),
    removed_nodes: removedNodes(context),
    models: builtNodes(context, 'model'),
    seeds: builtNodes(context, 'seed'),
    snapshots: builtNodes(context, 'snapshot'),
    tests: tests(context),
    sources: sources(context),
    exposures: exposures(context),
    metrics: metrics(context),
    semantic_models: semanticModels(context),
    saved_queries: savedQueries(context),
    groups: groups(context),
    macros: macros(context),
    columns: columns(context),
    lineage: lineage(context),
    relation_lineage: relationLineage(context),
    relations: relations(context),
    run_results: runResults(context),
    test_results: testResults(context),
    freshness_results: freshnessResults(context),
    changes: changes(context),
    status_changes: statusChanges(context),
    upstream: context.graph.upstream,
    downstream: context.graph.downstream,
  };
}

function storedAfter(history: History, k: number, options: ExpectedOptions): Stored {
  const stored = emptyStore();
  const last = Math.min(k, history.runs.length);
  const all = Array.from({ length: last }, (_, index) => index + 1);
  for (const run of (options.syncsAfter ?? all).filter((one) => one <= last)) {
    const told = discoveryAfter(history, run);
    if (told !== null) sync(stored, told);
  }
  return stored;
}
