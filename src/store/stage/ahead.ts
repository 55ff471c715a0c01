import type { Instant, ResultRecord, StoreRecord } from '../../domain/records.ts';
import { storable } from '../copy-text.ts';
import type { Client } from '../pool.ts';
import { type KnownNodes, TOLD } from './known.ts';
import { addLine } from './lines.ts';
import { NewEdges, type WrittenNode } from './new-edges.ts';
import {
  COLUMN,
  columnLines,
  columnsOf,
  firstSeen,
  type NewNode,
  NODE,
  nodeCells,
  sharesTimes,
  type Writing,
} from './new-node.ts';
import { arePlain, NewResults } from './new-results.ts';
import { addCode, addRecord, addShown, type Staging } from './records.ts';
import {
  firstRun,
  isDefined,
  isWhole,
  takeBuild,
  takeCatalog,
  takeCode,
  takeDefinition,
  type Waiting,
} from './waiting.ts';

/** So many nodes may wait for the rest of what one row holds; then they are written as they are. */
const WAITING = 10_000;
/** Ids that are asked for at once at first; later as many as were used so far. */
const IDS = 1_000;

/** What was written before publishing: the times that its rows share and do not hold themselves, and how many they are. */
export interface Written {
  /** Nothing was stored of the integration before. */
  readonly isAll: boolean;
  /** No row holds a time of its own. */
  readonly areTimesShared: boolean;
  /** All nodes that something refers to are there, but for what the definitions say that were staged. */
  readonly areAllKnown: boolean;
  readonly definitionAt: Instant | null;
  readonly catalogAt: Instant | null;
  readonly nodes: number;
  readonly columns: number;
  readonly edges: number;
  /** Nodes whose rows hold a build, and those whose rows hold a catalog. */
  readonly builds: number;
  readonly catalogs: number;
}

export const NOTHING_WRITTEN: Written = {
  isAll: false,
  areTimesShared: false,
  areAllKnown: false,
  definitionAt: null,
  catalogAt: null,
  nodes: 0,
  columns: 0,
  edges: 0,
  builds: 0,
  catalogs: 0,
};

export type AheadOptions = Pick<Writing, 'integrationId' | 'source' | 'normalizerVersion'> & {
  readonly known: KnownNodes;
  /** Runs are stored of which the Discovery API tells nothing more: results are not taken before they are compared. */
  readonly hasWholeRuns: boolean;
  /** Nodes that may wait; less than usual in tests. */
  readonly waiting?: number | undefined;
};

/**
 * Writes the nodes of an integration that has no definitions yet straight into their tables while the pass goes on,
 * each once its definition and its build have come: long text crosses once, and nothing is joined. Nobody sees them
 * before the transaction of the pass is committed. What is not plainly new (a node told twice, one of another project,
 * a statement without a time) is staged as in every other pass.
 */
export class Ahead {
  readonly #options: AheadOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #touched = new Set<string>();
  /** Nodes that wait and have a definition: each of them needs an id. */
  #defined = 0;
  /** Nodes of which something was staged. */
  readonly #staged = new Set<string>();
  readonly #written = new Map<string, WrittenNode>();
  /** In the order in which they are given out, that rows go to the end of their indexes. */
  readonly #ids: string[] = [];
  #used = 0;
  readonly #edges: NewEdges;
  readonly #results: NewResults;
  #writing: Writing;
  readonly #isAll: boolean;
  #areTimesShared = true;
  readonly #count = { nodes: 0, columns: 0, builds: 0, catalogs: 0 };

  constructor(options: AheadOptions) {
    this.#options = options;
    const { integrationId, source, normalizerVersion, known } = options;
    this.#isAll = known.isEmpty;
    this.#edges = new NewEdges(integrationId, this.#written);
    this.#results = new NewResults(integrationId);
    this.#writing = { integrationId, source, normalizerVersion, definitionAt: null, catalogAt: null };
  }

