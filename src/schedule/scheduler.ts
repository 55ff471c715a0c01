import { setTimeout as delay } from 'node:timers/promises';
import { schedule } from 'node-cron';
import { CLOCKS_APART_MS, type Cron } from '../config/ticks.ts';
import type { Logger } from '../log.ts';
import { due, type TickRows } from './due.ts';
import { jitterS } from './jitter.ts';

/** An integration with a schedule. */
export interface Scheduled extends Cron {
  readonly integration: string;
}

/** A sync that is to be asked for. */
export interface DueSync {
  readonly integration: string;
  readonly tick: Date;
  readonly delayS: number;
}

export interface SchedulerOptions {
  readonly integrations: readonly Scheduled[];
  readonly logger: Logger;
  readonly now: () => Date;
  /** What is stored of each of these integrations. */
  readonly rows: (names: readonly string[]) => Promise<readonly (TickRows & { readonly integration: string })[]>;
  /** Asks for the syncs whose tick nobody has claimed, but for claims after `latest`, and tells which they were. */
  readonly requestDue: (syncs: readonly DueSync[], latest: Date) => Promise<readonly string[]>;
  readonly requestMaintenance: () => Promise<void>;
  /** How soon a look that failed is taken again, in milliseconds. */
  readonly retryMs?: number;
}

export interface Scheduler {
  /** Looks what is due; also done at the start and every minute. Never throws: a look that fails is taken again soon. */
  wake(): Promise<void>;
  stop(): Promise<void>;
}

/** A second after each minute, for timers may be early by a little and a tick must have come by then. */
const EVERY_MINUTE = '1 * * * * *';
const RETRY_MS = 5_000;
const NOTHING_KNOWN: TickRows = { claimed: null, succeeded: null };

/** Asks for syncs when they are due. It remembers nothing: any number of them, started at any time, ask for each once. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { logger, retryMs = RETRY_MS } = options;
  const stopped = new AbortController();
  let isAway = false;
  let looking = Promise.resolve();

  async function look(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await requestAll(options);
        if (isAway) logger.info('the scheduler goes on');
        isAway = false;
        return;
      } catch (error) {
        if (!isAway)
          logger.warn({ error: error instanceof Error ? error.message : String(error) }, 'the scheduler waits');
        isAway = true;
        await delay(retryMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      }
    }
  }

  function wake(): Promise<void> {
    looking = looking.then(look);
    return looking;
  }

  // A wake that waits for its turn sees the time it has then, so that more than one would be of no use.
  let waiting = 0;
  const everyMinute = async () => {
    if (waiting > 0) return;
    waiting += 1;
    await wake();
    waiting -= 1;
  };
  const minutes = schedule(EVERY_MINUTE, everyMinute, { suppressMissedWarning: true });
  void everyMinute();
  return {
    wake,
    stop: async () => {
      stopped.abort();
      await minutes.destroy();
      await looking;
    },
  };
}

async function requestAll({ integrations, logger, now, rows, requestDue, requestMaintenance }: SchedulerOptions) {
  const time = now();
  const stored = new Map(
    (await rows(integrations.map(({ integration }) => integration))).map((row) => [row.integration, row]),
  );
  const ticks = integrations.flatMap(({ integration, ...cron }) => {
    const tick = due(stored.get(integration) ?? NOTHING_KNOWN, cron, time);
    return tick === null ? [] : [{ integration, tick }];
  });
  if (ticks.length > 0) {
    const syncs = ticks.map((one) => ({ ...one, delayS: jitterS(one.integration, ticks.length) }));
    const asked = await requestDue(syncs, new Date(time.getTime() + CLOCKS_APART_MS));
    for (const { integration, tick } of ticks) {
      if (asked.includes(integration)) logger.info({ integration, tick }, 'sync is due');
    }
  }
  await requestMaintenance();
}
