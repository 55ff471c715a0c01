import { storable } from '../copy-text.ts';
import { type KnownNode, TOLD } from './known.ts';

/**
 * Groups of statements, each with a digest by which it is known; runs, with the results of their steps, and results of
 * either kind have none. `names` are the nodes that catalogs, results and freshness checks speak of.
 */
export type Group = 'definitions' | 'builds' | 'catalogs' | 'codes' | 'columns' | 'names' | 'runs' | 'results';

/** The number of what was told first of something. */
export const FIRST_TELLING = 0;

/** What is known of the staged rows without a look at them: what of them is new, and which tables may hold repeats. */
export class Tally {
  readonly #unknown = new Set<Group>();
  readonly #keys = new Map<string, Set<string>>();
  readonly #repeated = new Set<string>();
  #tellings = FIRST_TELLING;

  /** A statement was staged that says something else than what is stored. */
  addUnknown(group: Group): void {
    this.#unknown.add(group);
  }

  isKnown(group: Group): boolean {
    return !this.#unknown.has(group);
  }

  /**
   * Rows with such a key were staged in a table, or in a group of its rows. Keys that only look different must be told
   * by `markRepeated`. Gives the number of this telling, which no other one of the key has.
   */
  addKey(table: string, key: string, group?: number): number {
    const name = group === undefined ? table : `${table} ${group}`;
    let keys = this.#keys.get(name);
    if (keys === undefined) {
      keys = new Set();
      this.#keys.set(name, keys);
    }
    const size = keys.size;
    return keys.add(storable(key)).size > size ? FIRST_TELLING : this.#repeat(table);
  }

  /** The same of a row about a node, which may be known: then it is noted there. */
  addNode(table: keyof typeof TOLD, uniqueId: string, known: KnownNode | undefined): number {
    if (known === undefined) return this.addKey(table, uniqueId);
    const wasTold = (known.told & TOLD[table]) !== 0 || this.#keys.get(table)?.has(storable(uniqueId));
    known.told |= TOLD[table];
    return wasTold ? this.#repeat(table) : FIRST_TELLING;
  }

  #repeat(table: string): number {
    this.#repeated.add(table);
    return ++this.#tellings;
  }

  markRepeated(table: string): void {
    this.#repeated.add(table);
  }

  /** Whether a table may hold two rows of one key. */
  mayRepeat(table: string): boolean {
    return this.#repeated.has(table);
  }

  clear(): void {
    this.#unknown.clear();
    this.#keys.clear();
    this.#repeated.clear();
    this.#tellings = FIRST_TELLING;
  }
}
