import { uniqueIdOf } from '../../normalize/normalized.ts';

/** The part of every connection that paging needs. */
export interface Connection {
  readonly totalCount: number;
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  readonly edges: readonly { readonly node: unknown }[];
}

/** Nodes of one page that were not seen before, and why the connection is not whole, if it is not. */
export interface NodePage {
  readonly nodes: readonly unknown[];
  readonly total: number;
  readonly incomplete: readonly string[];
}

/** A count may be short and the nodes still there; a service that goes on for this many times more makes them up. */
const RUNAWAY = 10;
const PAGE_LIMIT = 1_000;

/** Asks for the page after a cursor; null is the first. No connection at all is null. */
export type FetchPage = (after: string | null) => Promise<Connection | null | undefined>;

function isWellFormed(connection: Connection | null | undefined): connection is Connection {
  return (
    Array.isArray(connection?.edges) &&
    Number.isInteger(connection.totalCount) &&
    typeof connection.pageInfo?.hasNextPage === 'boolean'
  );
}

/**
 * Every page of a connection. It ends by itself whatever the service does: a cursor that does not move, a page that
 * brings nothing new and a count that does not match are told in `incomplete`, never looped over and never passed by.
 */
export async function* paginate(name: string, fetchPage: FetchPage): AsyncGenerator<NodePage> {
  const cursors = new Set<string>();
  const ids = new Set<string>();
  let received = 0;
  let after: string | null = null;
  while (true) {
    const connection = await fetchPage(after);
    if (!isWellFormed(connection)) {
      return yield { nodes: [], total: received, incomplete: [`${name}: the answer has no such connection.`] };
    }
    const { edges, pageInfo, totalCount: total } = connection;
    const nodes = edges
      .map((edge) => edge?.node)
      .filter((node) => {
        const id = uniqueIdOf(node);
        return id === undefined || (!ids.has(id) && ids.add(id));
      });
    received += nodes.length;
    const cursor = pageInfo.endCursor;
    const isStuck = pageInfo.hasNextPage && (!cursor || cursors.has(cursor) || nodes.length === 0);
    if (isStuck) {
      const stuck = `${name}: paging stopped after ${received} of ${total} nodes, because the cursor did not move on.`;
      return yield { nodes, total, incomplete: [stuck] };
    }
    if (!pageInfo.hasNextPage || !cursor || received > RUNAWAY * total + PAGE_LIMIT) {
      const mismatch = `${name}: ${received} nodes came of the ${total} that the service counts.`;
      return yield { nodes, total, incomplete: received === total ? [] : [mismatch] };
    }
    yield { nodes, total, incomplete: [] };
    cursors.add(cursor);
    after = cursor;
  }
}
