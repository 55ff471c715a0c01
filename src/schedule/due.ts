import { type Cron, isSince, lastTick } from '../config/ticks.ts';

/** What rows tell of an integration's schedule. */
export interface TickRows {
  /** The tick for which a sync was last asked. */
  readonly claimed: Date | null;
  /** When the last sync began that succeeded, whoever asked for it. */
  readonly succeeded: Date | null;
}

/**
 * The tick that a sync is to be asked for now, or null: the newest one, unless somebody asked for it already or a sync
 * that began at it or later succeeded. All ticks that were missed are thus made up for by one.
 */
export function due(rows: TickRows, cron: Cron, now: Date): Date | null {
  const tick = lastTick(cron, now);
  if (tick === null) return null;
  return isSince(rows.succeeded, tick, now) || isSince(rows.claimed, tick, now) ? null : tick;
}
