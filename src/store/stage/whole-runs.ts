import type { ResultRecord, StoreRecord } from '../../domain/records.ts';
import type { ReadyRun } from '../../domain/store.ts';
import { storable } from '../copy-text.ts';
import type { Client } from '../pool.ts';
import { addLine, addPacked, copyLines, type Lines, packedRows } from './lines.ts';
import { addStored, READY_RESULT, RESULT } from './new-results.ts';
import { RESULT_CELLS, STEP_CELLS } from './records.ts';
import type { Tally } from './tally.ts';

/** The results of one run's steps, as long as they can go into the store as they are. */
interface PlainRun {
  readonly jobId: number | null;
  readonly results: Map<string, ResultRecord>;
}

/** The runs whose results are those of known nodes, each told once. */
function plainRuns(results: readonly ResultRecord[], ids: ReadonlyMap<string, string>): Map<string, PlainRun> {
  const runs = new Map<string, PlainRun>();
  const others = new Set<string>();
  for (const record of results) {
    const id = storable(record.runId);
    if (others.has(id)) continue;
    const run = runs.get(id) ?? { jobId: record.jobId, results: new Map() };
    const uniqueId = storable(record.uniqueId);
    const key = `${record.step} ${uniqueId}`;
    if (record.step > 0 && record.jobId === run.jobId && ids.has(uniqueId) && !run.results.has(key)) {
      runs.set(id, run);
      run.results.set(key, record);
      continue;
    }
    others.add(id);
    runs.delete(id);
  }
  return runs;
}

/** Writes the results of runs straight into their table where nothing is to be compared. */
export class WholeRuns {
  readonly #integrationId: number;
  /** Nodes by their names, as far as they were looked up. They go with the integration alone, and that stays while it is backfilled. */
  readonly #ids = new Map<string, string>();

  constructor(integrationId: number) {
    this.#integrationId = integrationId;
  }

  /** The results of a run as its table takes them, when all of them are of nodes that were there before. */
  ready(results: readonly ResultRecord[]): ReadyRun | undefined {
    const runs = this.#ready(results);
    return runs.length === 1 && runs[0]?.results === results.length ? runs[0] : undefined;
  }

  /**
   * Writes the runs of whose steps no result is stored, all of whose nodes are, and none is told twice. The
   * integration's lock keeps it so. Such runs are staged by their ids, and stay within the caller's transaction.
   * @returns the records that are to be staged.
   */
  async write(
    client: Client,
    tally: Tally,
    { records, ready }: { readonly records: readonly StoreRecord[]; readonly ready: readonly ReadyRun[] },
  ): Promise<readonly StoreRecord[]> {
    const runs = [...(await this.#found(client, records)), ...ready];
    if (runs.length === 0) return records;
    const stored = await this.#notPlain(client, runs);
    const whole = runs.filter(({ runId }) => !stored.has(runId));
    await this.#copy(client, tally, whole);
    await this.#stage(
      client,
      tally,
      ready.filter(({ runId }) => stored.has(runId)),
    );
    const written = new Set(whole.map(({ runId }) => runId));
    return records.filter((record) => record.kind !== 'result' || !written.has(storable(record.runId)));
  }

  #ready(results: readonly ResultRecord[]): ReadyRun[] {
    return [...plainRuns(results, this.#ids)].map(([runId, run]) => {
      const lines: Lines = new Map();
      const nodes = new Set<string>();
      for (const result of run.results.values()) {
        const uniqueId = storable(result.uniqueId);
        nodes.add(uniqueId);
        addStored(lines, [this.#integrationId, this.#ids.get(uniqueId)], result);
      }
      const { jobId, results: told } = run;
      return { runId, jobId, results: told.size, isOnce: nodes.size === told.size, rows: packedRows(lines, RESULT) };
    });
  }

  /** Those among records whose nodes are there now. */
  async #found(client: Client, records: readonly StoreRecord[]): Promise<ReadyRun[]> {
    const results = records.filter((record) => record.kind === 'result');
    const told = new Set(results.map(({ uniqueId }) => storable(uniqueId)));
    const unknown = [...told].filter((uniqueId) => !this.#ids.has(uniqueId));
    if (unknown.length > 0) await this.#lookUp(client, unknown);
    return this.#ready(results);
  }

  async #lookUp(client: Client, uniqueIds: readonly string[]): Promise<void> {
    const { rows } = await client.query<{ unique_id: string; node_id: string }>(
      'select unique_id, node_id from dbt_store.node where integration_id = $1 and unique_id = any ($2::text[])',
      [this.#integrationId, uniqueIds],
    );
    for (const { unique_id: uniqueId, node_id: nodeId } of rows) this.#ids.set(uniqueId, nodeId);
  }

  /** Runs of whose own steps results are stored, or that were taken twice. A limit keeps the planner from reading the whole table. */
  async #notPlain(client: Client, runs: readonly ReadyRun[]): Promise<Set<string>> {
    const ids = runs.map(({ runId }) => runId);
    const { rows } = await client.query<{ run_id: string }>(
      `select run_id from unnest($2::text[]) asked (run_id) where (
        select true from dbt_store.run_result r
        where r.integration_id = $1 and r.run_id = asked.run_id and r.step > 0 limit 1)`,
      [this.#integrationId, ids],
    );
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
    return new Set([...rows.map(({ run_id: runId }) => runId), ...twice]);
  }

  async #copy(client: Client, tally: Tally, runs: readonly ReadyRun[]): Promise<void> {
    const lines: Lines = new Map();
    // In the order of the primary key, as far as it is known.
    for (const { runId, jobId, isOnce, results, rows } of [...runs].sort((left, right) =>
      left.runId < right.runId ? -1 : 1,
    )) {
      addPacked(lines, RESULT, rows);
      addLine(lines, 'stage_whole_run', [runId, jobId, isOnce, results]);
    }
    if (runs.length > 0) tally.addUnknown('runs');
    await copyLines(client, lines);
  }

  /** Stages runs that were made ready, to be compared with what is stored of them. */
  async #stage(client: Client, tally: Tally, runs: readonly ReadyRun[]): Promise<void> {
    if (runs.length === 0) return;
    await client.query('create temporary table stage_ready_result (like dbt_store.run_result) on commit drop');
    const lines: Lines = new Map();
    for (const { rows } of runs) addPacked(lines, READY_RESULT, rows);
    await copyLines(client, lines);
    await client.query(
      `insert into stage_step_result (unique_id, job_id, ${RESULT_CELLS}, ${STEP_CELLS})
      select n.unique_id, run.job_id, ${RESULT_CELLS}, ${STEP_CELLS}
      from stage_ready_result r
      join (select distinct * from unnest($2::text[], $3::bigint[]) told (run_id, job_id)) run using (run_id)
      join dbt_store.node n on n.integration_id = $1 and n.node_id = r.node_id`,
      [this.#integrationId, runs.map(({ runId }) => runId), runs.map(({ jobId }) => jobId)],
    );
    tally.addUnknown('results');
    tally.addUnknown('runs');
    tally.markRepeated('stage_step_result');
  }
}
