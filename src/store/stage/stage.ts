import { setImmediate as turn } from 'node:timers/promises';
import type { HistoryRecord, StoreRecord } from '../../domain/records.ts';
import type { SourceName } from '../../domain/source.ts';
import type { Client } from '../pool.ts';
import { Ahead } from './ahead.ts';
import { addHistory } from './history.ts';
import { KnownNodes } from './known.ts';
import { copyLines, type Lines, takeFull } from './lines.ts';
import { addRecord, type Staging } from './records.ts';
import { clearTables, createTables, dropTables } from './tables.ts';
import { Tally } from './tally.ts';

/** A transaction that waits for pages must not be ended by the server meanwhile; not every server knows both settings. */
const PATIENCE = `select set_config(name, '0', true) from pg_settings
  where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`;

/**
 * So many records are made into text before the event loop turns: a COPY under way wants to be fed meanwhile. Without
 * one it turns more rarely, for with each turn more pages come in that have to be kept.
 */
const SLICE = { copying: 64, free: 512 };

/** Portions that may wait for their COPY, so that neither the database nor the reading waits for the other too soon. */
const QUEUE = 4;

export interface StageOptions {
  readonly integrationId: number;
  readonly source: SourceName;
  readonly normalizerVersion: number;
  /** Its transaction is open already and never committed. */
  readonly dryRun: boolean;
  /** Nodes that may wait to be written ahead; 0: none is written ahead. Left out: as many as is good. */
  readonly waiting?: number | undefined;
}

/** What a pass puts aside for publish, in temporary tables of its session. */
export class Stage {
  readonly #client: Client;
  #options: StageOptions;
  readonly #isFirst: boolean;
  readonly #hasWholeRuns: boolean;
  #known: KnownNodes;
  #ahead: Ahead | undefined;
  #lines: Lines = new Map();
  /** What is known of the staged rows without a look at them. */
  readonly tally = new Tally();
  #copying: Promise<void> = Promise.resolve();
  #reserving: Promise<void> | undefined;
  readonly #queue: Promise<void>[] = [];
  /** Portions that are not copied yet. */
  #portions = 0;

  private constructor(
    client: Client,
    options: StageOptions,
    { isFirst, hasWholeRuns, known }: { isFirst: boolean; hasWholeRuns: boolean; known: KnownNodes },
  ) {
    this.#client = client;
    this.#options = options;
    this.#isFirst = isFirst;
    this.#hasWholeRuns = hasWholeRuns;
    this.#known = known;
  }

  static async open(client: Client, options: StageOptions): Promise<Stage> {
    const { integrationId, dryRun, waiting } = options;
    await createTables(client);
    const known = await KnownNodes.load(client, integrationId);
    const { rows } = await client.query<{ has_whole_runs: boolean }>(
      `select exists (select from dbt_store.run r where r.integration_id = i.integration_id and r.results_complete) as has_whole_runs
      from dbt_store.integration i where i.integration_id = $1 and i.definition_at is null and i.catalog_at is null`,
      [integrationId],
    );
    const isFirst = rows.length === 1 && !dryRun && waiting !== 0;
    const stage = new Stage(client, options, { known, isFirst, hasWholeRuns: rows[0]?.has_whole_runs === true });
    await stage.#begin();
    return stage;
  }

  /** What was written ahead; undefined in a pass that does not. The transaction of such a pass is open. */
  get ahead(): Ahead | undefined {
    return this.#ahead;
  }

  /** Every node that is defined in the store was defined again. */
  get definesAll(): boolean {
    return this.#known.areDefinedAgain;
  }

  get #staging(): Staging {
    return { lines: this.#lines, tally: this.tally };
  }

  async #begin(): Promise<void> {
    if (!this.#isFirst) return;
    const { integrationId, source, normalizerVersion, waiting } = this.#options;
    await this.#client.query('begin');
    await this.#client.query(PATIENCE);
    const from = { known: this.#known, hasWholeRuns: this.#hasWholeRuns };
    this.#ahead = new Ahead({ integrationId, source, normalizerVersion, waiting, ...from });
    // What is written ahead tells itself whether all is known.
    this.tally.addUnknown('names');
  }

  /** Copies records in larger portions while the caller reads on: what goes wrong with them is told by a later call. */
  async add(records: readonly StoreRecord[], history: readonly HistoryRecord[] = []): Promise<void> {
    let made = 0;
    for (const record of history) addHistory(this.#staging, record);
    for (const record of records) {
      if (++made % (this.#portions > 0 ? SLICE.copying : SLICE.free) === 0) await turn();
      if (this.#ahead?.take(record, this.#staging) !== true) addRecord(this.#staging, record, this.#known);
    }
    await this.#copy(false);
  }

  async #copy(isEnd: boolean): Promise<void> {
    await this.#reserveIds();
    this.#ahead?.write(this.#staging, isEnd);
    const lines = takeFull(this.#lines, isEnd);
    if (lines.size === 0) return;
    this.#portions++;
    this.#queue.push(this.#inTurn(() => copyLines(this.#client, lines).finally(() => this.#portions--)));
    while (this.#queue.length > QUEUE) await this.#queue.shift();
  }

  /** Ids are asked for before they are used up, so that nobody waits for them behind all that is being copied. */
  async #reserveIds(): Promise<void> {
    const ahead = this.#ahead;
    if (ahead?.runsOutOfIds !== true) return;
    do {
      this.#reserving ??= this.#inTurn(async () => {
        await ahead.reserveIds(this.#client);
        this.#reserving = undefined;
      });
      if (ahead.lacksIds) await this.#reserving;
    } while (ahead.lacksIds);
  }

  /** Does one thing after the other on the session. Whoever comes next hears of what goes wrong. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#copying = this.#copying.then(work);
    this.#copying.catch(() => undefined);
    return this.#copying;
  }

  /** Waits until all that was added is there. @throws what went wrong with it. */
  async settle(): Promise<void> {
    await this.#copying;
  }

  /** Ends the reading of pages. */
  async finish(): Promise<void> {
    await this.#copy(true);
    await this.settle();
  }

  /** Forgets everything, for a pass that is taken again, be it from another source. */
  async clear(source: SourceName): Promise<void> {
    this.#options = { ...this.#options, source };
    await this.settle();
    this.#lines = new Map();
    this.tally.clear();
    if (!this.#isFirst) {
      this.#known.forget();
      return clearTables(this.#client);
    }
    await this.#client.query('rollback');
    this.#known = await KnownNodes.load(this.#client, this.#options.integrationId);
    await this.#begin();
  }

  /** Leaves the session as it was. */
  async drop(): Promise<void> {
    await dropTables(this.#client);
  }
}
