import type { Client } from '../pool.ts';
import { type PublishContext, write } from './context.ts';
import { countFirst, findRanges, rebuildRollups, updateRollups } from './rollups.ts';
import { deriveAll, type State, updateStatus } from './status.ts';

/**
 * Derives what follows from the results that this pass changed: the status of their nodes, and what is counted of them.
 * Of all results when the integration was narrowed to another job, for what other jobs said is then no state any more.
 */
export async function updateState(context: PublishContext, state: State): Promise<number> {
  const { client, integrationId } = context;
  const narrowed = await write(
    context,
    'update dbt_store.integration set job_id = $2 where integration_id = $1 and job_id is distinct from $2::bigint',
    [state.jobId],
  );
  if (narrowed > 0) return narrowed + (await rebuild(client, integrationId, state.jobId));
  if (state.touched === 0) return 0;
  if (context.written.isAll) return (await updateStatus(context, state)) + (await countFirst(context));
  // Looks at the status as it was before.
  await findRanges(context);
  return (await updateStatus(context, state)) + (await updateRollups(context));
}

async function rebuild(client: Client, integrationId: number, jobId: number | null): Promise<number> {
  return (await deriveAll(client, integrationId, jobId)) + (await rebuildRollups(client, integrationId));
}

/** Derives everything of every integration anew. Gives the number of rows that were not right. */
export async function rebuildState(client: Client): Promise<number> {
  const { rows } = await client.query<{ id: number; job_id: string | null }>(
    'select integration_id as id, job_id from dbt_store.integration order by 1',
  );
  let corrected = 0;
  for (const { id, job_id: jobId } of rows) {
    corrected += await rebuild(client, id, jobId === null ? null : Number(jobId));
  }
  return corrected;
}
