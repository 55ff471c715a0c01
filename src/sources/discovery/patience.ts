import { SyncError } from '../../domain/errors.ts';
import { type FailureKind, failureKind } from './failures.ts';

/** Failures in a row, of whatever connection, after which the service as a whole is in doubt. */
const IN_DOUBT = 8;
/** Kinds that an answer does not tell from a service that is gone. */
const GONE: ReadonlySet<FailureKind | undefined> = new Set(['throttled', 'down', 'timeout', 'wrong_host']);

/** What one reading of an environment bears from a service that fails, over all its connections. */
export interface Patience {
  /** Something came. */
  answered(): void;
  /** A request failed after so many milliseconds. @throws when nothing comes from the service any more. */
  failed(error: Error, ms: number): Promise<void>;
  /** Whether an error ends the reading, and not only the page that it befell. */
  isFinal(error: unknown): boolean;
  /** Whether so much time was lost that what fails is not asked in another way any more. */
  isLost(): boolean;
}

export interface PatienceOptions {
  /** Milliseconds that may be lost by requests that fail, added up. */
  readonly limitMs: number;
  /** One small question, which tells whether the service is there at all. */
  readonly isThere: () => Promise<unknown>;
}

/** Patience for one reading. */
export function createPatience({ limitMs, isThere }: PatienceOptions): Patience {
  let lostMs = 0;
  let inARow = 0;
  let gone: unknown;
  let doubt: Promise<void> | undefined;

  async function find(): Promise<void> {
    try {
      await isThere();
      inARow = 0;
    } catch (error) {
      gone = error;
    } finally {
      doubt = undefined;
    }
  }

  return {
    answered() {
      inARow = 0;
    },
    async failed(error, ms) {
      lostMs += ms;
      const kind = failureKind(error);
      inARow = GONE.has(kind) ? inARow + 1 : 0;
      if (inARow < IN_DOUBT) return;
      // A host that throttles would only be asked once more; else those who come to doubt at once share one question.
      if (kind === 'throttled') gone = error;
      else doubt ??= find();
      await doubt;
      if (gone !== undefined) throw gone;
    },
    isFinal: (error) => !(error instanceof SyncError) || error === gone,
    isLost: () => lostMs > limitMs,
  };
}
