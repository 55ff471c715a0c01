import type { StoreRecord } from '../../domain/records.ts';
import type { Client } from '../pool.ts';
import { KnownNodes } from './known.ts';
import { copyLines, type Lines } from './lines.ts';
import { addRecord } from './records.ts';
import { clearTables, createTables, dropTables } from './tables.ts';

/** What a pass puts aside for publish, in temporary tables of its session. */
export class Stage {
  readonly #client: Client;
  readonly #known: KnownNodes;
  #copying: Promise<void> = Promise.resolve();

  private constructor(client: Client, known: KnownNodes) {
    this.#client = client;
    this.#known = known;
  }

  static async open(client: Client, integrationId: number): Promise<Stage> {
    await createTables(client);
    return new Stage(client, await KnownNodes.load(client, integrationId));
  }

  /**
   * Copies the records of a page while the caller reads the next one: what goes wrong is told by the next call.
   */
  async add(records: readonly StoreRecord[]): Promise<void> {
    const lines: Lines = new Map();
    for (const record of records) addRecord(lines, record, this.#known);
    await this.#copying;
    this.#copying = copyLines(this.#client, lines);
    // Whoever comes next hears of it.
    this.#copying.catch(() => undefined);
  }

  /** Waits until all that was added is there. @throws what went wrong with it. */
  async settle(): Promise<void> {
    await this.#copying;
  }

  /** Forgets everything, for a pass that is taken again. */
  async clear(): Promise<void> {
    await this.settle();
    await clearTables(this.#client);
  }

  /** Leaves the session as it was. */
  async drop(): Promise<void> {
    await dropTables(this.#client);
  }
}
