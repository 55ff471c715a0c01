import { setTimeout as wait } from 'node:timers/promises';
import pLimit from 'p-limit';
import pThrottle from 'p-throttle';

/** One host of a dbt API: everything in this process that asks it shares its limits and its pauses. */
export interface Host {
  /** Runs a request when there is room for it. */
  run<Result>(request: () => Promise<Result>, signal?: AbortSignal | null): Promise<Result>;
  /** Nobody asks the host before so many milliseconds have passed. */
  pause(ms: number): void;
  /** Milliseconds until the host may be asked again; 0 when it may now. */
  pausedFor(): number;
  /** Resolves when the host may be asked. @throws the signal's reason when it is aborted first. */
  resumed(signal?: AbortSignal | null): Promise<void>;
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

const hosts = new Map<string, Host>();

function createHost(perMinute: number): Host {
  const limit = pLimit(CONCURRENCY);
  const admit = pThrottle({ limit: perMinute, interval: 60_000 })(() => undefined);
  let pausedUntil = 0;
  const pausedFor = () => Math.max(0, pausedUntil - Date.now());
  const resumed = async (signal?: AbortSignal | null) => {
    // A pause may be prolonged while it is waited for.
    while (pausedFor() > 0) await wait(pausedFor(), undefined, signal ? { signal } : {});
    signal?.throwIfAborted();
  };
  return {
    pausedFor,
    resumed,
    pause: (ms) => {
      pausedUntil = Math.max(pausedUntil, Date.now() + ms);
    },
    run: (request, signal) =>
      limit(async () => {
        await resumed(signal);
        await admit();
        return request();
      }),
  };
}

/** The host of a URL as one API of it sees it, the same object for the whole process; the first to ask sets the pace. */
export function hostOf(url: URL, { api, perMinute }: Budget = DISCOVERY): Host {
  const key = `${api} ${url.host}`;
  const known = hosts.get(key);
  if (known !== undefined) return known;
  const host = createHost(perMinute);
  hosts.set(key, host);
  return host;
}
