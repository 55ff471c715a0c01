import ky, { HTTPError } from 'ky';
import type { ProxySettings } from '../config/proxy.ts';
import { type Answer, AnswerError, type AskInit } from './answer.ts';
import { chunksOf, readBody } from './body.ts';
import { type Budget, type Host, hostOf } from './host.ts';
import { proxiedFetch } from './proxy.ts';
import { defaultDelayMs, isPassing, kyOptions, retryAfterMs } from './retry.ts';

/** A request waits, and nothing comes meanwhile. */
export type Delay =
  /** For the end of the host's pause; told once for each pause, however many requests wait for it. */
  | { readonly reason: 'pause'; readonly host: string; readonly ms: number }
  /** Before it is tried again (`retry` counts from 1), because of `why`: `status 503`, `ECONNRESET`, `TimeoutError`. */
  | {
      readonly reason: 'retry';
      readonly host: string;
      readonly ms: number;
      readonly retry: number;
      readonly why: string;
    };

/** A request was made, be it one that is tried again. */
export interface Told {
  /** With its port where that is not the usual one, as in every {@link Delay}. */
  readonly host: string;
  /** Null when no answer came. */
  readonly status: number | null;
}

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
  /** What is asked, for APIs on one host may each have a budget of their own; left out: the Discovery API. */
  readonly budget?: Budget;
  /** Left out: hosts are asked directly. */
  readonly proxies?: ProxySettings | undefined;
  /** Told when a wait begins, so that nobody takes it for a standstill. It must not throw. */
  readonly onDelay?: ((delay: Delay) => void) | undefined;
  /** Told at the end of each try. It must not throw. */
  readonly onRequest?: ((request: Told) => void) | undefined;
}

/** A `fetch` with one policy: limited per host, retried where that may help, and never redirected with the token. */
export interface Fetch {
  (input: string | URL | Request, init?: AskInit): Promise<Response>;
  /** Requests made, every try counted, and bytes received. */
  traffic(): { requests: number; bytes: number };
}

/** Bodies that a Response of these statuses must not have. */
const BODILESS = [204, 205, 304];

/** What an answer means for everybody who asks the host. */
function heed(host: Host, { status, headers }: Answer, pauseMs: number): void {
  if (status === 429) host.pause(retryAfterMs(headers, Date.now()) ?? pauseMs);
  if (status === 503) host.pause(retryAfterMs(headers, Date.now()) ?? 0);
}

/** Lets the request look at its answer; one that is throttled in its own words holds up the host like a 429. */
function look(check: (answer: Answer) => void, answer: Answer, pause: (ms: number | undefined) => void): void {
  try {
    check(answer);
  } catch (error) {
    if (error instanceof AnswerError && error.remedy === 'pause') pause(retryAfterMs(answer.headers, Date.now()));
    throw error;
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, traffic: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    traffic.bytes += chunk.byteLength;
    yield chunk;
  }
}

/** Tells of each pause once: one that is prolonged a little, by another answer of the same kind, is the same. */
function pauseTeller(onDelay: HttpOptions['onDelay']): (host: string, until: number) => void {
  const told = new Map<string, number>();
  return (host, until) => {
    const ms = until - Date.now();
    if (until - (told.get(host) ?? 0) <= ms / 10) return;
    told.set(host, until);
    onDelay?.({ reason: 'pause', host, ms });
  };
}

/**
 * Makes the `fetch` of the dbt APIs. A status that is no success is returned, not thrown; the body has been read.
 * @throws whatever the request's check throws, after its retries; TimeoutError, OversizedError, ProxyError and what the
 * network says; PausedError when the host asks to be left alone for longer than the request may last.
 */
export function createFetch(options: HttpOptions): Fetch {
  const { userAgent, proxies, onDelay, onRequest, retryDelayMs = defaultDelayMs } = options;
  const { timeoutMs = 60_000, budgetMs = 900_000, pauseMs = 300_000, maxBytes = 64_000_000 } = options;
  const traffic = { requests: 0, bytes: 0 };
  const tellPause = pauseTeller(onDelay);
  const direct = proxies === undefined ? (request: Request) => fetch(request) : proxiedFetch(proxies);

  /** One try with its body, so that a body that breaks off, stands still or says nothing is a failed try like any other. */
  async function tryOnce(request: Request, host: Host, { check, save, onTry }: AskInit): Promise<Response> {
    traffic.requests++;
    onTry?.();
    const { host: name } = new URL(request.url);
    const response = await direct(request).catch((error: unknown) => {
      onRequest?.({ host: name, status: null });
      throw error;
    });
    const { status, headers } = response;
    onRequest?.({ host: name, status });
    if (save !== undefined && response.ok) {
      await save(counted(chunksOf(response, maxBytes), traffic));
      return new Response(null, { status, headers });
    }
    const body = await readBody(response, maxBytes);
    traffic.bytes += body.byteLength;
    const answer = { status, headers, body };
    heed(host, answer, pauseMs);
    const isChecked = check !== undefined && !isPassing(status);
    if (isChecked) look(check, answer, (ms) => host.pause(ms ?? pauseMs));
    return new Response(isChecked || BODILESS.includes(status) ? null : body, { status, headers });
  }

  async function ask(url: URL, { retries, retryTimeouts, check, save, onTry, ...init }: AskInit): Promise<Response> {
    const host = hostOf(url, options.budget);
    const budget = AbortSignal.timeout(budgetMs);
    const signal = init.signal ? AbortSignal.any([init.signal, budget]) : budget;
    const tried = kyOptions({
      host,
      signal,
      deadline: Date.now() + budgetMs,
      timeoutMs,
      retries: retries ?? options.retries ?? 3,
      retryTimeouts: retryTimeouts ?? true,
      delayMs: retryDelayMs,
      onPause: (until) => tellPause(url.host, until),
      onRetry: (retry) => onDelay?.({ reason: 'retry', host: url.host, ...retry }),
    });
    const watching = { ...(check && { check }), ...(save && { save }), ...(onTry && { onTry }) };
    const trying = (request: Request) => tryOnce(request, host, watching);
    try {
      return await host.run(() => ky(url, { ...init, ...tried, fetch: (input) => trying(input as Request) }));
    } catch (error) {
      if (error instanceof HTTPError) return error.response;
      throw error;
    }
  }

  const asking = (input: string | URL | Request, init: AskInit = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init.headers);
    headers.set('user-agent', userAgent);
    return ask(url, { ...init, headers });
  };
  return Object.assign(asking, { traffic: () => ({ ...traffic }) });
}
