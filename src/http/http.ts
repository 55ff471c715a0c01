import ky, { HTTPError } from 'ky';
import pLimit, { type LimitFunction } from 'p-limit';

/** How requests behave. The defaults are those of all dbt APIs. */
export interface HttpOptions {
  readonly userAgent: string;
  /** For one try, in milliseconds. */
  readonly timeoutMs?: number;
  /** Tries after the first one. */
  readonly retries?: number;
}

/** A `fetch` with one policy: limited per host, retried where that may help, and never redirected with the token. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const CONCURRENCY = 4;
const RETRIED = [408, 429, 500, 502, 503, 504];
/** One limiter per host for the whole process, since the API counts requests by account and not by integration. */
const limiters = new Map<string, LimitFunction>();

function limiterOf(url: URL): LimitFunction {
  const known = limiters.get(url.host);
  if (known !== undefined) return known;
  const limiter = pLimit(CONCURRENCY);
  limiters.set(url.host, limiter);
  return limiter;
}

/** Makes the `fetch` of the dbt APIs. A status that is no success is returned, not thrown. */
export function createFetch({ userAgent, timeoutMs = 60_000, retries = 3 }: HttpOptions): Fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init.headers);
    headers.set('user-agent', userAgent);
    return limiterOf(url)(async () => {
      try {
        return await ky(url, {
          ...init,
          headers,
          redirect: 'manual',
          timeout: timeoutMs,
          retry: { limit: retries, methods: ['get', 'post'], statusCodes: RETRIED, jitter: true, retryOnTimeout: true },
        });
      } catch (error) {
        if (error instanceof HTTPError) return error.response;
        throw error;
      }
    });
  };
}
