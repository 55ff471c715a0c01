import { FatalError, SyncError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import { OversizedError } from '../../http/body.ts';
import { PausedError } from '../../http/host.ts';

/** Why the Admin API gave nothing. The set is closed. */
export type FailureKind =
  /** No Admin API is there: unknown name, foreign certificate, redirect, web page, a 404 that is not in its envelope. */
  | 'wrong_host'
  /** 401. */
  | 'bad_token'
  /** 403. */
  | 'missing_permission'
  /** A 404 in the envelope: what was asked for is not there, or not for this token; the service does not tell which. */
  | 'not_found'
  | 'throttled'
  /** 5xx, or no connection. */
  | 'down'
  | 'timeout'
  | 'oversized'
  /** An answer that breaks off or has another form than is documented, or a request that is refused as wrong. */
  | 'broken_answer';

/** What is kept of a failure: never the request (it has the token) nor the answer (it may be large). */
class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  constructor(kind: FailureKind, what: string) {
    super(what);
    this.kind = kind;
  }
}

/** Kinds that a person must mend. */
const FATAL: ReadonlySet<FailureKind> = new Set(['bad_token', 'missing_permission', 'not_found']);

/** How an error is made of a failure. */
interface FailureDetails {
  readonly kind: FailureKind;
  /** Few words on what happened, for the cause: a status, the name of an error. */
  readonly what: string;
  /** Left out: the kind decides. */
  readonly isFatal?: boolean;
}

/** The error of a failure: a sentence for the reader, and the kind for {@link failureKind}. */
function failure(message: string, { kind, what, isFatal }: FailureDetails): FatalError | SyncError {
  const cause = new Failure(kind, what);
  return (isFatal ?? FATAL.has(kind)) ? new FatalError(message, { cause }) : new SyncError(message, { cause });
}

/** The kind of a failure of the Admin API; undefined for an error that is none. */
export function failureKind(error: unknown): FailureKind | undefined {
  if (error instanceof Failure) return error.kind;
  return error instanceof Error ? failureKind(error.cause) : undefined;
}

/** Where a request went, for the sentence that says what is wrong. */
export interface Place {
  readonly url: URL;
  /** The key of the configuration that its host comes from. */
  readonly setting: 'access_url' | 'admin_url';
  /** Taken out of whatever others say of the request. */
  readonly token: Secret;
}

/** What came back, as far as it tells why there is no data. */
export interface Refusal {
  readonly status: number;
  readonly isEnveloped: boolean;
  /** The service's own sentence. */
  readonly said: string | null;
}

const PERMISSION = 'It needs a permission set that reads the Admin API, such as Read-Only or Job Viewer.';
const NO_CA = 'its certificate cannot be verified (see NODE_EXTRA_CA_CERTS)';
const NETWORK: { readonly [code: string]: string } = {
  EAI_AGAIN: 'the name cannot be resolved now',
  ECONNREFUSED: 'nothing answers there',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection broke off',
};
/** What speaks of the name that was given, not of the way to it. */
const NOT_THERE: { readonly [code: string]: string } = {
  ENOTFOUND: 'that host does not exist',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed (see NODE_EXTRA_CA_CERTS)',
  SELF_SIGNED_CERT_IN_CHAIN: NO_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NO_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NO_CA,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is that of another host',
};

/** What somebody else says, fit for a sentence of ours: one line, not long, without the token. */
const quoted = (text: string, { token }: Place) =>
  text.replaceAll(token.reveal(), '***').replaceAll(/\s+/g, ' ').slice(0, 300);

function kindOf({ status, isEnveloped }: Refusal): FailureKind {
  if (status === 401) return 'bad_token';
  if (status === 403) return 'missing_permission';
  if (status === 404 && isEnveloped) return 'not_found';
  if (status === 429) return 'throttled';
  if (status === 408 || status === 504) return 'timeout';
  if (status >= 500) return 'down';
  return status >= 400 && status !== 404 ? 'broken_answer' : 'wrong_host';
}

