import type { Instant } from '../../domain/records.ts';
import { storable } from '../copy-text.ts';
import { addLine, type Lines } from './lines.ts';
import type { NewNode } from './new-node.ts';

const EDGE = 'dbt_store.edge (integration_id, parent_id, child_id)';

/** A node that was written ahead, by its unique id as it is stored. */
export interface WrittenNode {
  readonly id: string;
  readonly seenAt: Instant;
}

interface Child {
  readonly id: string;
  readonly uniqueId: string;
  /** Parents that are not written yet. */
  readonly parents: readonly string[];
  readonly telling: number;
}

/** The edges of nodes that are written ahead, each as soon as both its nodes are. */
export class NewEdges {
  readonly #integrationId: number;
  readonly #written: ReadonlyMap<string, WrittenNode>;
  readonly #waiting: Child[] = [];
  #count = 0;
  #areAllKnown = true;

  constructor(integrationId: number, written: ReadonlyMap<string, WrittenNode>) {
    this.#integrationId = integrationId;
    this.#written = written;
  }

  /** Edges that were written. */
  get count(): number {
    return this.#count;
  }

  /** No parent was left that was not written ahead. */
  get areAllKnown(): boolean {
    return this.#areAllKnown;
  }

  /** Adds the edges of a node that has just been written. */
  add(id: string, { definition, telling }: Pick<NewNode, 'definition' | 'telling'>, lines: Lines): void {
    const { uniqueId, parents } = definition;
    if (parents.length === 0) return;
    const child = { id, uniqueId, telling, parents: [...new Set(parents.map(storable))] };
    const unknown = this.#write(child, lines);
    if (unknown.length > 0) this.#waiting.push({ ...child, parents: unknown });
  }

  /** Stages what leads to a parent that was not written ahead, at the end of the pass. */
  end(lines: Lines): void {
    for (const child of this.#waiting) {
      const unknown = this.#write(child, lines);
      for (const parent of unknown) addLine(lines, 'stage_edge', [child.telling, child.uniqueId, parent]);
      this.#areAllKnown &&= unknown.length === 0;
    }
    this.#waiting.length = 0;
  }

  /** Gives the parents that have no id. */
  #write({ id, parents }: Child, lines: Lines): string[] {
    return parents.filter((parent) => {
      const parentId = this.#written.get(parent)?.id;
      if (parentId === undefined) return true;
      addLine(lines, EDGE, [this.#integrationId, parentId, id]);
      this.#count++;
      return false;
    });
  }
}