  get written(): Written {
    const { definitionAt, catalogAt } = this.#writing;
    const { known } = this.#options;
    return {
      ...{ definitionAt, catalogAt, isAll: this.#isAll, areTimesShared: this.#areTimesShared },
      areAllKnown: this.#edges.areAllKnown && [...this.#staged].every((id) => known.get(id) !== undefined),
      edges: this.#edges.count,
      ...this.#count,
    };
  }

  /** Takes a record of a new node, and stages that it was there; false when it has to be staged like any other. */
  take(record: StoreRecord, staging: Staging): boolean {
    const isTaken = this.#take(record, staging);
    if (!isTaken) this.#staged.add(record.uniqueId);
    return isTaken;
  }

  #take(record: StoreRecord, staging: Staging): boolean {
    if (record.kind === 'freshness' || record.kind === 'seen') return false;
    const uniqueId = storable(record.uniqueId);
    if (this.#options.known.get(uniqueId) !== undefined) {
      return record.kind === 'result' && this.#writeLate(this.#written.get(uniqueId), record, staging);
    }
    const waiting = this.#waiting.get(uniqueId) ?? {};
    const isTaken =
      (record.kind === 'definition' && takeDefinition(waiting, record, staging)) ||
      (record.kind === 'build' && takeBuild(waiting, record, staging)) ||
      (record.kind === 'compiled' && takeCode(waiting, record)) ||
      (record.kind === 'catalog' && takeCatalog(waiting, record, staging)) ||
      (record.kind === 'result' && this.#takeResult(waiting, record));
    if (record.kind === 'result') this.#waiting.set(uniqueId, waiting);
    if (!isTaken) return false;
    if (record.kind === 'definition') this.#defined++;
    this.#waiting.set(uniqueId, waiting);
    this.#touched.add(uniqueId);
    return true;
  }

  /** Only what has no step waits: a step tells a node's results again and again. */
  #takeResult(waiting: Waiting, record: ResultRecord): boolean {
    waiting.firstRunAt = firstRun(waiting, record);
    if (record.step > 0 || this.#options.hasWholeRuns) return false;
    waiting.results ??= [];
    waiting.results.push(record);
    return true;
  }

  /** A result of a step that comes after its node: where it moves the node's first sight back it is staged. */
  #writeLate(node: WrittenNode | undefined, result: ResultRecord, staging: Staging): boolean {
    const { executedAt, step } = result;
    if (node === undefined || step <= 0) return false;
    if (executedAt !== node.seenAt && Date.parse(executedAt) <= Date.parse(node.seenAt)) return false;
    return this.#results.writeStep(node.id, result, staging);
  }

  /** Whether ids have to be reserved before the next rows are written. */
  get lacksIds(): boolean {
    return this.#ids.length - this.#used < this.#defined;
  }

  /** Whether it is time to reserve more: a small pass never comes to that twice. */
  get runsOutOfIds(): boolean {
    return this.#ids.length - this.#used < this.#defined + IDS / 2;
  }

  /** Takes ids from the sequence of the nodes; those that are left over at the end are never used. */
  async reserveIds(client: Client): Promise<void> {
    const { rows } = await client.query<[string]>({
      text: "select nextval(pg_get_serial_sequence('dbt_store.node', 'node_id')) from generate_series(1, $1::integer)",
      values: [this.#waiting.size + Math.max(IDS, this.#count.nodes)],
      rowMode: 'array',
    });
    for (const [id] of rows) this.#ids.push(id);
  }

  /** Adds the rows of the nodes that are whole now; at the end of the pass, of all that wait. */
  write(staging: Staging, isEnd: boolean): void {
    const isMuch = isEnd || this.#waiting.size > (this.#options.waiting ?? WAITING);
    const ready = isMuch
      ? [...this.#waiting.keys()]
      : [...this.#touched].filter((id) => isWhole(this.#waiting.get(id)));
    this.#touched.clear();
    for (const uniqueId of ready) {
      const node = this.#waiting.get(uniqueId);
      this.#waiting.delete(uniqueId);
      if (isDefined(node)) this.#writeNode(uniqueId, node, staging);
      else if (node !== undefined) this.#giveBack(uniqueId, node, staging);
    }
    if (isEnd) this.#edges.end(staging.lines);
  }

  #writeNode(uniqueId: string, node: NewNode & Waiting, staging: Staging): void {
    const { lines } = staging;
    const id = this.#ids[this.#used++] ?? '';
    this.#defined--;
    const { at, definitionDigest, build, code, catalog } = node;
    const { definitionAt, catalogAt } = this.#writing;
    this.#writing = {
      ...this.#writing,
      definitionAt: definitionAt ?? at,
      catalogAt: catalogAt ?? catalog?.record.at ?? null,
    };
    this.#areTimesShared &&= sharesTimes(node, this.#writing);
    const described = columnsOf(node);
    addLine(lines, NODE, nodeCells(id, node, { ...this.#writing, columns: described }));
    addLine(lines, 'stage_written', [id, uniqueId, at]);
    const columns = columnLines(id, node, this.#writing);
    for (const cells of columns) addLine(lines, COLUMN, cells);
    this.#written.set(uniqueId, { id, seenAt: firstSeen(node) });
    this.#edges.add(id, node, lines);
    this.#writeResults(id, node, staging);
    this.#count.nodes++;
    this.#count.columns += columns.length;
    if (build) this.#count.builds++;
    if (catalog) this.#count.catalogs++;
    this.#options.known.add(uniqueId, {
      definition: definitionDigest,
      build: build?.digest ?? null,
      code: code?.digest ?? null,
      catalog: catalog?.head.digest ?? null,
      columns: described,
      told: TOLD.stage_definition,
    });
  }

  #writeResults(id: string, { results = [] }: Waiting, staging: Staging): void {
    if (arePlain(results)) this.#results.write(id, results, staging.lines);
    else for (const result of results) addRecord(staging, result, this.#options.known);
  }

  /** What was said of a node that nobody has defined so far is staged like everything that is. */
  #giveBack(uniqueId: string, { build, code, catalog, results = [] }: Waiting, staging: Staging): void {
    this.#staged.add(uniqueId);
    if (build) addRecord(staging, build.record, this.#options.known);
    addCode(staging, code, undefined);
    if (catalog) addShown(staging, { ...catalog, known: undefined }, catalog.head);
    for (const result of results) addRecord(staging, result, this.#options.known);
  }
}
