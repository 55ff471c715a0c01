import { maintenance } from '../app/maintenance.ts';
import { createMetrics, type Metrics } from '../app/metrics.ts';
import type { Config } from '../config/types.ts';
import type { Io } from './io.ts';
import { type ServeOptions, startServing } from './serve-roles.ts';
import { listen } from './serve-server.ts';
import { withApp } from './session.ts';

/** Beside one for each job: to hear of new jobs, to take and to end them, for the scheduler and for those who ask how it goes. */
const CONNECTIONS = 6;

const LONG_MS = 3_600_000;

type Wanted = Pick<ServeOptions, 'roles' | 'concurrency' | 'signal'>;

/** Does what the roles of this process are, until the signal aborts. @throws what ends it that a person must mend. */
export async function serve(io: Io, config: Config, wanted: Wanted): Promise<void> {
  const { roles, concurrency } = wanted;
  const metrics = createMetrics();
  const connections = CONNECTIONS + (roles.includes('worker') ? concurrency : 0);
  await withApp(io, config, (app, logger) => serveWith({ ...wanted, app, logger, config, metrics }), {
    isTalking: true,
    connections,
    metrics,
  });
}

interface Serve extends Wanted, Pick<ServeOptions, 'app' | 'logger'> {
  readonly config: Config;
  readonly metrics: Metrics;
}

/** Until the signal aborts, or something ends it that a person must mend. */
async function serveWith({ config, metrics, ...options }: Serve): Promise<void> {
  const { app, roles, logger, signal } = options;
  const { integrations, retention } = config;
  const { webhooks, queue } = app;
  const serving = await startServing({
    ...options,
    integrations,
    handleEvents: (integration, context) => webhooks.handle(integration, context),
    maintain: maintenance({ ...queue, ...webhooks, pool: app.pool, retention }),
    listen: () => listen({ app, config, logger, metrics, takesWebhooks: roles.includes('server') }),
  });
  const failure = await Promise.race([aborted(signal), serving.failed]);
  await serving.stop();
  if (failure !== undefined) throw failure;
}

/** Settles when the signal aborts; until then the process stays, whatever else goes on in it. */
function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const staying = setInterval(() => undefined, LONG_MS);
    const onAbort = () => {
      clearInterval(staying);
      resolve(undefined);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
