import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, print } from 'graphql';
import { GraphQLClient } from 'graphql-request';
import type { Secret } from '../../domain/secret.ts';
import type { Traffic } from '../../domain/source.ts';
import type { Answer, AskInit } from '../../http/answer.ts';
import type { Fetch } from '../../http/http.ts';
import { RefusedAnswer, readAnswer } from './answer.ts';
import { explain, statusFailure } from './explain.ts';
import type { Place } from './place.ts';

/** A generated document; its variables are those of every connection (see queries/). */
// biome-ignore lint/suspicious/noExplicitAny: the variables differ by document and are checked by the contract test
export type Document<Result> = TypedDocumentNode<Result, any>;

export interface DiscoveryClientOptions {
  /** The whole endpoint, `/graphql` included. */
  readonly url: string;
  readonly token: Secret;
  readonly environmentId: number;
  readonly fetch: Fetch;
  /** The setting that the endpoint comes from, for sentences that say what to correct; left out: `access_url`. */
  readonly setting?: Place['setting'];
}

/** How one query is asked. */
export interface QueryOptions<Result> extends Pick<AskInit, 'retries' | 'retryTimeouts' | 'onTry'> {
  readonly signal: AbortSignal;
  /** Whether data has the form that was asked for; an answer of another form is asked for again. */
  readonly isWhole?: (data: Result) => boolean;
}

/** Asks the Discovery API for one environment. */
export interface DiscoveryClient {
  /** @throws FatalError or SyncError with a sentence that says what to do; `failureKind` tells what kind it is. */
  query<Result>(
    document: Document<Result>,
    variables: Record<string, unknown>,
    options: QueryOptions<Result>,
  ): Promise<Result>;
  traffic(): Traffic;
}

/** Printing a document costs more than sending it, and every page of a connection asks the same. */
const texts = new WeakMap<DocumentNode, string>();

function textOf(document: DocumentNode): string {
  const known = texts.get(document);
  if (known !== undefined) return known;
  const text = print(document);
  texts.set(document, text);
  return text;
}

/** Stands for an answer that was read within its try: what it said is handed on, not parsed a second time. */
const alreadyRead = () => new Response(null, { headers: { 'content-type': 'application/json' } });

/** A client of the environment. No request is made yet. */
export function createDiscoveryClient(options: DiscoveryClientOptions): DiscoveryClient {
  const { url, token, environmentId, fetch, setting = 'access_url' } = options;
  const place: Place = { url, environmentId, token, setting };
  let isKnown = false;

  /** Reads one answer; what is wrong with it fails the try that brought it. */
  function read<Result>(answer: Answer, { isWhole, retryTimeouts = true }: QueryOptions<Result>): Result {
    const data = readAnswer(answer, { isKnown, retryTimeouts }) as Result;
    isKnown = true;
    if (isWhole?.(data) !== false) return data;
    const { status } = answer;
    throw new RefusedAnswer('broken_answer', { status, said: 'without what was asked', remedy: 'retry' });
  }

  async function ask<Result>(
    query: string,
    variables: Record<string, unknown>,
    options: QueryOptions<Result>,
  ): Promise<Result> {
    const { signal, isWhole: _, ...tries } = options;
    const found: Result[] = [];
    const check = (answer: Answer) => void found.push(read(answer, options));
    const client = new GraphQLClient(url, {
      async fetch(input, init) {
        const { status } = await fetch(input, { ...init, ...tries, check });
        if (found.length === 0) throw statusFailure(status, place);
        return alreadyRead();
      },
      jsonSerializer: { stringify: JSON.stringify, parse: () => ({ data: found[0] }) },
      headers: { authorization: `Bearer ${token.reveal()}`, 'x-dbt-partner-source': 'dbt-observer' },
    });
    const { data } = await client.rawRequest<Result>({ query, variables, signal });
    return data;
  }

  return {
    async query(document, variables, queryOptions) {
      try {
        return await ask(textOf(document), { ...variables, environmentId }, queryOptions);
      } catch (error) {
        if (queryOptions.signal.aborted) throw queryOptions.signal.reason;
        throw explain(error, place);
      }
    },
    traffic: fetch.traffic,
  };
}
