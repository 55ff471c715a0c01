import type { HistoryRecord, StoreRecord } from '../../domain/records.ts';
import type { Client } from '../pool.ts';
import { addHistory } from './history.ts';
import { copyLines, type Lines } from './lines.ts';
import { addRun } from './records.ts';
import { clearRunTables, createTables } from './tables.ts';
import { Tally } from './tally.ts';
import { writeWholeRuns } from './whole-runs.ts';

/** What a portion of runs puts aside for publish, in temporary tables that serve one portion after the other. */
export class RunStage {
  readonly tally = new Tally();

  static async open(client: Client): Promise<RunStage> {
    await createTables(client);
    return new RunStage();
  }

  /**
   * Copies runs and what they left, within the transaction that publishes them. Definitions are none of it, and most
   * results go straight into the store.
   */
  async add(
    place: { readonly client: Client; readonly integrationId: number },
    records: readonly StoreRecord[],
    history: readonly HistoryRecord[],
  ): Promise<void> {
    const { tally } = this;
    const lines: Lines = new Map();
    for (const record of history) addHistory({ lines, tally }, record);
    for (const record of await writeWholeRuns(place, tally, records)) addRun({ lines, tally }, record);
    await copyLines(place.client, lines);
  }

  async clear(client: Client): Promise<void> {
    this.tally.clear();
    await clearRunTables(client);
  }
}
