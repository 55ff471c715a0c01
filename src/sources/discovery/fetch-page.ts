import { uniqueIdOf } from '../../normalize/normalized.ts';
import type { DiscoveryClient } from './client.ts';
import { type FailureKind, failureKind } from './failures.ts';
import { createPageSize, LARGEST_PAGE } from './page-size.ts';
import { type Connection, type FetchPage, isConnection, type LostPage } from './paginate.ts';
import type { Patience } from './patience.ts';
import { type ConnectionSpec, connectionOf } from './resources.ts';
import { uniqueIdsOnly } from './unique-ids.ts';

/** A node that the service cannot give even alone, in the place where the node would be. */
export class UnservableNode {
  readonly uniqueId: string;
  readonly reason: string;
  constructor(uniqueId: string, reason: string) {
    this.uniqueId = uniqueId;
    this.reason = reason;
  }
}

export interface FetchPageOptions {
  readonly client: DiscoveryClient;
  readonly spec: ConnectionSpec;
  readonly variables: Record<string, unknown>;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

/** Where less of it is no remedy. */
const LASTING: ReadonlySet<FailureKind | undefined> = new Set([undefined, 'throttled', 'different_api', 'wrong_host']);
/** Where the service is well and the page was too much. */
const TOO_MUCH: ReadonlySet<FailureKind | undefined> = new Set(['too_complex', 'oversized']);
/** Tries after the first one, where a page or its connection is already known to fail. */
const FEW = 1;
/** Nodes that may be missing from a connection one by one; with more of them it is not the nodes that are at fault. */
const MOST_UNSERVABLE = 50;

/** Whether so many failures of a page, the last of this kind, put the whole connection in doubt. */
const isInDoubt = (kind: FailureKind | undefined, failures: number) =>
  kind === 'timeout' ? failures > 1 : !TOO_MUCH.has(kind);

type Ask = (request: {
  first: number;
  after: string | null;
  isBare?: boolean;
  retries?: number;
}) => Promise<Connection>;

/** One request for one page. What it costs when it fails is told to the patience of the reading. */
function createAsk({ client, spec, variables, patience, signal }: FetchPageOptions): Ask {
  return async ({ first, after, isBare = false, retries }) => {
    const document = isBare ? uniqueIdsOnly(spec.document) : spec.document;
    // Waiting for a turn is not the service's fault.
    let started: number | undefined;
    const onTry = () => {
      started ??= performance.now();
    };
    try {
      const answer = await client.query(
        document,
        { first, after, ...variables },
        {
          signal,
          onTry,
          retryTimeouts: false,
          ...(retries !== undefined && { retries }),
          isWhole: (data) => isConnection(connectionOf(data, spec)),
        },
      );
      patience.answered();
      return connectionOf(answer, spec) as Connection;
    } catch (error) {
      if (patience.isFinal(error)) throw error;
      const now = performance.now();
      await patience.failed(error as Error, now - (started ?? now));
      throw error;
    }
  };
}

/**
 * Asks for the pages of one connection, each as large as the service bears: one that fails is asked again at half the
 * size, down to a single node. A node that fails alone is given as an {@link UnservableNode}, found by its unique id,
 * and the pages go on after it. A page that cannot be had at all is a {@link LostPage}.
 * @throws what ends the whole reading: FatalErrors, a service that is gone, the signal's reason.
 */
export function createFetchPage(options: FetchPageOptions): FetchPage {
  const { patience } = options;
  const ask = createAsk(options);
  const size = createPageSize();

  let unservable = 0;

  /** The unique id of the next node, in a page of its own; undefined when not even that can be had. */
  async function nextId(after: string | null): Promise<Connection | undefined> {
    try {
      return await ask({ first: 1, after, isBare: true, retries: FEW });
    } catch (error) {
      if (patience.isFinal(error)) throw error;
      return undefined;
    }
  }

  /** In place of a page of one node that cannot be had: its unique id, and the way on. */
  async function without(reason: string, after: string | null): Promise<Connection | LostPage> {
    if (unservable === MOST_UNSERVABLE) {
      return { lost: `more than ${MOST_UNSERVABLE} nodes cannot be had, even alone. ${reason}` };
    }
    const connection = await nextId(after);
    const uniqueId = uniqueIdOf(connection?.edges[0]?.node);
    if (connection === undefined || uniqueId === undefined) return { lost: reason };
    unservable++;
    size.forgive();
    return { ...connection, edges: [{ node: new UnservableNode(uniqueId, reason) }] };
  }

  return async (after) => {
    let isWell = false;
    for (let failures = 1; ; failures++) {
      // Of a whole page it is cheaper to try again than to ask for its parts, and one node is given up after this.
      const isWorthTrying = size.current === 1 || (failures === 1 && size.current === LARGEST_PAGE);
      try {
        const connection = await ask({ first: size.current, after, ...(!isWorthTrying && { retries: FEW }) });
        size.grow();
        return connection;
      } catch (error) {
        if (patience.isFinal(error)) throw error;
        const { message } = error as Error;
        const kind = failureKind(error);
        if (LASTING.has(kind) || patience.isLost()) return { lost: message };
        if (size.current === 1) return await without(message, after);
        // One node or the size may be at fault, unless nothing comes of this connection at all.
        if (!isWell && isInDoubt(kind, failures) && (await nextId(after)) === undefined) return { lost: message };
        isWell ||= isInDoubt(kind, failures);
        size.shrink();
      }
    }
  };
}
