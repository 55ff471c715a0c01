import type { ResultRecord } from '../../domain/records.ts';
import { storable } from '../copy-text.ts';
import { addLine, type Lines } from './lines.ts';
import { RESULT_CELLS, resultCells, STEP_CELLS, type Staging, stepCells, stepKey } from './records.ts';
import { FIRST_TELLING } from './tally.ts';

const COLUMNS = `(integration_id, node_id, ${RESULT_CELLS}, ${STEP_CELLS})`;
export const RESULT = `dbt_store.run_result ${COLUMNS}`;
/** The same row, of a run some of whose results are stored. */
export const READY_RESULT = `stage_ready_result ${COLUMNS}`;

/** Adds a result as its own table takes it. */
export function addStored(
  lines: Lines,
  [integrationId, nodeId]: readonly [number, string | undefined],
  result: ResultRecord,
): void {
  addLine(lines, RESULT, [integrationId, nodeId, ...resultCells(result), ...stepCells(result)]);
}

/**
 * Results of nodes that are written ahead. Their runs are staged, and of each result that it was written: what the
 * Discovery API tells and the steps of the run tell better is dropped when all is there.
 */
export class NewResults {
  readonly #integrationId: number;
  readonly #runs = new Set<string>();

  constructor(integrationId: number) {
    this.#integrationId = integrationId;
  }

  /** Writes what the Discovery API tells of a node, all at once. */
  write(id: string, results: readonly ResultRecord[], lines: Lines): void {
    for (const result of results) this.#write(id, result, lines);
  }

  /** Writes a result of a step; false when it was told before, for which of several counts is decided at the end. */
  writeStep(id: string, result: ResultRecord, { lines, tally }: Staging): boolean {
    if (tally.addKey('stage_step_result', stepKey(result)) !== FIRST_TELLING) return false;
    tally.addUnknown('runs');
    this.#write(id, result, lines);
    return true;
  }

  #write(id: string, result: ResultRecord, lines: Lines): void {
    const { runId, step, jobId } = result;
    addStored(lines, [this.#integrationId, id], result);
    addLine(lines, 'stage_written_result', [id, runId, step]);
    const run = `${jobId} ${runId}`;
    if (this.#runs.has(run)) return;
    this.#runs.add(run);
    addLine(lines, 'stage_written_run', [runId, jobId]);
  }
}

/**
 * Whether the results of a node are plainly those that get stored: one attempt, and a last success of another run.
 * Which of several counts is decided when everything is staged.
 */
export function arePlain(results: readonly ResultRecord[]): boolean {
  const [first, second, third] = results;
  if (first === undefined || third !== undefined) return false;
  return second === undefined || (first.step !== second.step && storable(first.runId) !== storable(second.runId));
}
