import type { ResultRecord, StoreRecord } from '../../domain/records.ts';
import { storable } from '../copy-text.ts';
import type { Client } from '../pool.ts';
import { addLine, copyLines, type Lines } from './lines.ts';
import { addStored } from './new-results.ts';
import type { Tally } from './tally.ts';

interface Place {
  readonly client: Client;
  readonly integrationId: number;
}

/** The results of one run's steps, as long as they can go into the store as they are. */
interface WholeRun {
  readonly jobId: number | null;
  readonly results: Map<string, ResultRecord>;
}

/** The runs whose results are those of known nodes, each told once. */
function plainRuns(records: readonly StoreRecord[], isKnown: (uniqueId: string) => boolean): Map<string, WholeRun> {
  const runs = new Map<string, WholeRun>();
  const others = new Set<string>();
  for (const record of records) {
    if (record.kind !== 'result') continue;
    const id = storable(record.runId);
    if (others.has(id)) continue;
    const run = runs.get(id) ?? { jobId: record.jobId, results: new Map() };
    const key = `${record.step} ${storable(record.uniqueId)}`;
    if (record.step > 0 && record.jobId === run.jobId && isKnown(record.uniqueId) && !run.results.has(key)) {
      runs.set(id, run);
      run.results.set(key, record);
      continue;
    }
    others.add(id);
    runs.delete(id);
  }
  return runs;
}

async function nodeIds({ client, integrationId }: Place, uniqueIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ unique_id: string; node_id: string }>(
    'select unique_id, node_id from dbt_store.node where integration_id = $1 and unique_id = any ($2::text[])',
    [integrationId, uniqueIds],
  );
  return new Map(rows.map(({ unique_id: uniqueId, node_id: nodeId }) => [uniqueId, nodeId]));
}

/** Those of the runs of whose own steps results are stored. A limit keeps the planner from reading the whole table. */
async function runsWithResults({ client, integrationId }: Place, runIds: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ run_id: string }>(
    `select run_id from unnest($2::text[]) asked (run_id) where (
      select true from dbt_store.run_result r
      where r.integration_id = $1 and r.run_id = asked.run_id and r.step > 0 limit 1)`,
    [integrationId, runIds],
  );
  return rows.map(({ run_id: runId }) => runId);
}

/**
 * Writes the results of runs straight into their table where nothing is to be compared: no result of the run's steps is
 * stored, all are of nodes that are, and none is told twice. The integration's lock keeps it so. Such runs are staged
 * by their ids, and stay within the caller's transaction.
 * @returns the records that are to be staged.
 */
export async function writeWholeRuns(
  place: Place,
  tally: Tally,
  records: readonly StoreRecord[],
): Promise<readonly StoreRecord[]> {
  const { client, integrationId } = place;
  const told = new Set<string>();
  for (const record of records) if (record.kind === 'result') told.add(storable(record.uniqueId));
  if (told.size === 0) return records;
  const nodes = await nodeIds(place, [...told]);
  const runs = plainRuns(records, (uniqueId) => nodes.has(storable(uniqueId)));
  if (runs.size > 0) for (const id of await runsWithResults(place, [...runs.keys()])) runs.delete(id);
  if (runs.size === 0) return records;
  const lines: Lines = new Map();
  // In the order of the primary key, as far as it is known.
  for (const [runId, { jobId, results }] of [...runs].sort(([left], [right]) => (left < right ? -1 : 1))) {
    for (const result of results.values()) {
      addStored(lines, [integrationId, nodes.get(storable(result.uniqueId))], result);
    }
    addLine(lines, 'stage_whole_run', [runId, jobId]);
  }
  tally.addUnknown('runs');
  await copyLines(client, lines);
  return records.filter((record) => record.kind !== 'result' || !runs.has(storable(record.runId)));
}
