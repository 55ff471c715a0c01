import type { HistoryRecord, StoreRecord } from '../../domain/records.ts';
import type { Client } from '../pool.ts';
import { addHistory } from './history.ts';
import { copyLines, type Lines } from './lines.ts';
import { addRun } from './records.ts';
import { clearTables, createTables } from './tables.ts';
import { Tally } from './tally.ts';

/** What a portion of runs puts aside for publish, in temporary tables that serve one portion after the other. */
export class RunStage {
  readonly tally = new Tally();

  static async open(client: Client): Promise<RunStage> {
    await createTables(client);
    return new RunStage();
  }

  /** Copies runs and what they left. Definitions are none of it. */
  async add(client: Client, records: readonly StoreRecord[], history: readonly HistoryRecord[]): Promise<void> {
    const lines: Lines = new Map();
    for (const record of history) addHistory({ lines, tally: this.tally }, record);
    for (const record of records) addRun({ lines, tally: this.tally }, record);
    await copyLines(client, lines);
  }

  async clear(client: Client): Promise<void> {
    this.tally.clear();
    await clearTables(client);
  }
}
