import { databaseGauges } from '../app/gauges.ts';
import type { Metrics } from '../app/metrics.ts';
import { readiness } from '../app/readiness.ts';
import type { App } from '../app.ts';
import type { Config } from '../config/types.ts';
import { FatalError } from '../domain/errors.ts';
import type { Logger } from '../log.ts';
import { type RunningServer, startServer } from '../server/server.ts';
import type { WebhookReceiver } from '../server/webhooks.ts';

export interface ListenOptions {
  readonly app: App;
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Else another process takes webhooks. */
  readonly takesWebhooks: boolean;
}

const isTaken = (error: unknown) =>
  error instanceof FatalError && (error.cause as { code?: unknown } | undefined)?.code === 'EADDRINUSE';

/**
 * Answers over HTTP how it goes, and takes webhooks if it is to. Who only tells how it goes makes do with any port, for
 * several roles may share a machine.
 * @throws FatalError when it cannot listen.
 */
export async function listen(options: ListenOptions): Promise<RunningServer> {
  const { app, config, logger, metrics, takesWebhooks } = options;
  metrics.look(databaseGauges(app.pool, app.queue.depth));
  const { port } = config.server;
  try {
    return await listenOn(options, port);
  } catch (error) {
    if (takesWebhooks || !isTaken(error)) throw error;
    logger.warn({ port }, 'the port is taken: any free one does');
    return listenOn(options, 0);
  }
}

function listenOn(
  { app, config, logger, metrics, takesWebhooks }: ListenOptions,
  port: number,
): Promise<RunningServer> {
  return startServer({
    host: config.server.host,
    port,
    logger,
    health: { ready: () => readiness(app.pool, app.queue.problem) },
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
    ...(takesWebhooks && { webhooks: receiver({ app, config, metrics }) }),
  });
}

function receiver({ app, config, metrics }: Pick<ListenOptions, 'app' | 'config' | 'metrics'>): WebhookReceiver {
  const secrets = config.integrations.flatMap((one) =>
    one.source === 'files' || one.webhookSecrets === undefined ? [] : [[one.name, one.webhookSecrets] as const],
  );
  return {
    secrets: new Map(secrets),
    store: app.webhooks.store,
    requestEvents: app.queue.enqueueEvents,
    maxAgeS: config.retention.webhookEventsS ?? Number.POSITIVE_INFINITY,
    onDelivery: metrics.onDelivery,
  };
}
