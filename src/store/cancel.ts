import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Client, codeOf, type Pool } from './pool.ts';

/** A cancel that arrives between two statements is lost, so it is repeated until the work has ended. */
const REPEAT_MS = 200;
const QUERY_CANCELED = '57014';

/** A session whose statements end when the signal aborts. */
export interface CancellableSession {
  readonly pool: Pool;
  /** The server's process id of the session. */
  readonly pid: number;
  readonly signal: AbortSignal;
}

/** What {@link cancellable} must know of a session; undefined without a signal, for then nothing ever cancels it. */
export async function cancellableSession(
  pool: Pool,
  client: Client,
  signal: AbortSignal | undefined,
): Promise<CancellableSession | undefined> {
  if (signal === undefined) return undefined;
  // Asked of the server: a proxy between may have told the client another process id.
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return { pool, signal, pid: rows[0]?.pid ?? 0 };
}

/**
 * Runs statements of a session and cancels them when its signal aborts. Once it has settled, no cancel is under way
 * that could hit a later statement. Work that ends well in spite of the abort counts.
 * @throws the signal's reason when that is why the work ended.
 */
export async function cancellable<Result>(
  session: CancellableSession | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  if (session === undefined) return work();
  const { signal } = session;
  signal.throwIfAborted();
  const canceller = new Canceller(session);
  const onAbort = () => void canceller.start();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await work();
  } catch (error) {
    throw signal.aborted && codeOf(error) === QUERY_CANCELED ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await canceller.stop();
  }
}

class Canceller {
  readonly #session: CancellableSession;
  #isOver = false;
  #sending: Promise<unknown> = Promise.resolve();

  constructor(session: CancellableSession) {
    this.#session = session;
  }

  /** Uses a connection of its own: those of the pool may all be waiting to be cancelled. */
  async start(): Promise<void> {
    const client = new pg.Client(this.#session.pool.options);
    client.on('error', () => undefined);
    try {
      await client.connect();
      while (!this.#isOver) {
        this.#sending = client.query('select pg_cancel_backend($1)', [this.#session.pid]);
        await this.#sending;
        await delay(REPEAT_MS, undefined, { ref: false });
      }
    } catch {
      // A database that takes no cancel leaves the work as it is; whoever waits for it decides how long.
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#sending.catch(() => undefined);
  }
}
