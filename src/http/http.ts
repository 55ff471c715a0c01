import ky, { HTTPError } from 'ky';
import pLimit, { type LimitFunction } from 'p-limit';
import { type Proxies, proxiedFetch } from './proxy.ts';

/** How requests behave. The defaults are those of all dbt APIs. */
export interface HttpOptions {
  readonly userAgent: string;
  /** For one try, in milliseconds. */
  readonly timeoutMs?: number;
  /** Tries after the first one. */
  readonly retries?: number;
  /** Wait before a retry, counted from 1, in milliseconds; left out: 0.3 s, doubled each time. A Retry-After goes before it. */
  readonly retryDelayMs?: (retry: number) => number;
  /** Left out: hosts are asked directly. */
  readonly proxies?: Proxies | undefined;
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

/** Reads the whole body: a service that stops in the middle of one would otherwise hold us for ever. */
async function readBody(response: Response, timeoutMs: number): Promise<ArrayBuffer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DOMException('The body did not come in time.', 'TimeoutError')), timeoutMs);
  });
  try {
    return await Promise.race([response.arrayBuffer(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Makes the `fetch` of the dbt APIs. A status that is no success is returned, not thrown; the body has been read. */
export function createFetch(options: HttpOptions): Fetch {
  const { userAgent, timeoutMs = 60_000, retries = 3, retryDelayMs, proxies } = options;
  const through = proxies === undefined ? {} : { fetch: proxiedFetch(proxies) as typeof fetch };
  const ask = async (url: URL, init: RequestInit, headers: Headers) => {
    try {
      return await ky(url, {
        ...init,
        ...through,
        headers,
        redirect: 'manual',
        timeout: timeoutMs,
        retry: {
          limit: retries,
          methods: ['get', 'post'],
          statusCodes: RETRIED,
          jitter: true,
          retryOnTimeout: true,
          ...(retryDelayMs && { delay: retryDelayMs }),
        },
      });
    } catch (error) {
      if (error instanceof HTTPError) return error.response;
      throw error;
    }
  };
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init.headers);
    headers.set('user-agent', userAgent);
    return limiterOf(url)(async () => {
      init.signal?.throwIfAborted();
      const response = await ask(url, init, headers);
      const body = await readBody(response, timeoutMs);
      const { status } = response;
      return new Response([204, 205, 304].includes(status) ? null : body, { status, headers: response.headers });
    });
  };
}
