import type { Retention } from '../config/types.ts';
import type { JobContext } from '../queue/tasks.ts';
import type { Pool } from '../store/pool.ts';
import { retain } from '../store/retention.ts';

export interface MaintenanceParts {
  readonly pool: Pool;
  readonly retention: Retention;
  readonly now: () => Date;
  /** Integrations whose events have waited for so many seconds. */
  readonly forgotten: (seconds: number) => Promise<readonly string[]>;
  /** Asks for the events of an integration to be handled. */
  readonly enqueueEvents: (integration: string) => Promise<void>;
}

/** Whoever was to ask for the events of an integration has had its time. */
const FORGOTTEN_S = 60;
/** What is too old is looked for this often; it is kept in days. */
const RETAIN_MS = 6 * 3_600_000;

/** What a worker does every minute: events that nobody was asked for are asked for, and what is too old goes. */
export function maintenance(parts: MaintenanceParts): (context: JobContext) => Promise<void> {
  const { pool, retention, now, forgotten, enqueueEvents } = parts;
  let retainedAt: number | undefined;
  return async ({ signal, logger }) => {
    for (const integration of await forgotten(FORGOTTEN_S)) await enqueueEvents(integration);
    const start = performance.now();
    if (retainedAt !== undefined && start - retainedAt < RETAIN_MS) return;
    const removed = await retain(pool, retention, { now: now(), signal });
    retainedAt = start;
    if (Object.values(removed).some((rows) => rows > 0)) logger.info({ removed }, 'what was too old is gone');
  };
}
