import { type Cron, lastTick } from '../config/ticks.ts';

/** What rows tell of an integration's schedule. */
export interface TickRows {
  /** The tick for which a sync was last asked. */
  readonly claimed: Date | null;
  /** When the last sync began that succeeded, whoever asked for it. */
  readonly succeeded: Date | null;
}

/** So far the clocks of machines may be apart. What lies further ahead was written under a clock that was wrong. */
export const CLOCKS_APART_MS = 300_000;

/**
 * The tick that a sync is to be asked for now, or null: the newest one, unless somebody asked for it already or a sync
 * that began at it or later succeeded. All ticks that were missed are thus made up for by one.
 */
export function due(rows: TickRows, cron: Cron, now: Date): Date | null {
  const tick = lastTick(cron, now);
  if (tick === null) return null;
  const isBelieved = (time: Date | null) => time !== null && time.getTime() <= now.getTime() + CLOCKS_APART_MS;
  const isServed = isBelieved(rows.succeeded) && rows.succeeded !== null && rows.succeeded >= tick;
  const isClaimed = isBelieved(rows.claimed) && rows.claimed !== null && rows.claimed >= tick;
  return isServed || isClaimed ? null : tick;
}
