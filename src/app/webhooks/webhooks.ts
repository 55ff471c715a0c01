import type { PlatformIntegration } from '../../config/types.ts';
import type { Delivery, ReceivedEvent } from '../../domain/webhook.ts';
import type { Logger } from '../../log.ts';
import type { Pool } from '../../store/pool.ts';
import { integrationsWithWaitingEvents, storeEvent } from '../../store/webhook-events.ts';
import type { SyncResult } from '../../sync/sync.ts';
import type { Telling } from '../asking.ts';
import type { Metrics } from '../metrics.ts';
import { handleEvents } from './handle.ts';
import type { Patience } from './settle.ts';

export interface HandleEventsOptions {
  readonly signal: AbortSignal;
  readonly patience?: Patience;
  /** Says of each line which work it is for; left out: that of the app. */
  readonly logger?: Logger;
}

/** What webhooks of dbt tell, from the delivery to what is done about it. */
export interface Webhooks {
  /** Keeps an event of an integration, once. @throws SyncError when it cannot be kept now. */
  store(integration: string, event: ReceivedEvent): Promise<Delivery>;
  /** Does what the waiting events of an integration ask for. @throws as {@link handleEvents}. */
  handle(integration: PlatformIntegration, options: HandleEventsOptions): Promise<void>;
  /** Integrations whose events have waited for so many seconds, by name: whoever was to be asked for them was not. */
  forgotten(seconds: number): Promise<string[]>;
}

interface Around extends Telling {
  readonly pool: Pool;
  readonly metrics: Metrics | undefined;
  readonly syncOne: (integration: PlatformIntegration, options: Because) => Promise<SyncResult>;
}

interface Because {
  readonly reason: string;
  readonly full: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Webhooks over one database. */
export function createWebhooks({ syncOne, ...around }: Around): Webhooks {
  const { pool } = around;
  return {
    store: (integration, event) => storeEvent(pool, integration, event),
    handle(integration, { signal, ...options }) {
      const { logger = around.logger } = options;
      const sync = () => syncOne(integration, { reason: 'webhook', full: false, dryRun: false, signal, logger });
      return handleEvents({ ...around, ...options, integration, signal, sync });
    },
    forgotten: (seconds) => integrationsWithWaitingEvents(pool, seconds),
  };
}
