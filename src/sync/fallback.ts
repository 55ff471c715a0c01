import { FatalError, NothingYetError, SyncError } from '../domain/errors.ts';
import type { Probe, Source, Stored } from '../domain/source.ts';

/** Another source that serves a pass when the first one cannot. */
export interface FallbackOptions {
  readonly source: Source;
  /** Why an error of the first source is a reason to ask this one instead, in one sentence; null when it is none. */
  reasonFor(error: unknown): string | null;
  /** Why the first source, which said this of itself, does not know the newest state yet; null when it does. */
  lag(probe: Probe, stored: Stored, signal: AbortSignal): Promise<string | null>;
  /** What is said of this one, in place of its own sentence, when it failed in the same way as the first; else null. */
  alike?(first: unknown, second: unknown): string | null;
  /** What a person can do when both sources failed, if their own sentences do not say it; else null. */
  advice?(first: unknown, second: unknown): string | null;
}

/** Why the first source does not know the newest state. That nobody can tell is no reason to leave it. */
export async function lagOf(
  { lag }: FallbackOptions,
  { probe, stored }: { readonly probe: Probe; readonly stored: Stored },
  signal: AbortSignal,
): Promise<string | null> {
  try {
    return await lag(probe, stored, signal);
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Why artifacts did not take the place of a source, to be read after why they were to. */
export const notInstead = (error: unknown): string => `The artifacts cannot be had instead: ${messageOf(error)}`;

/** What both sources failed with. */
export interface Failures {
  /** Why the first one could not serve. */
  readonly reason: string;
  readonly first: unknown;
  readonly second: unknown;
}

/** The error of a pass that neither source could serve; it may succeed another time unless both need a person first. */
export function bothFailed({ reason, first, second }: Failures, { alike, advice }: FallbackOptions): Error {
  const each = [notInstead(second), advice?.(first, second) ?? ''];
  const message = [reason, alike?.(first, second) ?? each.join(' ')].join(' ').trim();
  const both = [first, second];
  if (both.every((error) => error instanceof FatalError)) return new FatalError(message, { cause: second });
  const isStill = both.every((error) => error instanceof FatalError || error instanceof NothingYetError);
  return new (isStill ? NothingYetError : SyncError)(message, { cause: second });
}
