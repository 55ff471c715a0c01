import { HTTPError, type Options, TimeoutError } from 'ky';
import { SyncError } from '../domain/errors.ts';
import { AnswerError } from './answer.ts';
import { OversizedError } from './body.ts';
import type { Host } from './host.ts';

/** Statuses that may be better the next time. */
const RETRIED = [408, 429, 500, 502, 503, 504];

/** Whether a status alone is a reason to ask again. */
export const isPassing = (status: number): boolean => RETRIED.includes(status);

/** How long a 429 asks us to wait, in milliseconds; undefined when it does not say. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null || value.trim() === '') return undefined;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1_000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** When one request is tried again. */
export interface RetryPolicy {
  readonly host: Host;
  /** For all tries and waits together. */
  readonly signal: AbortSignal;
  /** The time, as `Date.now` tells it, at which the request must have ended. */
  readonly deadline: number;
  /** For one try, in milliseconds. */
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryTimeouts: boolean;
  readonly delayMs: ((retry: number) => number) | undefined;
}

/** Whether a try that failed so may be made again; undefined where its status decides. */
function isRetried(error: Error, retryTimeouts: boolean): boolean | undefined {
  // A SyncError is of whoever saves the body: a disk that is full is not emptier the next time.
  if (error instanceof OversizedError || error instanceof SyncError) return false;
  if (error instanceof AnswerError) return error.remedy !== 'stop';
  if (error instanceof TimeoutError) return retryTimeouts;
  return error instanceof HTTPError ? undefined : true;
}

/** The policy in the words of ky, which makes the tries. */
export function kyOptions(policy: RetryPolicy): Options {
  const { host, signal, deadline, timeoutMs, retries, retryTimeouts, delayMs } = policy;
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
      shouldRetry: ({ error }) => (Date.now() + host.pausedFor() > deadline ? false : isRetried(error, retryTimeouts)),
      ...(delayMs && { delay: delayMs }),
    },
    hooks: { beforeRetry: [() => host.resumed(signal)] },
  };
}
