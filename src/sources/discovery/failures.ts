import { FatalError, NothingYetError, SyncError } from '../../domain/errors.ts';

/** Why the Discovery API could not be read. The set is closed; what fits nothing else is `service_error`. */
export type FailureKind =
  /** No Discovery API is there: unknown name, foreign certificate, 404, redirect, web page. */
  | 'wrong_host'
  /** 401, or errors that say the same. */
  | 'bad_token'
  /** 403, or errors that say the same. */
  | 'missing_permission'
  /** The token sees no environment of this id. */
  | 'no_environment'
  /** The environment has no applied state. */
  | 'nothing_built'
  /** The service refuses what is asked: its schema is another one. */
  | 'different_api'
  | 'throttled'
  /** 5xx, or no connection. */
  | 'down'
  | 'timeout'
  | 'too_complex'
  | 'oversized'
  /** An answer that breaks off or has another form than its query. */
  | 'broken_answer'
  /** GraphQL errors that say none of the above. */
  | 'service_error';

/** Kinds that a person must mend: nothing more is read. */
const FATAL: ReadonlySet<FailureKind> = new Set(['bad_token', 'missing_permission', 'no_environment']);

/** What is kept of a failure: never the request (it has the token) nor the answer (it may be large). */
class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  constructor(kind: FailureKind, what: string) {
    super(what);
    this.kind = kind;
  }
}

/** How an error is made of a failure. */
export interface FailureDetails {
  readonly kind: FailureKind;
  /** Few words on what happened, for the cause: a status, the name of an error. */
  readonly what: string;
  /** Left out: the kind decides. */
  readonly isFatal?: boolean;
}

/** The error of a failure: a sentence for the reader, and the kind for {@link failureKind}. */
export function failure(message: string, { kind, what, isFatal }: FailureDetails): FatalError | SyncError {
  const cause = new Failure(kind, what);
  if (isFatal ?? FATAL.has(kind)) return new FatalError(message, { cause });
  return new (kind === 'nothing_built' ? NothingYetError : SyncError)(message, { cause });
}

/** The kind of a failure of the Discovery API; undefined for an error that is none. */
export function failureKind(error: unknown): FailureKind | undefined {
  if (error instanceof Failure) return error.kind;
  return error instanceof Error ? failureKind(error.cause) : undefined;
}
