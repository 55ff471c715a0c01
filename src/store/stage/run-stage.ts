import type { ResultRecord } from '../../domain/records.ts';
import type { ReadyRun, RunPortion } from '../../domain/store.ts';
import type { Client } from '../pool.ts';
import { addHistory } from './history.ts';
import { copyLines, type Lines } from './lines.ts';
import { addRun } from './records.ts';
import { clearRunTables, createTables } from './tables.ts';
import { Tally } from './tally.ts';
import { WholeRuns } from './whole-runs.ts';

/** What a portion of runs puts aside for publish, in temporary tables that serve one portion after the other. */
export class RunStage {
  readonly tally = new Tally();
  readonly #whole: WholeRuns;

  private constructor(integrationId: number) {
    this.#whole = new WholeRuns(integrationId);
  }

  static async open(client: Client, integrationId: number): Promise<RunStage> {
    await createTables(client);
    return new RunStage(integrationId);
  }

  /** The results of a run as their table takes them, if nothing is to be looked up for it. */
  ready(results: readonly ResultRecord[]): ReadyRun | undefined {
    return this.#whole.ready(results);
  }

  /**
   * Copies runs and what they left, within the transaction that publishes them. Definitions are none of it, and most
   * results go straight into the store.
   */
  async add(client: Client, portion: Pick<RunPortion, 'records' | 'ready' | 'history'>): Promise<void> {
    const { tally } = this;
    const lines: Lines = new Map();
    for (const record of portion.history) addHistory({ lines, tally }, record);
    for (const record of await this.#whole.write(client, tally, portion)) addRun({ lines, tally }, record);
    await copyLines(client, lines);
  }

  async clear(client: Client): Promise<void> {
    this.tally.clear();
    await clearRunTables(client);
  }
}
