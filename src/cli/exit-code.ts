import { CommanderError } from 'commander';
import { FatalError } from '../domain/errors.ts';

/** What the process tells its caller. */
export const EXIT = { done: 0, failed: 1, wrong: 2, partial: 3, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** From the one that needs a person most to the one that needs nobody. */
const WORST_FIRST: readonly ExitCode[] = [EXIT.interrupted, EXIT.wrong, EXIT.failed, EXIT.partial, EXIT.done];

/** The code of several pieces of work: the one that most needs attention. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.done;
}

/** A person must change something after a FatalError or a wrong command line; anything else may succeed another time. */
export function codeOfError(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrong;
  return error instanceof FatalError ? EXIT.wrong : EXIT.failed;
}
