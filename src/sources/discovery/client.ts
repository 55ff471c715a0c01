import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { GraphQLClient } from 'graphql-request';
import { SyncError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Traffic } from '../../domain/source.ts';
import type { Fetch } from '../../http/http.ts';
import { explain } from './failures.ts';

/** A generated document; its variables are those of every connection (see queries/). */
// biome-ignore lint/suspicious/noExplicitAny: the variables differ by document and are checked by the contract test
export type Document<Result> = TypedDocumentNode<Result, any>;

export interface DiscoveryClientOptions {
  /** The whole endpoint, `/graphql` included. */
  readonly url: string;
  readonly token: Secret;
  readonly environmentId: number;
  readonly fetch: Fetch;
}

/** Asks the Discovery API for one environment. */
export interface DiscoveryClient {
  /** @throws FatalError or SyncError with a sentence that says what to do. */
  query<Result>(document: Document<Result>, variables: Record<string, unknown>, signal: AbortSignal): Promise<Result>;
  traffic(): Traffic;
}

const isData = (data: unknown) => typeof data === 'object' && data !== null && !Array.isArray(data);

/** A client of the environment. No request is made yet. */
export function createDiscoveryClient(options: DiscoveryClientOptions): DiscoveryClient {
  const { url, token, environmentId, fetch } = options;
  const client = new GraphQLClient(url, { fetch, headers: { 'x-dbt-partner-source': 'dbt-observer' } });
  return {
    async query(document, variables, signal) {
      try {
        const answer = await client.rawRequest<never>({
          query: print(document),
          variables: { ...variables, environmentId },
          requestHeaders: { authorization: `Bearer ${token.reveal()}` },
          signal,
        });
        if (!isData(answer.data)) throw new SyncError(`${new URL(url).host} answered without data: try again later.`);
        return answer.data;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw explain(error, { url, environmentId, token });
      }
    },
    traffic: fetch.traffic,
  };
}
