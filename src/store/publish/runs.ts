import type { PortionResult } from '../../domain/store.ts';
import { NOTHING_WRITTEN } from '../stage/ahead.ts';
import { dropRepeats } from '../stage/repeats.ts';
import { analyzeRuns } from '../stage/tables.ts';
import type { PublishContext } from './context.ts';
import { insertRunPlaceholders } from './graph.ts';
import { publishResults } from './results.ts';
import { SETTINGS } from './settings.ts';
import { updateState } from './state.ts';

/**
 * Makes staged runs and their results part of the store, within the caller's transaction: the past of the nodes that are
 * there, and of nodes long gone, which become placeholders. Nothing is defined, built or closed.
 */
export async function publishRuns(
  part: Pick<PublishContext, 'client' | 'integrationId' | 'tally'>,
  jobId: number | null,
): Promise<PortionResult> {
  const rest = { source: 'artifacts', normalizerVersion: 0, complete: false, states: [], definesAll: false } as const;
  const context: PublishContext = { ...part, ...rest, written: NOTHING_WRITTEN };
  await context.client.query(SETTINGS);
  await dropRepeats(context.client, context.tally);
  await analyzeRuns(context.client);
  const placeholders = await insertRunPlaceholders(context);
  // A planner that takes the nodes for none looks through them, or their results, once for each.
  if (placeholders > 0) await context.client.query('analyze dbt_store.node (integration_id, node_id, unique_id)');
  const { rows, results, touched } = await publishResults(context, jobId);
  const status = await updateState(context, { jobId, touched, areBuildsTold: false });
  return { rowsWritten: placeholders + rows + status, results };
}
