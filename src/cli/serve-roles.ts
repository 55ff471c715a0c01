import type { HandleEvents } from '../app/jobs.ts';
import type { App } from '../app.ts';
import type { IntegrationConfig } from '../config/types.ts';
import type { FatalError } from '../domain/errors.ts';
import type { Logger } from '../log.ts';
import type { JobContext } from '../queue/tasks.ts';
import { type Scheduled, type Scheduler, startScheduler } from '../schedule/scheduler.ts';
import type { Role } from './roles.ts';

export interface ServeOptions {
  readonly app: App;
  readonly integrations: readonly IntegrationConfig[];
  readonly roles: readonly Role[];
  /** Jobs that a worker does at once. */
  readonly concurrency: number;
  readonly logger: Logger;
  /** Breaks off what a worker does. {@link Serving.stop} must follow. */
  readonly signal: AbortSignal;
  /** How often a worker looks for dead ones, in milliseconds. */
  readonly lookMs?: number;
  /** Handles what an integration received; left out: nothing is received. */
  readonly handleEvents?: HandleEvents;
  /** What else is to be done now and then by one of the workers. */
  readonly maintain?: (context: JobContext) => Promise<void>;
  /** Answers over HTTP, for every role; left out: nobody does. */
  readonly listen?: () => Promise<{ close(): Promise<void> }>;
}

/** The roles of a process at work. */
export interface Serving {
  /** Only with the role. */
  readonly scheduler: Scheduler | undefined;
  /** Settles when a role cannot go on although nobody stopped it, with the reason. */
  readonly failed: Promise<FatalError>;
  /** Settles when nothing of it goes on any more. */
  stop(): Promise<void>;
}

/** Brings the database to this version and starts the roles of this process, each of which says so in the log. */
export async function startServing(options: ServeOptions): Promise<Serving> {
  const { app, integrations, roles, concurrency, logger, signal, lookMs, handleEvents, maintain, listen } = options;
  await app.migrate();
  await app.queue.migrate();
  await app.queue.note(integrations.map(({ name }) => name));
  const parts = { integrations, concurrency, signal, lookMs, handleEvents, maintain };
  // First, for who cannot listen is to begin nothing.
  const server = await listen?.();
  const worker = roles.includes('worker') ? await app.queue.startWorker(parts) : undefined;
  if (worker !== undefined) logger.info({ concurrency }, 'worker is there');
  const scheduler = roles.includes('scheduler') ? schedulerOf(options) : undefined;
  return {
    scheduler,
    failed: worker?.failed ?? new Promise(() => {}),
    stop: async () => {
      await server?.close();
      await scheduler?.stop();
      await worker?.stop();
      logger.info({ roles }, 'stopped');
    },
  };
}

function schedulerOf({ app, integrations, logger }: ServeOptions): Scheduler {
  const { rows, requestDue, requestMaintenance, now } = app.queue;
  const scheduled = integrations.flatMap(({ name, schedule, timeZone }): Scheduled[] =>
    schedule === undefined ? [] : [{ integration: name, schedule, timeZone }],
  );
  const unscheduled = integrations.filter(({ schedule }) => schedule === undefined).map(({ name }) => name);
  logger.info({ integrations: scheduled.map(({ integration }) => integration) }, 'scheduler is there');
  if (unscheduled.length > 0) {
    logger.warn({ integrations: unscheduled }, 'no schedule: synced only when somebody asks');
  }
  return startScheduler({ integrations: scheduled, logger, now, rows, requestDue, requestMaintenance });
}
