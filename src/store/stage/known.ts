import { storable } from '../copy-text.ts';
import type { Client } from '../pool.ts';

/** What was last said of a stored node, by digest; null of a group that nobody stated. */
export interface KnownNode {
  readonly definition: string | null;
  readonly build: string | null;
  readonly code: string | null;
  readonly catalog: string | null;
  /** What was said of its columns beside the catalog. */
  readonly columns: string | null;
  /** What was staged of it in this pass, as {@link TOLD} has it. */
  told: number;
}

/** The bit that says of a known node that something of it was staged in a table. */
export const TOLD = {
  stage_definition: 1,
  stage_build: 2,
  stage_code: 4,
  stage_catalog: 8,
  stage_described: 16,
} as const;

/** The nodes of an integration by unique id, as they are stored. The lock of the pass keeps them so. */
export class KnownNodes {
  readonly #nodes: Map<string, KnownNode>;

  private constructor(nodes: Map<string, KnownNode>) {
    this.#nodes = nodes;
  }

  static async load(client: Client, integrationId: number): Promise<KnownNodes> {
    const { rows } = await client.query<[string, ...(string | null)[]]>({
      text: 'select unique_id, definition_digest, build_digest, compiled_digest, catalog_digest, columns_digest from dbt_store.node where integration_id = $1',
      values: [integrationId],
      rowMode: 'array',
    });
    return new KnownNodes(
      new Map(
        rows.map(([uniqueId, definition = null, build = null, code = null, catalog = null, columns = null]) => {
          return [uniqueId, { definition, build, code, catalog, columns, told: 0 }];
        }),
      ),
    );
  }

  get isEmpty(): boolean {
    return this.#nodes.size === 0;
  }

  /** Whether a definition was told in this pass of every node that is defined. */
  get areDefinedAgain(): boolean {
    for (const { definition, told } of this.#nodes.values()) {
      if (definition !== null && (told & TOLD.stage_definition) === 0) return false;
    }
    return true;
  }

  /** Forgets what was staged, for a pass that is taken again. */
  forget(): void {
    for (const node of this.#nodes.values()) node.told = 0;
  }

  get(uniqueId: string): KnownNode | undefined {
    const known = this.#nodes.get(uniqueId);
    if (known !== undefined) return known;
    const stored = storable(uniqueId);
    return stored === uniqueId ? undefined : this.#nodes.get(stored);
  }

  add(uniqueId: string, node: KnownNode): void {
    this.#nodes.set(storable(uniqueId), node);
  }
}
