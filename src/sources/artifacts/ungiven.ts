import { RejectError } from '../../domain/errors.ts';
import { failureKind } from '../admin/failures.ts';
import { type Download, download, type RunReading, type Wanted } from './run-reading.ts';

/** What the service failed to give although it was asked several times; the message says what, and why. */
export class Ungiven extends Error {
  override readonly name = 'Ungiven';
  /** What ends the reading of whoever cannot do without. */
  override readonly cause: Error;
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.cause = cause;
  }
}

/** After so many failures with no answer of their kind in between it is not this file or that one: none can be had. */
const PATIENCE = 12;

/** Failures that may be of one file or run alone. Others are those of every request, such as a token that is refused. */
const OF_ONE: readonly unknown[] = ['down', 'timeout', 'broken_answer'];

/**
 * The answer, or what says that there is none; the rest goes on without it.
 * @param kind what is asked for: a file, or what else is told of runs.
 * @throws as the request when the service gives nothing at all, or its failure is that of every request.
 */
export async function given<Answer>(
  { failures, signal }: RunReading,
  asked: Promise<Answer>,
  kind: 'file' | 'run' = 'run',
): Promise<Answer | Ungiven> {
  try {
    const answer = await asked;
    failures[kind] = 0;
    return answer;
  } catch (error) {
    const isOfOne = error instanceof Error && OF_ONE.includes(failureKind(error));
    if (!isOfOne || signal.aborted || ++failures[kind] >= PATIENCE) throw error;
    return new Ungiven(error);
  }
}

/**
 * As {@link download}; gives the error of a file that is larger than is allowed, that the service fails to give or that
 * the token may not read. Of a kind that it may not read no other file is asked for.
 */
export async function downloadIfGiven(
  reading: RunReading,
  wanted: Wanted,
): Promise<Download | RejectError | Ungiven | null> {
  const { forbidden } = reading;
  const known = forbidden.get(wanted.kind);
  if (known !== undefined) return known;
  try {
    return await given(reading, download(reading, wanted), 'file');
  } catch (error) {
    if (error instanceof RejectError) return error;
    if (!(error instanceof Error) || failureKind(error) !== 'missing_permission') throw error;
    const first = forbidden.get(wanted.kind) ?? new Ungiven(error);
    forbidden.set(wanted.kind, first);
    return first;
  }
}
