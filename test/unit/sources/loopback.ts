import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { NOTHING_STORED, type Page } from '../../../src/domain/source.ts';
import { createFetch, type HttpOptions } from '../../../src/http/http.ts';
import { createDiscoveryClient } from '../../../src/sources/discovery/client.ts';
import { createDiscoverySource } from '../../../src/sources/discovery/source.ts';

/** One request as the service sees it. */
export interface Asked {
  readonly operation: string;
  readonly first: number;
  /** Place of the first node asked for. */
  readonly start: number;
  /** Nothing of the nodes but their unique ids. */
  readonly isBare: boolean;
}

/** What the service does instead of giving its answer; nothing returned: it gives it. */
export type Fault = (asked: Asked, response: ServerResponse) => object | 'handled' | undefined;

const STATES = { Definition: 'definition', Applied: 'applied' } as const;
const nodes: { [operation: string]: readonly { uniqueId: string }[] } = {};
export const asked: Asked[] = [];
let fault: Fault = () => undefined;
let url = '';

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error as Error));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { query, operationName, variables } = JSON.parse(Buffer.concat(chunks).toString());
  const one = {
    operation: operationName as string,
    first: (variables.first as number | undefined) ?? 0,
    start: variables.after == null ? 0 : Number(variables.after),
    isBare: /node \{\s+uniqueId\s+\}/.test(query),
  };
  asked.push(one);
  const instead = fault(one, response);
  if (instead !== 'handled') response.end(JSON.stringify(instead ?? good(one)));
}

/** The whole answer to a request. */
export function good({ operation, first, start, isBare }: Asked): object {
  if (operation === 'Probe') {
    const state = { lastUpdatedAt: '2026-03-01T05:00:00.000Z', latestGitSha: null };
    return { data: { environment: { adapterType: 'x', dbtProjectName: 'x', applied: state, definition: state } } };
  }
  const [, state = '', name = ''] = /^(Definition|Applied)(\w+)$/.exec(operation) ?? [];
  const all = nodes[operation] ?? [];
  const page = all.slice(start, start + first);
  const end = start + page.length;
  const connection = {
    totalCount: all.length,
    pageInfo: { endCursor: page.length === 0 ? null : String(end), hasNextPage: end < all.length },
    edges: page.map((node) => ({ node: isBare ? { uniqueId: node.uniqueId } : node })),
  };
  const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return { data: { environment: { [STATES[state as keyof typeof STATES]]: { [field]: connection } } } };
}

/** Starts a service for each test: it has these nodes, and does what `fault` says first. */
export function serve(operation: string, found: readonly { uniqueId: string }[], misbehave: Fault): void {
  nodes[operation] = found;
  fault = misbehave;
}

/** Gives the service nodes of another connection too. */
export function serveAlso(operation: string, found: readonly { uniqueId: string }[]): void {
  nodes[operation] = found;
}

export function useLoopback(): void {
  beforeEach(async () => {
    for (const name of Object.keys(nodes)) delete nodes[name];
    asked.length = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
}

/** One reading of the service, without long waits. */
export async function read(options: Partial<HttpOptions> & { patienceMs?: number } = {}) {
  const { patienceMs, ...http } = options;
  const fetch = createFetch({ userAgent: 'x', retryDelayMs: () => 0, pauseMs: 0, timeoutMs: 5_000, ...http });
  const client = createDiscoveryClient({ url, token: new Secret('dbtc_token'), environmentId: 7, fetch });
  const source = createDiscoverySource({
    client,
    environmentId: 7,
    jobId: null,
    ...(patienceMs !== undefined && { patienceMs }),
  });
  const pages: Page[] = [];
  for await (const page of source.pages(new AbortController().signal, NOTHING_STORED)) pages.push(page);
  return {
    ids: pages.flatMap(({ records }) =>
      records.flatMap((record) => (record.kind === 'definition' ? [record.uniqueId] : [])),
    ),
    seen: pages.flatMap(({ records }) =>
      records.flatMap((record) => (record.kind === 'seen' ? [record.uniqueId] : [])),
    ),
    received: pages.reduce((sum, page) => sum + page.received, 0),
    rejects: pages.flatMap(({ rejects }) => rejects),
    incomplete: pages.flatMap(({ incomplete }) => incomplete),
    requests: source.traffic().requests,
  };
}
