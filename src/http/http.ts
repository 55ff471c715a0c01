import ky, { HTTPError, type Options } from 'ky';
import { OversizedError, readBody } from './body.ts';
import { type Host, hostOf } from './host.ts';
import { type Proxies, proxiedFetch } from './proxy.ts';

/** How requests behave. The defaults are those of all dbt APIs. */
export interface HttpOptions {
  readonly userAgent: string;
  /** For one try, its body included, in milliseconds. */
  readonly timeoutMs?: number;
  /** For all tries and waits of one request, in milliseconds. */
  readonly budgetMs?: number;
  /** Tries after the first one. */
  readonly retries?: number;
  /** Wait before a retry, counted from 1, in milliseconds; left out: 0.3 s, doubled each time, with full jitter. */
  readonly retryDelayMs?: (retry: number) => number;
  /** Pause of the whole host after a 429 that does not say how long, in milliseconds. */
  readonly pauseMs?: number;
  /** Bytes of one answer. */
  readonly maxBytes?: number;
  /** Left out: hosts are asked directly. */
  readonly proxies?: Proxies | undefined;
}

/** A `fetch` with one policy: limited per host, retried where that may help, and never redirected with the token. */
export interface Fetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Requests made, every try counted, and bytes received. */
  traffic(): { requests: number; bytes: number };
}

const RETRIED = [408, 429, 500, 502, 503, 504];

/** How long a 429 asks us to wait, in milliseconds; undefined when it does not say. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null || value.trim() === '') return undefined;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1_000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

type Settings = Required<Omit<HttpOptions, 'userAgent' | 'proxies' | 'retryDelayMs'>> &
  Pick<HttpOptions, 'retryDelayMs'>;

/** The options of one request: when it is tried again, and what a 429 means for everybody who asks this host. */
function kyOptions(
  host: Host,
  settings: Settings,
  { signal, deadline }: { signal: AbortSignal; deadline: number },
): Options {
  const { timeoutMs, retries, retryDelayMs, pauseMs } = settings;
  return {
    redirect: 'manual',
    signal,
    timeout: timeoutMs,
    retry: {
      limit: retries,
      methods: ['get', 'post'],
      statusCodes: RETRIED,
      // How long to wait is the host's pause, which holds for every request and not for this one alone.
      afterStatusCodes: [],
      jitter: true,
      retryOnTimeout: true,
      shouldRetry: ({ error }) =>
        error instanceof OversizedError || Date.now() + host.pausedFor() > deadline ? false : undefined,
      ...(retryDelayMs && { delay: retryDelayMs }),
    },
    hooks: {
      afterResponse: [
        (_request, _options, response) => {
          if (response.status === 429) host.pause(retryAfterMs(response.headers, Date.now()) ?? pauseMs);
          if (response.status === 503) host.pause(retryAfterMs(response.headers, Date.now()) ?? 0);
        },
      ],
      beforeRetry: [() => host.resumed(signal)],
    },
  };
}

/** Makes the `fetch` of the dbt APIs. A status that is no success is returned, not thrown; the body has been read. */
export function createFetch(options: HttpOptions): Fetch {
  const { userAgent, proxies, retryDelayMs } = options;
  const settings: Settings = {
    timeoutMs: options.timeoutMs ?? 60_000,
    budgetMs: options.budgetMs ?? 900_000,
    retries: options.retries ?? 3,
    pauseMs: options.pauseMs ?? 300_000,
    maxBytes: options.maxBytes ?? 64_000_000,
    ...(retryDelayMs && { retryDelayMs }),
  };
  const traffic = { requests: 0, bytes: 0 };
  const direct = proxies === undefined ? (request: Request) => fetch(request) : proxiedFetch(proxies);

  /** One try with its body, so that a body that breaks off or stands still is a failed try like any other. */
  async function tryOnce(request: Request): Promise<Response> {
    traffic.requests++;
    const response = await direct(request);
    const body = await readBody(response, settings.maxBytes);
    traffic.bytes += body.byteLength;
    const { status, headers } = response;
    return new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
  }

  async function ask(url: URL, init: RequestInit): Promise<Response> {
    const host = hostOf(url);
    const budget = AbortSignal.timeout(settings.budgetMs);
    const signal = init.signal ? AbortSignal.any([init.signal, budget]) : budget;
    const deadline = Date.now() + settings.budgetMs;
    const tried = kyOptions(host, settings, { signal, deadline });
    try {
      return await host.run(() => ky(url, { ...init, ...tried, fetch: (input) => tryOnce(input as Request) }), signal);
    } catch (error) {
      if (error instanceof HTTPError) return error.response;
      throw error;
    }
  }

  const asking = (input: string | URL | Request, init: RequestInit = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init.headers);
    headers.set('user-agent', userAgent);
    return ask(url, { ...init, headers });
  };
  return Object.assign(asking, { traffic: () => ({ ...traffic }) });
}
