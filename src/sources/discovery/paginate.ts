import { uniqueIdOf } from '../../normalize/normalized.ts';
import { nodes } from './words.ts';

/** The part of every connection that paging needs. */
export interface Connection {
  readonly totalCount: number;
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  readonly edges: readonly { readonly node: unknown }[];
}

/** A page that cannot be had, and why. */
export interface LostPage {
  readonly lost: string;
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
/** Pages that bring nothing, or that do not add up, before the connection is given up: such faults may pass. */
const BARREN = 3;

/** Asks for the page after a cursor; null is the first. No connection at all is null. */
export type FetchPage = (after: string | null) => Promise<Connection | LostPage | null | undefined>;

/** Whether an answer has what paging needs of a connection. */
export function isConnection(connection: unknown): connection is Connection {
  const { edges, totalCount, pageInfo } = (connection ?? {}) as { [field in keyof Connection]?: unknown };
  const { hasNextPage, endCursor } = (pageInfo ?? {}) as { hasNextPage?: unknown; endCursor?: unknown };
  return (
    Array.isArray(edges) &&
    Number.isSafeInteger(totalCount) &&
    Number(totalCount) >= 0 &&
    typeof hasNextPage === 'boolean' &&
    (endCursor === null || endCursor === undefined || typeof endCursor === 'string')
  );
}

/** Where the paging of one connection stands. */
interface Progress {
  after: string | null;
  received: number;
  total: number;
  barren: number;
  readonly cursors: Set<string>;
  readonly ids: Set<string>;
}

/** Nodes that were not seen before; those without a unique id are never taken for seen. */
function newNodes({ edges }: Connection, ids: Set<string>): unknown[] {
  return edges
    .map((edge) => edge?.node)
    .filter((node) => {
      const id = uniqueIdOf(node);
      return id === undefined || (!ids.has(id) && ids.add(id));
    });
}

type Step = 'on' | 'again' | { readonly end: readonly string[] };

/** What follows after a page that brought so many new nodes. */
function nextStep(name: string, { pageInfo }: Connection, progress: Progress, found: number): Step {
  const { received, total, cursors, barren } = progress;
  const { endCursor: cursor, hasNextPage } = pageInfo;
  const mayTryAgain = barren < BARREN;
  if (received > RUNAWAY * total + PAGE_LIMIT || (!hasNextPage && received !== total && !mayTryAgain)) {
    const mismatch = `${name}: ${nodes(received)} came of the ${total} that the service counts.`;
    return { end: received === total ? [] : [mismatch] };
  }
  if (!hasNextPage) return received === total ? { end: [] } : 'again';
  const isMoving = Boolean(cursor) && !cursors.has(cursor ?? '');
  if (isMoving && (found > 0 || mayTryAgain)) return 'on';
  if (mayTryAgain) return 'again';
  const stuck = 'because the cursor did not move on';
  const stopped =
    received < total
      ? `after ${received} of ${nodes(total)}, ${stuck}.`
      : `after ${nodes(received)}, ${stuck}: the service counts ${total} and says that there are more.`;
  return { end: [`${name}: paging stopped ${stopped}`] };
}

/**
 * Every page of a connection. It ends by itself whatever the service does: a cursor that does not move, pages that
 * bring nothing new and a count that does not match are asked again a few times, for such faults may pass, and then
 * told in `incomplete`, as is a page that is lost: never looped over and never passed by.
 */
export async function* paginate(name: string, fetchPage: FetchPage): AsyncGenerator<NodePage> {
  const progress: Progress = { after: null, received: 0, total: 0, barren: 0, cursors: new Set(), ids: new Set() };
  while (true) {
    const answer = await fetchPage(progress.after);
    if (!isConnection(answer)) {
      const why = answer?.lost ?? 'the answer has no such connection.';
      const total = Math.max(progress.total, progress.received);
      return yield { nodes: [], total, incomplete: [`${name}: ${why}`] };
    }
    const found = newNodes(answer, progress.ids);
    const { total } = Object.assign(progress, { total: answer.totalCount });
    progress.received += found.length;
    const step = nextStep(name, answer, progress, found.length);
    if (typeof step === 'object') return yield { nodes: found, total, incomplete: step.end };
    progress.barren = step === 'on' && found.length > 0 ? 0 : progress.barren + 1;
    if (found.length > 0) yield { nodes: found, total, incomplete: [] };
    const cursor = answer.pageInfo.endCursor;
    if (step === 'on' && cursor) {
      progress.cursors.add(cursor);
      progress.after = cursor;
    }
  }
}
