import { HTTPError, type Options, TimeoutError } from 'ky';
import { SyncError } from '../domain/errors.ts';
import { AnswerError } from './answer.ts';
import { OversizedError } from './body.ts';
import { type Host, PausedError, type Waiting } from './host.ts';
import { networkFailure } from './network-errors.ts';

/** Statuses that may be better the next time. */
const RETRIED = [408, 429, 500, 502, 503, 504];

/** Whether a status alone is a reason to ask again. */
export const isPassing = (status: number): boolean => RETRIED.includes(status);

/** How long an answer asks us to wait, in milliseconds, be it for ever; undefined when it does not say. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null || value.trim() === '') return undefined;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1_000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** A try that failed and is made again. */
export interface Retry {
  /** Counted from 1. */
  readonly retry: number;
  /** Wait before it, in milliseconds. */
  readonly ms: number;
  /** What happened to the try before, in few words: `status 503`, `ECONNRESET`, `TimeoutError`. */
  readonly why: string;
}

/** When one request is tried again. */
export interface RetryPolicy extends Waiting {
  readonly host: Host;
  /** For one try, in milliseconds. */
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryTimeouts: boolean;
  readonly delayMs: (retry: number) => number;
  readonly onRetry: (retry: Retry) => void;
}

/** Doubled with each retry. */
export const defaultDelayMs = (retry: number): number => 300 * 2 ** (retry - 1);

/** Whether a try that failed so may be made again; undefined where its status decides. */
function isRetried(error: Error, retryTimeouts: boolean): boolean | undefined {
  // A SyncError is of whoever saves the body: a disk that is full is not emptier the next time.
  if (error instanceof OversizedError || error instanceof PausedError || error instanceof SyncError) return false;
  if (error instanceof AnswerError) return error.remedy !== 'stop';
  if (error instanceof TimeoutError) return retryTimeouts;
  return error instanceof HTTPError ? undefined : true;
}

/** Never the URL or what the service says: nobody knows what stands in it. */
function inFewWords(error: Error): string {
  if (error instanceof HTTPError) return `status ${error.response.status}`;
  if (error instanceof AnswerError) return error.message;
  return networkFailure(error).code || error.name;
}

/** The policy in the words of ky, which makes the tries. */
export function kyOptions(policy: RetryPolicy): Options {
  const { host, signal, deadline, timeoutMs, retries, retryTimeouts, delayMs, onRetry } = policy;
  let why = '';
  let retry = 0;
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
      delay: delayMs,
      shouldRetry: ({ error }) => {
        why = inFewWords(error);
        const isTooLate = signal.aborted || Date.now() + host.pausedFor() > deadline;
        return isTooLate ? false : isRetried(error, retryTimeouts);
      },
      // The last that ky does before it waits.
      jitter: (delay) => {
        const ms = Math.random() * delay;
        onRetry({ retry: ++retry, ms, why });
        return ms;
      },
    },
    // Before each try, and outside of its time.
    hooks: { beforeRequest: [() => host.turn(policy)] },
  };
}
