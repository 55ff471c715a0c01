import { type Connection, type NodePage, paginate } from '../../../src/sources/discovery/paginate.ts';

/** A page of the service: ids of its nodes, the cursor to go on with (none: the last page), and the count it gives. */
export interface Sent {
  readonly ids: readonly string[];
  readonly cursor?: string | null;
  readonly hasNextPage?: boolean;
  readonly total?: number;
}

const TOO_MANY = 60;

export const page = ({ ids, cursor = null, hasNextPage = cursor !== null, total = 4 }: Sent): Connection => ({
  totalCount: total,
  pageInfo: { endCursor: cursor, hasNextPage },
  edges: ids.map((uniqueId) => ({ node: { uniqueId } })),
});

/** Pages as they come; an endless service fails the test instead of hanging it. */
export async function read(answer: (after: string | null, request: number) => unknown) {
  const asked: (string | null)[] = [];
  const pages: NodePage[] = [];
  const fetchPage = async (after: string | null) => {
    if (asked.push(after) > TOO_MANY) throw new Error('paging does not end');
    return answer(after, asked.length - 1) as Connection;
  };
  for await (const found of paginate('applied.models', fetchPage)) pages.push(found);
  const ids = pages.flatMap(({ nodes }) => nodes.map((node) => (node as { uniqueId: string } | null)?.uniqueId));
  return { asked, ids, pages, incomplete: pages.flatMap(({ incomplete }) => incomplete) };
}
