import { type Command, InvalidArgumentError, Option } from 'commander';
import { maintenance } from '../../app/maintenance.ts';
import { createMetrics, type Metrics } from '../../app/metrics.ts';
import type { App } from '../../app.ts';
import type { Config } from '../../config/types.ts';
import { FatalError } from '../../domain/errors.ts';
import type { Logger } from '../../log.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import type { Io } from '../io.ts';
import { ROLES, type Role, type ServeOptions, startServing } from '../serve-roles.ts';
import { listen } from '../serve-server.ts';
import { type CommonOptions, common, readConfig, withApp } from '../session.ts';

interface ServeFlags extends CommonOptions {
  readonly role?: Role;
  readonly concurrency: number;
  readonly port?: number;
}

const CONCURRENCY = 4;
const MOST_AT_ONCE = 64;
/** Beside one for each job: to hear of new jobs, to take and to end them, for the scheduler and for those who ask how it goes. */
const CONNECTIONS = 6;

const HIGHEST_PORT = 65_535;

const LONG_MS = 3_600_000;

/** The command `serve`. */
export function addServe(program: Command, io: Io, exit: (code: ExitCode) => void): void {
  const command = program
    .command('serve')
    .description('keep every integration in sync by its schedule, until a signal stops it')
    .addOption(
      new Option('--role <role>', 'do only this; the others run elsewhere on the same database').choices(ROLES),
    )
    .option('--concurrency <jobs>', 'jobs that this process does at once', jobs, CONCURRENCY)
    .option('--port <port>', 'where it tells its health and metrics and takes webhooks, instead of server.port', port)
    .action(async (flags: ServeFlags) => exit(await runServe(io, flags)));
  common(command, 'serve --role worker --concurrency 8');
}

function jobs(text: string): number {
  const number = /^[1-9]\d?$/.test(text) ? Number(text) : Number.NaN;
  if (number <= MOST_AT_ONCE) return number;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_AT_ONCE}.`);
}

function port(text: string): number {
  const number = /^(0|[1-9]\d{0,4})$/.test(text) ? Number(text) : Number.NaN;
  if (number <= HIGHEST_PORT) return number;
  throw new InvalidArgumentError(`It must be a whole number from 0 (any that is free) to ${HIGHEST_PORT}.`);
}

async function runServe(io: Io, flags: ServeFlags): Promise<ExitCode> {
  const { role, concurrency } = flags;
  const read = await readConfig(io, flags, {
    tokens: role === undefined || role === 'worker',
    webhooks: role === undefined || role === 'server',
  });
  const config = { ...read, server: { ...read.server, port: flags.port ?? read.server.port } };
  requireIntegrations(config);
  const roles = role === undefined ? ROLES : [role];
  const interruption = interruptible(io, 'the job goes back to the queue; the state before it stayed.');
  const { signal } = interruption;
  try {
    const metrics = createMetrics();
    const connections = CONNECTIONS + (roles.includes('worker') ? concurrency : 0);
    const work = (app: App, logger: Logger) => serve({ app, config, roles, concurrency, logger, metrics, signal });
    await withApp(io, config, work, { isTalking: true, connections, metrics });
    return EXIT.done;
  } finally {
    interruption.release();
  }
}

interface Serve extends Pick<ServeOptions, 'app' | 'roles' | 'concurrency' | 'logger' | 'signal'> {
  readonly config: Config;
  readonly metrics: Metrics;
}

/** Until the signal aborts, or something ends it that a person must mend. */
async function serve({ config, metrics, ...options }: Serve): Promise<void> {
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

/** @throws FatalError when there is nothing to serve. */
function requireIntegrations({ integrations, file }: Config): void {
  if (integrations.length > 0) return;
  const where =
    file === undefined ? 'there is no configuration file: run init, or name one with --config' : `${file} has none`;
  throw new FatalError(`serve needs integrations, but ${where}.`);
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
