import { SyncError } from '../domain/errors.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';

/** A stop takes at most ten seconds; what has not ended by then is left to the database, which rolls it back. */
const PATIENCE_MS = 9_000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Gives the signals back to their defaults. */
  release(): void;
}

/**
 * From now on the first SIGINT or SIGTERM aborts the signal, and a second one ends the process at once.
 * @param consequence what an interruption means for the work, for the reason of the signal; null when nothing.
 */
export function interruptible(
  io: Io,
  consequence: string | null = 'nothing was written; the state before it stayed.',
): Interruption {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    if (io.log !== undefined) io.log.info({ signal: name }, 'stopping; once more to stop at once');
    else io.err(`${io.isTerminal ? '\r\u001b[2K' : ''}Stopping; once more to stop at once.\n`);
    setTimeout(() => process.exit(EXIT.interrupted), PATIENCE_MS).unref();
    controller.abort(new SyncError(`Interrupted by ${name}${consequence === null ? '.' : `: ${consequence}`}`));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
