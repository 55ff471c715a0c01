import { databaseGauges } from '../app/gauges.ts';
import type { Metrics } from '../app/metrics.ts';
import { readiness } from '../app/readiness.ts';
import type { App } from '../app.ts';
import type { Config } from '../config/types.ts';
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

/** Answers over HTTP how it goes, and takes webhooks if it is to. @throws FatalError when it cannot listen. */
export function listen({ app, config, logger, metrics, takesWebhooks }: ListenOptions): Promise<RunningServer> {
  metrics.look(databaseGauges(app.pool, app.queue.depth));
  return startServer({
    ...config.server,
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
