import { FULL } from '../size.ts';

/** Tries that took longer are enough, so that a busy machine does not wait for the last of them. */
const ENOUGH_MS = FULL ? 60_000 : 6_000;
/** A sample is the same every time, so that it fails for what was changed; whole runs try something new each time. */
const SAMPLE = FULL ? {} : { seed: 20_260_101 };

/** How many times more is tried when the tests run whole. */
export const TIMES = FULL ? 10 : 0.5;

/** How often a property is tried. */
export function numRuns(few: number): { numRuns: number; interruptAfterTimeLimit: number; seed?: number } {
  return { numRuns: Math.ceil(few * TIMES), interruptAfterTimeLimit: ENOUGH_MS, ...SAMPLE };
}
