import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Size } from './environment-parts.ts';
import { PAGE_SIZE, type Pages, pageKey, renderPages } from './pages.ts';

/** What the parent is told once a revision is rendered and served: the operations, each with its cursors, first to last. */
export interface Serving {
  readonly url: string;
  readonly cursors: { readonly [operation: string]: readonly (string | null)[] };
  readonly bytes: number;
}

interface Asked {
  readonly operationName?: string;
  readonly variables?: { readonly first?: number; readonly after?: string | null };
}

const size = JSON.parse(process.argv[2] ?? '') as Size;
let pages: Pages = new Map();

async function read(request: IncomingMessage): Promise<Asked> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString()) as Asked;
}

function refuse(response: ServerResponse, message: string): void {
  response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ errors: [{ message }] }));
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { operationName = '', variables = {} } = await read(request);
  const { first = PAGE_SIZE, after = null } = variables;
  const page = pages.get(pageKey(operationName, after));
  if (page === undefined) return refuse(response, `No page of ${operationName} after ${after} was rendered.`);
  if (first < PAGE_SIZE) return refuse(response, `Pages were rendered with ${PAGE_SIZE} nodes, not ${first}.`);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': page.length }).end(page);
}

function serving(): Serving {
  const cursors: Record<string, (string | null)[]> = {};
  let bytes = 0;
  for (const [key, page] of pages) {
    const [operation = '', after = ''] = key.split(' ');
    cursors[operation] = [...(cursors[operation] ?? []), after === '' ? null : after];
    bytes += page.length;
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, cursors, bytes };
}

const server = createServer((request, response) => {
  respond(request, response).catch((error: unknown) => refuse(response, String(error)));
});

server.listen(0, '127.0.0.1', () => process.send?.('listening'));
process.on('message', ({ revision }: { revision: number }) => {
  pages = renderPages(size, revision);
  process.send?.(serving());
});
process.on('disconnect', () => process.exit());
