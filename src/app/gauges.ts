import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from '../store/pool.ts';
import { type IntegrationGauges, integrationGauges } from '../store/read/gauges.ts';
import type { GaugeReader, GaugeValue } from './metrics.ts';

/** Whoever asks every second is told the same for so long. */
const FRESH_MS = 5_000;
/** A database that is away must not keep those who ask. */
const LATE_MS = 2_000;

const PER_INTEGRATION = {
  sync_lag_seconds: [
    'lagS',
    'Seconds since the last sync without loss ended, or since the integration was first seen while there was none.',
  ],
  data_age_seconds: ['dataAgeS', "Seconds since dbt's own state last moved, of what is stored."],
  webhook_events_waiting: ['waitingEvents', 'Webhook events that wait to be handled.'],
} as const;

const NAMES = Object.keys(PER_INTEGRATION) as (keyof typeof PER_INTEGRATION)[];

/** How many jobs wait, run or have failed for good, in these words. */
export type QueueDepth = () => Promise<{ readonly [state: string]: number }>;

/** The gauges that the database tells. @param queueDepth left out: nobody tells of the queue. */
export function databaseGauges(pool: Pool, queueDepth?: QueueDepth): GaugeReader {
  const gauges = Object.fromEntries(
    NAMES.map((name) => [name, { help: PER_INTEGRATION[name][1], labels: ['integration'] }]),
  );
  const up = { help: '1 when the database answered in time, else 0.', labels: [] };
  const queue = { help: 'Jobs in the queue, by their state.', labels: ['state'] };
  const read = async () => ({
    ...valuesOf(await integrationGauges(pool)),
    ...(queueDepth && { queue_jobs: depthOf(await queueDepth()) }),
  });
  const fresh = kept(inTime(read));
  return {
    gauges: { ...gauges, database_up: up, ...(queueDepth && { queue_jobs: queue }) },
    read: async () => {
      const found = await fresh();
      return { ...found, database_up: [{ labels: {}, value: found === undefined ? 0 : 1 }] };
    },
  };
}

function valuesOf(rows: readonly IntegrationGauges[]): { [name: string]: readonly GaugeValue[] } {
  const valuesIn = (name: (typeof NAMES)[number]) =>
    rows.flatMap((row) => {
      const value = row[PER_INTEGRATION[name][0]];
      return value === null ? [] : [{ labels: { integration: row.integration }, value }];
    });
  return Object.fromEntries(NAMES.map((name) => [name, valuesIn(name)]));
}

const depthOf = (depth: Awaited<ReturnType<QueueDepth>>): GaugeValue[] =>
  Object.entries(depth).map(([state, value]) => ({ labels: { state }, value }));

/** What did not come in time goes on, and is not begun a second time before it has ended. */
function inTime<Result>(work: () => Promise<Result>): () => Promise<Result | undefined> {
  let goingOn: Promise<Result | undefined> | undefined;
  return async () => {
    goingOn ??= work()
      .catch(() => undefined)
      .finally(() => {
        goingOn = undefined;
      });
    const controller = new AbortController();
    const late = delay(LATE_MS, undefined, { signal: controller.signal }).catch(() => undefined);
    return Promise.race([goingOn, late]).finally(() => controller.abort());
  };
}

/** Looks once for all who ask at the same time or soon after. */
function kept<Result>(look: () => Promise<Result>): () => Promise<Result> {
  let last: { readonly at: number; readonly found: Promise<Result> } | undefined;
  return () => {
    if (last === undefined || performance.now() - last.at > FRESH_MS) last = { at: performance.now(), found: look() };
    return last.found;
  };
}
