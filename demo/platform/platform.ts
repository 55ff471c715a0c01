import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { adminReply } from './admin.ts';
import { answer, type GraphqlRequest, operationName } from './discovery.ts';
import { failure, notFound, type Reply, unauthorized } from './envelope.ts';
import { Environments, type Progress } from './environments.ts';
import { loadHistory } from './history.ts';
import { bendReply, bentRequest, interception, type Mode, type ModeInput, modeSchema } from './modes.ts';

export interface PlatformOptions {
  /** Folders, each with a history.json. */
  histories: string[];
  /** 0, the default, takes a free one. */
  port?: number;
  /** The one token that is accepted, for both APIs. */
  token?: string;
  /** How many runs of each history have finished at the start; all of them when absent. */
  runs?: number;
}

export interface Platform {
  url: string;
  port: number;
  /** Lets the first `runs` runs of a history have finished; a smaller number goes back in time. */
  advance(history: string, runs: number): void;
  setMode(mode: ModeInput): void;
  /** How often each query (by its name) and each Admin API path (with ids as {id}) was asked. */
  requests(): Record<string, number>;
  close(): Promise<void>;
}

export const DEFAULT_TOKEN = 'local-platform-token';

const advanceSchema = z.object({ history: z.string(), runs: z.number().int().min(0) });
const graphqlSchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/** Everything the requests share: how far each history has come, the mode, and what was asked so far. */
interface Server {
  progress: Map<string, Progress>;
  environments: Environments;
  mode: Mode;
  counts: Map<string, number>;
  token: string;
}

/** A dbt platform on loopback that serves the Discovery API and what is read of the Admin API from recorded histories. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const server = newServer(options);
  const http = createServer((request, response) => {
    respond(server, request, response).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
      send(response, failure(500, 'Internal server error'));
    });
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    advance: (history, runs) => advance(server, history, runs),
    setMode: (mode) => {
      server.mode = modeSchema.parse(mode);
    },
    requests: () => Object.fromEntries(server.counts),
    close: () =>
      new Promise((resolve, reject) => {
        http.close((error) => (error ? reject(error) : resolve()));
        http.closeAllConnections();
      }),
  };
}

function newServer({ histories, token, runs }: PlatformOptions): Server {
  const progress = new Map<string, Progress>();
  const environments = new Set<number>();
  for (const folder of histories) {
    const history = loadHistory(folder);
    for (const { id } of history.environments) {
      if (environments.has(id)) throw new Error(`Environment ${id} of ${folder} is in another history already.`);
      environments.add(id);
    }
    progress.set(history.name, { history, runs: Math.min(runs ?? history.runs.length, history.runs.length) });
  }
  return {
    progress,
    environments: new Environments(progress),
    mode: { mode: 'ok' },
    counts: new Map(),
    token: token ?? DEFAULT_TOKEN,
  };
}

function advance(server: Server, name: string, runs: number): void {
  const progress = server.progress.get(name);
  if (!progress) throw new Error(`No history is named ${name}; there are: ${[...server.progress.keys()].join(', ')}.`);
  progress.runs = Math.min(runs, progress.history.runs.length);
}

async function respond(server: Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (url.pathname.startsWith('/control/')) return send(response, await control(server, request, url));
  if (url.pathname === '/graphql' || url.pathname === '/graphql/') return discovery(server, request, response);
  count(server, `${request.method} ${url.pathname.replace(/\d+/g, '{id}')}`);
  if (server.mode.mode === 'unauthorized' || !authorized(server, request)) return send(response, unauthorized());
  send(response, request.method === 'GET' ? adminReply(url, [...server.progress.values()]) : notFound());
}

async function discovery(server: Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = graphqlSchema.safeParse(await json(request));
  if (!body.success) {
    const error = { message: 'POST body missing, invalid or without a query.', extensions: { code: 'BAD_REQUEST' } };
    return sendJson(response, 400, { errors: [error] });
  }
  const { mode } = server;
  const operation = operationName(body.data.query);
  count(server, operation);
  if (mode.mode === 'unauthorized' || !authorized(server, request)) {
    if (mode.mode !== 'unauthorized' || mode.as === 401) return send(response, unauthorized());
    const error = { message: 'No token was provided.', extensions: { code: 'UNAUTHENTICATED' } };
    return sendJson(response, 200, { errors: [error] });
  }
  const instead = interception(mode, operation);
  if (instead) return sendBytes(response, instead.status, instead.type, Buffer.from(instead.body));
  const asked: GraphqlRequest = { query: body.data.query, variables: body.data.variables ?? {} };
  const reply = await answer(bentRequest(mode, operation, asked), server.environments);
  bendReply(mode, operation, reply, asked);
  moveOn(server, operation);
  sendJson(response, reply.status, reply.body);
}

/** In the mode "moving" the next run finishes while a client is between two pages. */
function moveOn(server: Server, operation: string): void {
  const { mode } = server;
  if (mode.mode !== 'moving' || operation === 'Probe') return;
  if (mode.afterRequests > 1) {
    server.mode = { ...mode, afterRequests: mode.afterRequests - 1 };
    return;
  }
  server.mode = { mode: 'ok' };
  advance(server, mode.history, (server.progress.get(mode.history)?.runs ?? 0) + 1);
}

async function control(server: Server, request: IncomingMessage, url: URL): Promise<Reply> {
  const action = `${request.method} ${url.pathname}`;
  try {
    if (action === 'POST /control/mode') server.mode = modeSchema.parse(await json(request));
    else if (action === 'POST /control/advance') {
      const { history, runs } = advanceSchema.parse(await json(request));
      advance(server, history, runs);
    } else if (action !== 'GET /control/state') return notFound();
  } catch (error) {
    return failure(400, error instanceof Error ? error.message : String(error));
  }
  const histories = Object.fromEntries(
    [...server.progress].map(([name, { history, runs }]) => [name, { runs, of: history.runs.length }]),
  );
  return { status: 200, body: { histories, mode: server.mode, requests: Object.fromEntries(server.counts) } };
}

function authorized(server: Server, request: IncomingMessage): boolean {
  return /^(?:Token|Bearer) (.+)$/.exec(request.headers.authorization ?? '')?.[1] === server.token;
}

function count(server: Server, name: string): void {
  server.counts.set(name, (server.counts.get(name) ?? 0) + 1);
}

async function json(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await text(request));
  } catch {
    return null;
  }
}

function send(response: ServerResponse, reply: Reply): void {
  if ('bytes' in reply) sendBytes(response, reply.status, 'application/octet-stream', reply.bytes);
  else sendJson(response, reply.status, reply.body);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  sendBytes(response, status, 'application/json', Buffer.from(JSON.stringify(body)));
}

function sendBytes(response: ServerResponse, status: number, type: string, bytes: Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
}