/** Sentences about an answer, by its kind. */
const SENTENCES: { readonly [kind in FailureKind]?: (place: Place, status: number) => string } = {
  bad_token: ({ url: { host }, setting }) =>
    `${host} does not accept the token (401). Check the token, and that ${setting} is its account's: a token of another region is refused in the same way.`,
  missing_permission: ({ url: { host, pathname } }) =>
    `${host} refuses access to ${pathname} (403): the token lacks a permission, or the account restricts IP addresses. ${PERMISSION}`,
  not_found: ({ url: { host, pathname } }) =>
    `${host} has nothing at ${pathname} for this token (404): the id is wrong, or the token may not see it. ${PERMISSION}`,
  throttled: ({ url: { host } }) => `${host} is being asked too often (429): try again in five minutes.`,
  down: ({ url: { host } }, status) => `${host} answered with status ${status}: try again later.`,
  timeout: ({ url: { host } }, status) => `${host} did not answer in time (${status}): try again later.`,
};

function wrongHost({ url: { host }, setting }: Place, status: number): string {
  if (status >= 300 && status < 400) {
    return `${host} redirects to another address (${status}): what ${setting} names has moved; give the new address.`;
  }
  const what = status === 404 ? 'a page for people, and with 404' : 'something else (a web page?)';
  const check =
    setting === 'admin_url'
      ? 'Check admin_url: it is the host alone, without /api.'
      : 'Check that access_url is the one "Account settings > Access URLs" shows, or give the host as admin_url.';
  return `${host} is not a host of the Admin API, for it answers with ${what}. ${check}`;
}

/** One sentence for an answer that is no data, and what to do. */
export function refused(refusal: Refusal, place: Place): FatalError | SyncError {
  const { status, said } = refusal;
  const kind = kindOf(refusal);
  const what = `status ${status}`;
  if (kind === 'wrong_host') return failure(wrongHost(place, status), { kind, what, isFatal: true });
  const sentence = SENTENCES[kind]?.(place, status);
  const why = quoted(said ?? 'it does not say why', place);
  const { host, pathname } = place.url;
  return failure(sentence ?? `${host} refuses the request of ${pathname} (${status}): ${why}`, { kind, what });
}

/** One sentence for an answer of status 200 whose data cannot be read. */
export function unreadable(reason: string, { host, pathname }: URL): FatalError | SyncError {
  return failure(`The answer of ${host} to ${pathname} cannot be read (${reason}): try again later.`, {
    kind: 'broken_answer',
    what: reason,
  });
}

function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined || cause === null ? undefined : codeOf(cause);
}

/** One sentence for a request that got no answer at all, or one that is too large. */
export function unanswered(error: unknown, place: Place): FatalError | SyncError {
  const { host, pathname } = place.url;
  const { name, message } = error as Error;
  if (error instanceof OversizedError) {
    return failure(`${host} gave too much for ${pathname}: ${message}`, { kind: 'oversized', what: name });
  }
  if (error instanceof PausedError) {
    return failure(`${host} asks to be left alone: try again later.`, { kind: 'throttled', what: name });
  }
  // Who called the request off has gone by now: what is left is a time that ended.
  if (name === 'TimeoutError' || name === 'AbortError') {
    return failure(`${host} did not answer in time: try again later.`, { kind: 'timeout', what: name });
  }
  const code = codeOf(error);
  if (code === undefined) {
    return failure(`${host} could not be asked: ${quoted(message, place)}`, { kind: 'down', what: name });
  }
  const why = NOT_THERE[code] ?? NETWORK[code] ?? code;
  return failure(`${host} cannot be reached: ${why}. Check ${place.setting} and the network.`, {
    kind: NOT_THERE[code] === undefined ? 'down' : 'wrong_host',
    what: code,
  });
}
