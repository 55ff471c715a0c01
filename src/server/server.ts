import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Check } from '../app/readiness.ts';
import { FatalError } from '../domain/errors.ts';
import type { Logger } from '../log.ts';
import { addWebhooks, type WebhookReceiver } from './webhooks.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly logger: Logger;
  /** Left out: webhooks are taken by another process. */
  readonly webhooks?: WebhookReceiver;
  readonly health: { ready(): Promise<readonly Check[]> };
  /** The text of /metrics and its content type. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** For a whole request, head and body, in milliseconds: who takes longer is slow on purpose. dbt waits for ten seconds. */
  readonly requestMs?: number;
}

export interface RunningServer {
  readonly url: string;
  /** Takes nothing new, and ends within seconds whatever others do. */
  close(): Promise<void>;
}

const NOTHING = { error: 'Nothing is here.' };
const REQUEST_MS = 10_000;
const LOOK_FOR_SLOW_MS = 1_000;
const KEEP_ALIVE_MS = 10_000;
const READY_MS = 5_000;
/** What is being answered when the server ends has so long to come to its end. */
const LAST_ANSWERS_MS = 3_000;

/**
 * Serves /healthz, /readyz and /metrics, and takes webhooks if it is to.
 * @throws FatalError when it cannot listen there.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, logger, webhooks, requestMs = REQUEST_MS } = options;
  const server = fastify({
    logger: false,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    // What is no path at all, or longer than any name is.
    frameworkErrors: (_, __, reply) => void (reply as FastifyReply).code(404).send(NOTHING),
    http: { connectionsCheckingInterval: LOOK_FOR_SLOW_MS, headersTimeout: requestMs },
  });
  server.setNotFoundHandler((_, reply) => reply.code(404).send(NOTHING));
  server.setErrorHandler((error: { statusCode?: number; message?: string }, _, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) logger.error({ error: error.message }, 'request failed');
    return reply.code(status).send({ error: 'The request cannot be answered.' });
  });
  addOperations(server, options);
  const nudge = webhooks && addWebhooks(server, webhooks, logger);
  const url = await listen(server, { host, port });
  logger.info({ address: url, webhooks: webhooks?.secrets.size ?? 0 }, 'server listens');
  return {
    url,
    async close() {
      const timer = setTimeout(() => server.server.closeAllConnections(), LAST_ANSWERS_MS);
      await server.close().finally(() => clearTimeout(timer));
      await Promise.race([nudge?.idle(), after(LAST_ANSWERS_MS)]);
    },
  };
}

function addOperations(server: FastifyInstance, { health, metrics }: ServerOptions): void {
  server.get('/healthz', (_, reply) => reply.send({ status: 'ok' }));
  server.get('/readyz', async (_, reply) => {
    const late = after(READY_MS).then((): readonly Check[] => [{ name: 'checks', problem: 'They take too long.' }]);
    const checks = await Promise.race([health.ready(), late]);
    const isReady = checks.every(({ problem }) => problem === null);
    const told = Object.fromEntries(checks.map(({ name, problem }) => [name, problem ?? 'ok']));
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks: told });
  });
  server.get('/metrics', async (_, reply) => {
    const { contentType, text } = await metrics();
    return reply.type(contentType).send(text);
  });
}

/** Does not keep the process. */
const after = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref());

const REASONS: { readonly [code: string]: string } = {
  EADDRINUSE: 'something else listens there already: stop it, or choose another port (server.port)',
  EACCES: 'this user may not listen there: choose a port from 1024 on (server.port)',
  EADDRNOTAVAIL: 'this machine has no such address: correct server.host',
  ENOTFOUND: 'that name is unknown: correct server.host',
};

async function listen(server: FastifyInstance, { host, port }: Pick<ServerOptions, 'host' | 'port'>): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (error) {
    await server.close();
    const { code = '', message } = error as { code?: string; message: string };
    throw new FatalError(`No server can listen on ${host}:${port}: ${REASONS[code] ?? message}.`, { cause: error });
  }
}
