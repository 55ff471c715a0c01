import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { adminReply } from './admin.ts';
import { bentReply, bentRequest, canSpoil } from './bend.ts';
import type { RunEvent } from './deliveries.ts';
import { answer, type GraphqlReply, type GraphqlRequest, operationName } from './discovery.ts';
import { failure, notFound, type Reply, unauthorized } from './envelope.ts';
import { Environments, type Progress } from './environments.ts';
import { type Fault, type FaultInput, type FaultState, Faults, readFault } from './faults.ts';
import { loadHistory } from './history.ts';
import { Subscriptions } from './subscriptions.ts';
import { type Answer, answerInstead, answerOf, isOfTheWire, jsonAnswer, send } from './wire.ts';

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
  /** Switches a fault on, beside those that are on already. @throws Error when there is no such fault. */
  fail(fault: FaultInput): void;
  /** Forgets all faults. */
  heal(): void;
  /** The faults since the last `heal`, and how often each has hit. */
  faults(): readonly FaultState[];
  /** How often any of them has hit. */
  hits(): number;
  /** How often each query (by its name) and each Admin API path (with ids as {id}) was asked. */
  requests(): Record<string, number>;
  /** Tells of a run (the n-th of a history, from 1) at every address that webhooks were made for; gives what was answered. */
  deliver(history: string, run: number, type: RunEvent): Promise<string[]>;
  /** The webhooks that were made. */
  subscriptions: Subscriptions;
  /** Requests that wait for an answer, or for the rest of one. */
  unanswered(): number;
  /** Ends at once whatever is still waiting; a second call does nothing. */
  close(): Promise<void>;
}

export const DEFAULT_TOKEN = 'local-platform-token';

const advanceSchema = z.object({ history: z.string(), runs: z.number().int().min(0) });
const deliverSchema = z.object({
  history: z.string(),
  run: z.number().int().min(1),
  type: z.enum(['job.run.started', 'job.run.completed', 'job.run.errored']),
});
const graphqlSchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/** Everything the requests share: how far each history has come, the faults, and what was asked so far. */
interface Server {
  progress: Map<string, Progress>;
  environments: Environments;
  faults: Faults;
  subscriptions: Subscriptions;
  counts: Map<string, number>;
  token: string;
}

/** A dbt platform on loopback that serves the Discovery API and what is read of the Admin API from recorded histories. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const server = newServer(options);
  let unanswered = 0;
  const http = createServer((request, response) => {
    unanswered++;
    response.once('close', () => unanswered--);
    respond(server, request, response).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
      if (!response.headersSent) send(response, answerOf(failure(500, 'Internal server error')));
    });
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  let closed: Promise<void> | undefined;
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    advance: (history, runs) => advance(server, history, runs),
    fail: (fault) => fail(server, fault),
    heal: () => server.faults.heal(),
    faults: () => server.faults.state(),
    hits: () => server.faults.state().reduce((sum, { hits }) => sum + hits, 0),
    requests: () => Object.fromEntries(server.counts),
    deliver: (history, run, type) => deliver(server, { history, run, type }),
    subscriptions: server.subscriptions,
    unanswered: () => unanswered,
    close: () => (closed ??= closeAll(http)),
  };
}

function closeAll(http: HttpServer): Promise<void> {
  return new Promise((resolve, reject) => {
    http.close((error) => (error ? reject(error) : resolve()));
    http.closeAllConnections();
  });
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
    faults: new Faults(),
    subscriptions: new Subscriptions(),
    counts: new Map(),
    token: token ?? DEFAULT_TOKEN,
  };
}

function advance(server: Server, name: string, runs: number): void {
  const progress = progressOf(server, name);
  progress.runs = Math.min(runs, progress.history.runs.length);
}

function progressOf(server: Server, name: string): Progress {
  const progress = server.progress.get(name);
  if (!progress) throw new Error(`No history is named ${name}; there are: ${[...server.progress.keys()].join(', ')}.`);
  return progress;
}

function fail(server: Server, input: unknown): void {
  const fault = readFault(input);
  if (fault.kind === 'moving') progressOf(server, fault.history);
  server.faults.add(fault);
}

async function respond(server: Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (url.pathname.startsWith('/control/')) return send(response, answerOf(await control(server, request, url)));
  const isDiscovery = url.pathname === '/graphql' || url.pathname === '/graphql/';
  const { answer, fault } = isDiscovery ? await discovery(server, request) : await admin(server, request, url);
  if (answer !== 'never') send(response, answer, fault);
}

/** What is answered, and the fault that may spoil it on its way. */
interface Outcome {
  answer: Answer | 'never';
  fault: Fault | null;
}

