import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pageKey, renderPages } from './pages.ts';

/** One tiny environment on as many hosts as are wanted, since each host is asked only so often a minute. */
const pages = renderPages({ models: 3, tests: 5, sources: 1, columnsPerModel: 3 }, 0);

interface Asked {
  readonly operationName?: string;
  readonly variables?: { readonly after?: string | null };
}

async function read(request: IncomingMessage): Promise<Asked> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString()) as Asked;
}

async function listen(): Promise<string> {
  const server = createServer(async (request, response) => {
    const { operationName = '', variables = {} } = await read(request);
    const page = pages.get(pageKey(operationName, variables.after ?? null));
    const body = page ?? JSON.stringify({ errors: [{ message: `No page of ${operationName} was rendered.` }] });
    response.writeHead(page === undefined ? 400 : 200, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

const urls = await Promise.all(Array.from({ length: Number(process.argv[2]) }, listen));
process.on('disconnect', () => process.exit());
process.send?.(urls);
