/** What every error of ours carries: a sentence for the reader, and the cause it wraps. */
export type ErrorDetails = { readonly cause?: unknown };

/** One element of an answer cannot be read; it is kept as a reject and the rest goes on. */
export class RejectError extends Error {
  override readonly name = 'RejectError';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details);
  }
}

/** This pass cannot go on (exit code 1); the store keeps its previous state and the next pass may succeed. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details);
  }
}

/** This pass cannot begin because another one of the same integration goes on: to be tried again after its end. */
export class BusyError extends SyncError {}

/** There is nothing to read before dbt has done something: looking again before a sync is due or asked for is of no use. */
export class NothingYetError extends SyncError {}

/** Nothing of this kind can succeed until a person changes something: configuration, token, newer schema (exit code 2). */
export class FatalError extends Error {
  override readonly name = 'FatalError';
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details);
  }
}