async function admin(server: Server, request: IncomingMessage, url: URL): Promise<Outcome> {
  const name = `${request.method} ${url.pathname.replace(/(?<=\/)(\d+|ws[a-z]_[\w-]+|wev_[\w-]+)/g, '{id}')}`;
  count(server, name);
  const fault = server.faults.take((one) => one.operation === name && isOfTheWire(one));
  const instead = fault && answerInstead(fault);
  if (instead) return { answer: instead, fault };
  if (!authorized(server, request)) return { answer: answerOf(unauthorized()), fault };
  return { answer: answerOf(await adminAnswer(server, request, url)), fault };
}

/** Nothing but webhooks can be changed. */
async function adminAnswer(server: Server, request: IncomingMessage, url: URL): Promise<Reply> {
  const all = [...server.progress.values()];
  const [, account, path] = /^\/api\/v3\/accounts\/(\d+)\/webhooks\/(.+)$/.exec(url.pathname) ?? [];
  const isKnown = all.some(({ history }) => String(history.account.id) === account);
  const { method = 'GET' } = request;
  if (account === undefined || path === undefined || !isKnown)
    return method === 'GET' ? adminReply(url, all) : notFound();
  const body = method === 'GET' ? null : await json(request);
  return server.subscriptions.reply({ method, account, path, query: url.searchParams, body });
}

interface Told {
  history: string;
  run: number;
  type: RunEvent;
}

async function deliver(server: Server, { history: name, run: number, type }: Told): Promise<string[]> {
  const { history } = progressOf(server, name);
  const run = history.runs[number - 1];
  if (!run) throw new Error(`${name} has no run ${number}.`);
  return server.subscriptions.deliver(history, run, type);
}

async function discovery(server: Server, request: IncomingMessage): Promise<Outcome> {
  const body = graphqlSchema.safeParse(await json(request));
  if (!body.success) {
    const error = { message: 'POST body missing, invalid or without a query.', extensions: { code: 'BAD_REQUEST' } };
    return { answer: jsonAnswer(400, { errors: [error] }), fault: null };
  }
  const asked: GraphqlRequest = { query: body.data.query, variables: body.data.variables ?? {} };
  const operation = operationName(asked.query);
  count(server, operation);
  const isKnown = authorized(server, request);
  let reply: GraphqlReply | undefined;
  const good = () => (reply ??= answer(asked, server.environments));
  const fault = server.faults.take((one) => isHit(server, one, { operation, asked, good, isKnown }));
  const instead = fault && answerInstead(fault);
  if (instead) return { answer: instead, fault };
  if (!isKnown) return { answer: answerOf(unauthorized()), fault };
  if (fault?.kind === 'moving') advance(server, fault.history, runsOf(server, fault.history) + 1);
  const { status, body: said } = fault
    ? bentReply(fault, answer(bentRequest(fault, asked), server.environments), asked)
    : good();
  return { answer: jsonAnswer(status, said), fault };
}

interface Asked {
  operation: string;
  asked: GraphqlRequest;
  good: () => GraphqlReply;
  /** Nothing but the wire can fail for a token that is refused anyway. */
  isKnown: boolean;
}

function isHit(server: Server, fault: Fault, { operation, asked, good, isKnown }: Asked): boolean {
  if (fault.operation !== undefined && fault.operation !== operation) return false;
  if (isOfTheWire(fault)) return true;
  if (fault.kind !== 'moving') return isKnown && canSpoil(fault, asked, good);
  return isKnown && runsOf(server, fault.history) < progressOf(server, fault.history).history.runs.length;
}

function runsOf(server: Server, history: string): number {
  return progressOf(server, history).runs;
}

async function control(server: Server, request: IncomingMessage, url: URL): Promise<Reply> {
  const action = `${request.method} ${url.pathname}`;
  try {
    if (action === 'POST /control/fail') fail(server, await json(request));
    else if (action === 'POST /control/heal') server.faults.heal();
    else if (action === 'POST /control/advance') {
      const { history, runs } = advanceSchema.parse(await json(request));
      advance(server, history, runs);
    } else if (action === 'POST /control/deliver') {
      const answered = await deliver(server, deliverSchema.parse(await json(request)));
      return { status: 200, body: { answered } };
    } else if (action !== 'GET /control/state') return notFound();
  } catch (error) {
    return failure(400, error instanceof Error ? error.message : String(error));
  }
  const histories = Object.fromEntries(
    [...server.progress].map(([name, { history, runs }]) => [name, { runs, of: history.runs.length }]),
  );
  return {
    status: 200,
    body: { histories, faults: server.faults.state(), requests: Object.fromEntries(server.counts) },
  };
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
