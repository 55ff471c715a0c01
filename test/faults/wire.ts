import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Cut, Reader, Tail } from './wire-frames.ts';

/**
 * Where a pass is, as its own statements tell: the n-th message with rows for COPY, the first statement of
 * publishing, the n-th one after that, the commit, the n-th message after it (the last one says goodbye).
 */
export type Moment = 'copy' | 'begin' | 'inside' | 'commit' | 'after';

/** A moment of a pass at which the wire is to be held. */
export interface Point {
  readonly moment: Moment;
  /** Counts from 1. */
  readonly nth: number;
  /**
   * `before`: the server never gets the message; `answered`: it has answered, which the client does not see; `sent`: the
   * message is under way and nothing is held.
   */
  readonly side: 'before' | 'answered' | 'sent';
}

/** How many messages of each moment the server was given. */
export type Passed = { readonly [moment in Moment]: number };

/** A wire between a client and a database, which takes everything along until the point is reached. */
export interface Wire {
  readonly url: string;
  /** Settles when the point is reached. Never without a point. */
  readonly reached: Promise<void>;
  passed(): Passed;
  /** Takes along what was held, and everything from now on. */
  open(): void;
  close(): Promise<void>;
}

/** Lays a wire before a database, for clients that speak the protocol without TLS. */
export async function wireBefore(databaseUrl: string, point?: Point): Promise<Wire> {
  const target = new URL(databaseUrl);
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const held: Held = { point, tally: new Tally(), reached: () => reach(), isOpen: false, openers: new Set() };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    for (const socket of [client, upstream]) sockets.add(socket.setNoDelay(true));
    join(client, upstream, held);
  });
  await listening(server);
  const { port } = server.address() as { port: number };
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    reached,
    passed: () => held.tally.passed(),
    open: () => {
      held.isOpen = true;
      for (const open of held.openers) open();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Held {
  readonly point: Point | undefined;
  readonly tally: Tally;
  readonly reached: () => void;
  readonly openers: Set<() => void>;
  isOpen: boolean;
}

/** Counts the moments of a pass over all its connections; only the one that copies also publishes. */
class Tally {
  readonly #counts = { copy: 0, begin: 0, inside: 0, commit: 0, after: 0 };

  count(moment: Moment): number {
    return ++this.#counts[moment];
  }

  passed(): Passed {
    return { ...this.#counts };
  }
}

/** A pass that has its transaction open since before it copied goes on with settings for the publishing. */
const PUBLISHING = /^\s*(begin|set local)\b/i;

/** Follows one session from statement to statement. */
class Session {
  #copies = false;
  #moment: Moment = 'copy';

  /** The moment that a message is; undefined when it is none of interest. */
  momentOf({ type, statement }: Cut): Moment | undefined {
    if (type === 'd') return 'copy';
    if (statement === undefined && type !== 'X') return undefined;
    return this.#after(statement ?? '');
  }

  #after(statement: string): Moment | undefined {
    if (/^\s*copy\b/i.test(statement)) this.#copies = true;
    else if (this.#copies && this.#moment === 'copy' && PUBLISHING.test(statement)) return this.#go('begin');
    else if (this.#moment === 'begin') return /^\s*commit\b/i.test(statement) ? this.#go('commit') : 'inside';
    else if (this.#moment === 'commit') return 'after';
    return undefined;
  }

  #go(moment: Moment): Moment {
    this.#moment = moment;
    return moment;
  }
}

function join(client: Socket, upstream: Socket, held: Held): void {
  const session = new Session();
  const reader = new Reader();
  const back = new Tail();
  /** Undefined while nothing is held in that direction. */
  let requests: Buffer[] | undefined;
  let answers: Buffer[] | undefined;

  const isPoint = (moment: Moment, nth: number) =>
    !held.isOpen && held.point?.moment === moment && held.point.nth === nth;
  const holdAt = (side: Point['side']) => {
    if (side === 'before') requests = [];
    if (side === 'answered') answers = [];
    else held.reached();
  };
  const forward = (cut: Cut) => {
    const moment = requests === undefined ? session.momentOf(cut) : undefined;
    if (moment !== undefined) {
      const nth = held.tally.passed()[moment] + 1;
      if (isPoint(moment, nth)) holdAt(held.point?.side ?? 'sent');
      if (requests === undefined) held.tally.count(moment);
    }
    if (requests === undefined) upstream.write(cut.bytes);
    else requests.push(cut.bytes);
  };

  client.on('data', (chunk: Buffer) => {
    for (const cut of reader.read(chunk)) forward(cut);
  });
  upstream.on('data', (chunk: Buffer) => {
    back.add(chunk);
    if (answers === undefined) client.write(chunk);
    else answers.push(chunk);
    if (answers !== undefined && back.isReady()) held.reached();
  });
  held.openers.add(() => {
    for (const bytes of requests ?? []) upstream.write(bytes);
    for (const bytes of answers ?? []) client.write(bytes);
    [requests, answers] = [undefined, undefined];
  });
  tie(client, upstream);
  tie(upstream, client);
}

/** What ends one side ends the other. */
function tie(one: Socket, other: Socket): void {
  one.on('error', () => undefined);
  one.on('end', () => other.end());
  one.on('close', () => other.destroy());
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}
