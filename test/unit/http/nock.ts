import nock from 'nock';
import { afterEach, beforeEach, expect } from 'vitest';

const unmatched: string[] = [];

/** nock tells of a request in two ways, depending on whether its host is known. */
function note(
  request: { method?: string; path?: string; url?: string },
  options?: { host?: string; hostname?: string },
) {
  const { method = 'a request', path = request.url ?? '' } = request;
  unmatched.push(`${method} ${options?.hostname ?? options?.host ?? ''}${path}`);
}

/**
 * Answers the requests of each test of this file from what the test says, and lets none out. A request that no answer
 * was made for fails the test, and so does an answer that nobody asked for: neither can rot.
 */
export function useNock(): void {
  beforeEach(() => {
    unmatched.length = 0;
    nock.disableNetConnect();
    nock.emitter.on('no match', note);
  });

  afterEach(() => {
    const unused = nock.pendingMocks();
    nock.emitter.off('no match', note);
    nock.abortPendingRequests();
    nock.cleanAll();
    nock.enableNetConnect();
    expect({ unused, unmatched }).toEqual({ unused: [], unmatched: [] });
  });
}
