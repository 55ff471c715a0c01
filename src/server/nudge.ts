import { setTimeout as delay } from 'node:timers/promises';

/** Asks for the same thing in the background, however often it is wanted meanwhile. */
export interface Nudge {
  (name: string): void;
  /** Settles when nothing is being asked for any more. */
  idle(): Promise<void>;
}

/** Whoever wants the same thing again and again has it a few times a second: each time costs more than waiting does. */
const PAUSE_MS = 150;

/**
 * Calls `ask` with a name soon after it was wanted: at most one call for a name goes on at a time, and everything that
 * is wanted during one and in the moment after it is a single call then.
 */
export function createNudge(
  ask: (name: string) => Promise<unknown>,
  onError: (name: string, error: unknown) => void,
  pause: () => Promise<unknown> = () => delay(PAUSE_MS),
): Nudge {
  const goingOn = new Map<string, { again: boolean; readonly done: Promise<void> }>();

  async function run(name: string): Promise<void> {
    do {
      const current = goingOn.get(name);
      if (current) current.again = false;
      await ask(name).catch((error: unknown) => onError(name, error));
      await pause();
    } while (goingOn.get(name)?.again === true);
    goingOn.delete(name);
  }

  const nudge = (name: string) => {
    const current = goingOn.get(name);
    if (current) current.again = true;
    // Begun in a turn of its own, when it can be found by its name.
    else goingOn.set(name, { again: false, done: Promise.resolve().then(() => run(name)) });
  };
  return Object.assign(nudge, {
    idle: async () => {
      while (goingOn.size > 0) await Promise.all([...goingOn.values()].map(({ done }) => done));
    },
  });
}
