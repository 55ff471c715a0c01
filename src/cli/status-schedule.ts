import { type Cron, nextTick } from '../config/ticks.ts';
import type { QueuedJob } from '../store/read/queue.ts';
import { duration, instant, plain } from './format.ts';

/** How an integration is with its schedule; the names are those of the JSON document. */
export interface ScheduleStatus {
  readonly schedule: string | null;
  readonly time_zone: string | null;
  readonly next_tick_at: Date | null;
  /** The first tick for which no sync has succeeded yet; null when there is none, or no schedule. */
  readonly due_since: Date | null;
  /** Seconds since then; 0 when it is on time, null without a schedule. */
  readonly behind_s: number | null;
}

/**
 * How far behind its schedule an integration is: since the first tick after the beginning of its last success, for
 * while nothing succeeds each tick adds to it.
 * @param since that beginning; of one that never succeeded when it was first seen, null when nobody has seen it.
 */
export function scheduleStatus(cron: Cron | undefined, since: Date | null, now: Date): ScheduleStatus {
  if (cron === undefined) {
    return { schedule: null, time_zone: null, next_tick_at: null, due_since: null, behind_s: null };
  }
  const first = since === null ? null : nextTick(cron, since);
  const missed = first !== null && first <= now ? first : null;
  return {
    schedule: cron.schedule,
    time_zone: cron.timeZone,
    next_tick_at: nextTick(cron, now),
    due_since: missed,
    behind_s: missed === null ? 0 : (now.getTime() - missed.getTime()) / 1_000,
  };
}

/** The schedule in words: `*\/15 * * * * (UTC), on time, next at …`. */
export function scheduleText(status: ScheduleStatus): string {
  const { schedule, time_zone: zone, next_tick_at: next, due_since: since, behind_s: behind } = status;
  if (schedule === null) return 'none';
  const late = since === null ? 'on time' : `${duration(behind ?? 0)} late (due since ${instant(since)})`;
  return `${schedule} (${zone}): ${late}${next === null ? '' : `, next at ${instant(next)}`}`;
}

/** What follows a failure for good. Syncs come again by themselves, though not that job; a period that was asked for does not. */
const AFTER_FAILURE: { readonly [task: string]: string } = {
  sync: 'is not tried again before the next tick, webhook or "dbt-observer sync"',
  events: 'is asked for anew within minutes',
  maintain: 'is asked for anew within minutes',
  backfill: 'is not tried again by itself',
};

/** A job in words: `sync failed 2 times, again at …: The API is down.` An error that was `told` before is not repeated. */
export function jobText(
  { task, state, at, attempts, last_error: error }: QueuedJob,
  told: string | null = null,
): string {
  const times = attempts === 1 ? 'once' : `${attempts} times`;
  const isTold = error !== null && told?.startsWith(error) === true;
  const why = error === null || isTold ? '' : `: ${plain(error)}`;
  switch (state) {
    case 'running':
      return `${task} goes on since ${instant(at)}`;
    case 'orphaned':
      return `${task} was left by a worker that is gone; another one takes it over`;
    case 'failed':
      return `${task} failed and ${AFTER_FAILURE[task] ?? 'is not tried again by itself'}${why}`;
    case 'retrying':
      return `${task} failed ${times}, again at ${instant(at)}${why}`;
    case 'waiting':
      return `${task} waits${at > new Date() ? ` until ${instant(at)}` : ' for a worker'}`;
  }
}
