import { isSince } from '../config/ticks.ts';
import type { IntegrationConfig, PlatformIntegration } from '../config/types.ts';
import { FatalError, SyncError } from '../domain/errors.ts';
import type { Handlers, JobContext } from '../queue/tasks.ts';
import type { BackfillResult } from '../sync/backfill.ts';
import type { SyncResult } from '../sync/sync.ts';

/** Handles everything that an integration received and that nobody has handled yet. */
export type HandleEvents = (integration: PlatformIntegration, context: JobContext) => Promise<void>;

export interface JobParts {
  readonly integrations: readonly IntegrationConfig[];
  readonly syncOne: (integration: IntegrationConfig, options: { reason: string } & JobContext) => Promise<SyncResult>;
  readonly backfillOne: (integration: PlatformIntegration, options: BackfillJob) => Promise<BackfillResult>;
  readonly now: () => Date;
  /** When the last sync of an integration began that succeeded. */
  readonly succeeded: (integration: string) => Promise<Date | null>;
  /** Left out: nobody receives events. */
  readonly handleEvents?: HandleEvents | undefined;
  /** What has to be done now and then; left out: nothing. */
  readonly maintain?: ((context: JobContext) => Promise<void>) | undefined;
}

export interface BackfillJob extends JobContext {
  readonly reason: string;
  readonly window: { readonly from: Date; readonly to: Date };
  readonly jobId: undefined;
  readonly concurrency: number;
  readonly dryRun: false;
  readonly retryMissing: false;
}

const BACKFILL_CONCURRENCY = 4;

/** @throws FatalError for a folder, of which nobody tells anything. */
function platformOf(integration: IntegrationConfig): PlatformIntegration {
  if (integration.source !== 'files') return integration;
  throw new FatalError(`"${integration.name}" reads a folder, which has no runs but its own.`);
}

/** What the workers of a configuration do for each job. */
export function jobHandlers(parts: JobParts): Handlers {
  const { integrations, syncOne, backfillOne, succeeded, now, handleEvents, maintain } = parts;
  const found = (name: string): IntegrationConfig => {
    const one = integrations.find((integration) => integration.name === name);
    // Another worker may know it, so that the job is tried again.
    if (one !== undefined) return one;
    throw new SyncError(
      `The configuration of this worker has no integration "${name}": give all workers the same one.`,
    );
  };
  return {
    sync: async ({ integration, reason, tick }, context) => {
      const one = found(integration);
      if (tick !== undefined && isSince(await succeeded(integration), new Date(tick), now())) {
        context.logger.info({ integration, tick }, 'sync was done meanwhile');
        return;
      }
      await syncOne(one, { reason, ...context });
    },
    backfill: async ({ integration, from, to }, context) => {
      const one = platformOf(found(integration));
      const window = { from: new Date(from), to: new Date(to) };
      const asked = {
        jobId: undefined,
        concurrency: BACKFILL_CONCURRENCY,
        dryRun: false,
        retryMissing: false,
      } as const;
      await backfillOne(one, { ...asked, reason: 'queue', window, ...context });
    },
    ...(handleEvents && {
      events: ({ integration }, context) => handleEvents(platformOf(found(integration)), context),
    }),
    ...(maintain && { maintain: (_, context) => maintain(context) }),
  };
}
