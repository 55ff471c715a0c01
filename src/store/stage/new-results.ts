import type { ResultRecord } from '../../domain/records.ts';
import { storable } from '../copy-text.ts';
import { addLine, type Lines } from './lines.ts';
import { RESULT_CELLS, resultCells } from './records.ts';

const RESULT = `dbt_store.run_result (integration_id, node_id, ${RESULT_CELLS})`;

/**
 * Results of nodes that are written ahead, as the Discovery API tells them. Their runs are staged, and of each result
 * that it was written: what the steps of its run tell better is dropped when all is there.
 */
export class NewResults {
  readonly #integrationId: number;
  readonly #runs = new Set<string>();

  constructor(integrationId: number) {
    this.#integrationId = integrationId;
  }

  write(id: string, results: readonly ResultRecord[], lines: Lines): void {
    for (const result of results) {
      const { runId, step, jobId } = result;
      addLine(lines, RESULT, [this.#integrationId, id, ...resultCells(result)]);
      addLine(lines, 'stage_written_result', [id, runId, step]);
      const run = `${jobId} ${runId}`;
      if (this.#runs.has(run)) continue;
      this.#runs.add(run);
      addLine(lines, 'stage_written_run', [runId, jobId]);
    }
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
