import type { IntegrationScope, PassReport, PassResult } from '../../domain/store.ts';
import { applyScope } from '../integration.ts';
import { dropRepeats } from '../stage/repeats.ts';
import { analyzeTables } from '../stage/tables.ts';
import { keepTold, updateBuilds, updateCodes } from './builds.ts';
import { updateCatalogs } from './catalogs.ts';
import { findDefinitionChanges, findNodeChanges, writeChanges } from './changes.ts';
import { columnsOf, type PublishContext } from './context.ts';
import { keepCoverage, saysNothingNew, storeCoverage } from './coverage.ts';
import { insertNodes, planDefinitions, planPass, shareDefinitionTime, updateDefinitions } from './definitions.ts';
import { insertPlaceholders, replaceEdges } from './graph.ts';
import { closeNodes } from './removals.ts';
import { publishResults } from './results.ts';
import { SETTINGS } from './settings.ts';
import { updateState } from './state.ts';

/** What publishing wrote, before the sync_run row itself. */
export interface Published extends Pick<PassResult, 'rowsWritten' | 'changes' | 'results'> {
  /** Why nothing was closed, when the guard against mass removal objected. */
  readonly guarded: string | null;
  /** Tables whose statistics are those of this pass. */
  readonly analyzed: readonly string[];
}

/**
 * Above this many new nodes the planner is told of them at once: it would take a new integration for empty, and go
 * through all its nodes once for each of them.
 */
const ANALYZE_NODES = 1_000;

/** What statements of a pass join by and look at, then what readers do; the rest is long, and nobody looks for it. */
const JOINED = [
  ...['integration_id', 'node_id', 'unique_id', 'resource_type', 'state', 'removed_at', 'definition_at'],
  ...['definition_digest', 'build_digest', 'compiled_digest', 'catalog_source', 'catalog_at', 'catalog_digest'],
  ...['name', 'package_name', 'schema_name', 'identifier', 'materialization', 'access', 'group_name', 'owner_name'],
  ...['test_type', 'tested_unique_id', 'column_name', 'source_name', 'first_seen_at', 'changed_at'],
].join(', ');

/** What the environment says of itself, by the parameter that holds it. */
const ENVIRONMENT_FACTS = [
  ['project_name', '$2::text'],
  ['adapter_type', '$3::text'],
  ['dbt_version', '$4::text'],
  ['git_sha', '$5::text'],
  ['dbt_updated_at', '$6::timestamptz'],
  ['environment_name', '$12::text'],
] as const;

const OWN_FACTS = [
  ...ENVIRONMENT_FACTS.map(([fact]) => fact),
  ...['complete_token', 'complete_config_hash', 'complete_normalizer', 'complete_at', 'history_token', 'runs_until'],
];

/** An older pass only adds what is unknown. */
function statedFact([fact, value]: (typeof ENVIRONMENT_FACTS)[number]): string {
  return `case when pass.is_current then coalesce(${value}, o.${fact}) else coalesce(o.${fact}, ${value}) end as ${fact}`;
}

/**
 * The integration's own row: what the environment says of itself, and the pass to compare the next probe with. Where
 * that alone is new, no row counts as written: like the sync_run it is of the pass, not of dbt.
 */
async function updateIntegration(
  context: PublishContext,
  report: PassReport,
  scope: IntegrationScope,
): Promise<number> {
  const { environment, project } = report;
  const of = (row: string) =>
    columnsOf(
      row,
      ENVIRONMENT_FACTS.map(([fact]) => fact),
    );
  const { rows } = await context.client.query<{ is_told: boolean }>(
    `update dbt_store.integration i set (${OWN_FACTS.join(', ')}) = row(${OWN_FACTS.map((fact) => `now.${fact}`).join(', ')})
    from dbt_store.integration o
    cross join plan_pass pass
    cross join lateral (select ${ENVIRONMENT_FACTS.map(statedFact).join(', ')},
      case when $7 then $8 else o.complete_token end as complete_token,
      case when $7 then $9 else o.complete_config_hash end as complete_config_hash,
      case when $7 then $10::integer else o.complete_normalizer end as complete_normalizer,
      case when $11 then coalesce(o.complete_at, pass.at) else o.complete_at end as complete_at,
      coalesce($13, o.history_token) as history_token, coalesce($14::timestamptz, o.runs_until) as runs_until) now
    where i.integration_id = $1 and o.integration_id = $1 and (${columnsOf('i', OWN_FACTS)}) is distinct from (${columnsOf('now', OWN_FACTS)})
    returning (${of('o')}) is distinct from (${of('now')}) as is_told`,
    [
      context.integrationId,
      environment.projectName,
      environment.adapterType,
      project.dbtVersion,
      environment.gitSha,
      environment.updatedAt,
      report.whole,
      report.token,
      scope.configHash,
      context.normalizerVersion,
      report.complete,
      project.environmentName ?? null,
      report.runs?.token,
      report.runs?.until,
    ],
  );
  return rows.filter(({ is_told: isTold }) => isTold).length;
}

/**
 * Makes the staged pass the state of the store, within the caller's transaction. Only rows whose content differs are
 * written; what is older than what is stored changes nothing.
 */
export async function publishPass(
  context: PublishContext,
  report: PassReport,
  scope: IntegrationScope,
): Promise<Published> {
  await context.client.query(SETTINGS);
  await dropRepeats(context.client, context.tally);
  // What is new is looked for by its id, many times over.
  if (!context.tally.isKnown('definitions')) await context.client.query('create index on stage_definition (unique_id)');
  await analyzeTables(context.client);
  const times = await planPass(context, report.environment.updatedAt);
  const planned = await planDefinitions(context);
  const isCovered = saysNothingNew(context);
  if (!isCovered) await keepCoverage(context);
  await findDefinitionChanges(context);
  const { written } = context;
  const added = written.nodes + written.columns + (await insertNodes(context));
  const updated = planned === 0 ? 0 : await updateDefinitions(context);
  const placeholders = await insertPlaceholders(context);
  const areNews = added + placeholders > ANALYZE_NODES;
  if (areNews) await context.client.query(`analyze dbt_store.node (${JOINED})`);
  let rows = added + written.edges + updated + placeholders;
  if (planned > 0 || added > 0) rows += await replaceEdges(context);
  const removals = await closeNodes(context, report, scope.maxRemovalRatio);
  rows += removals.rows;
  rows += await updateBuilds(context);
  rows += await updateCodes(context);
  rows += await updateCatalogs(context, times);
  if (!isCovered || removals.closed > 0) rows += await storeCoverage(context);
  await findNodeChanges(context, times);
  rows += await writeChanges(context);
  rows += await shareDefinitionTime(context, times);
  const results = await publishResults(context, scope.jobId);
  rows +=
    results.rows + (await updateState(context, { jobId: scope.jobId, touched: results.touched, areBuildsTold: true }));
  if (results.touched > 0 && !written.isAll) rows += await keepTold(context);
  rows += await applyScope(context.client, context.integrationId, { scope, project: report.project });
  const isWhole = report.whole && removals.guarded === null;
  rows += await updateIntegration(context, { ...report, whole: isWhole }, scope);
  const { rows: aspects } = await context.client.query<{ aspect: string; count: number }>(
    'select aspect, count(*)::integer as count from plan_change, plan_pass where not is_first group by aspect order by aspect',
  );
  return {
    rowsWritten: rows,
    changes: Object.fromEntries(aspects.map(({ aspect, count }) => [aspect, count])),
    results: results.results,
    guarded: removals.guarded,
    analyzed: areNews ? ['node'] : [],
  };
}
