import { setTimeout as wait } from 'node:timers/promises';
import pLimit from 'p-limit';

/** How long somebody is willing to wait for a host. */
export interface Waiting {
  /** Ends the wait with its reason. */
  readonly signal: AbortSignal;
  /** The time, as `Date.now` tells it, before which the host must be there again. */
  readonly deadline: number;
  /** Told when a wait for the end of a pause begins: until when, as `Date.now` tells it. */
  readonly onPause?: (until: number) => void;
}

/** One host of a dbt API: everything in this process that asks it shares its limits and its pauses. */
export interface Host {
  /** Runs a request, all its tries included, when there is room for it. */
  run<Result>(request: () => Promise<Result>): Promise<Result>;
  /**
   * Resolves when one try may be made, which is then counted.
   * @throws the signal's reason; PausedError at once when the host is left alone beyond the deadline.
   */
  turn(waiting: Waiting): Promise<void>;
  /** Nobody asks the host before so many milliseconds have passed, but a day at most. */
  pause(ms: number): void;
  /** Milliseconds until the host may be asked again; 0 when it may now. */
  pausedFor(): number;
}

/** The host asked to be left alone for longer than the request may last. */
export class PausedError extends Error {
  override readonly name = 'PausedError';
  constructor(host: string) {
    super(`${host} asks to be left alone for longer than a request may last.`);
  }
}

/** At most this many requests at once. */
const CONCURRENCY = 4;

/** How often one API of a host may be asked. */
export interface Budget {
  /** Names the API: requests of one name and host share their limits and pauses. */
  readonly api: string;
  readonly perMinute: number;
}

/** The Discovery API allows 500 a minute (docs.getdbt.com, "Rate limits"); some are left to others. */
const DISCOVERY: Budget = { api: 'discovery', perMinute: 450 };
const MINUTE = 60_000;
/** Who asks for more has made a mistake, and a process that runs for months would never ask again. */
const LONGEST_PAUSE = 24 * 60 * MINUTE;

const hosts = new Map<string, Host>();

/** Gives the time of the next turn, so that no minute has more than its number. */
function createTurns(perMinute: number): () => number {
  const taken: number[] = [];
  return () => {
    const earliest = taken.length < perMinute ? 0 : (taken.shift() ?? 0) + MINUTE;
    const time = Math.max(Date.now(), earliest);
    taken.push(time);
    return time;
  };
}

function createHost(name: string, perMinute: number): Host {
  const nextTurn = createTurns(perMinute);
  let pausedUntil = 0;
  let prolonged = new AbortController();
  const pausedFor = () => Math.max(0, pausedUntil - Date.now());

  async function resumed({ signal, deadline, onPause }: Waiting): Promise<void> {
    signal.throwIfAborted();
    while (pausedFor() > 0) {
      if (pausedUntil > deadline) throw new PausedError(name);
      onPause?.(pausedUntil);
      const either = AbortSignal.any([signal, prolonged.signal]);
      await wait(pausedFor(), undefined, { signal: either }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }

  return {
    run: pLimit(CONCURRENCY),
    pausedFor,
    async turn(waiting) {
      await resumed(waiting);
      const ms = nextTurn() - Date.now();
      if (ms > 0) await wait(ms, undefined, { signal: waiting.signal }).catch(() => undefined);
      // The host may have said something meanwhile.
      await resumed(waiting);
    },
    pause(ms) {
      const until = Date.now() + Math.min(ms, LONGEST_PAUSE);
      if (until <= pausedUntil) return;
      pausedUntil = until;
      // Who waits must learn of it, for it may be too long for him.
      prolonged.abort();
      prolonged = new AbortController();
    },
  };
}

/** The host of a URL as one API of it sees it, the same object for the whole process; the first to ask sets the pace. */
export function hostOf(url: URL, { api, perMinute }: Budget = DISCOVERY): Host {
  const key = `${api} ${url.host}`;
  const known = hosts.get(key);
  if (known !== undefined) return known;
  const host = createHost(url.host, perMinute);
  hosts.set(key, host);
  return host;
}
