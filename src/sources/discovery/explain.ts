import { FatalError, SyncError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import { OversizedError } from '../../http/body.ts';
import { RefusedAnswer } from './answer.ts';
import { type FailureKind, failure } from './failures.ts';

/** Where a request went, for the sentence that says what is wrong. */
export interface Place {
  readonly url: string;
  readonly environmentId: number;
  /** Taken out of whatever others say of the request. */
  readonly token: Secret;
}

const ACCESS =
  'Check the token, and that access_url is the one "Account settings > Access URLs" shows: a token of another region is refused in the same way.';
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
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
};

/** What somebody else says, fit for a sentence of ours: one line, not long, without the token. */
const quoted = (text: string, { token }: Place) =>
  text.replaceAll(token.reveal(), '***').replaceAll(/\s+/g, ' ').slice(0, 300);

function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: unknown };
  return code ?? (cause === undefined || cause === null ? undefined : codeOf(cause));
}

/** Sentences about an answer, by its kind. */
const SENTENCES: {
  readonly [kind in FailureKind]?: (host: string, said: string, place: Place, status: number) => string;
} = {
  bad_token: (host, said) => `${host} does not accept the token (${said}). ${ACCESS}`,
  missing_permission: (host, said) =>
    `${host} refuses access (${said}): the token lacks the permission "Metadata Only", or the account restricts IP addresses.`,
  no_environment: (_host, _said, { environmentId }) =>
    `The Discovery API has no environment ${environmentId} for this token: check environment_id, the token's projects, and the region of access_url.`,
  different_api: (host, said) =>
    `The Discovery API of ${host} differs from the one that is asked: ${said} A newer version of dbt-observer may fit it.`,
  throttled: (host, said) => `${host} is being asked too often (${said}): try again in five minutes.`,
  down: (host, said) => `${host} answered with ${said}: try again later.`,
  timeout: (host, said) => `${host} did not answer in time (${said}): try again later.`,
  too_complex: (host) => `${host} finds the query too complex, even for a single node.`,
  service_error: (_host, said) => `The Discovery API answered with an error: ${said}`,
};

function wrongHost({ url }: Place, status: number): string {
  const host = new URL(url).host;
  if (status === 404) return `${url} does not exist (404): check access_url, or give the endpoint as discovery_url.`;
  if (status >= 300) {
    return `${host} redirects to another address (${status}): the access URL has moved; give the new one.`;
  }
  return `${url} answers with something that is not GraphQL (a web page?): it is not a Discovery API endpoint. Check access_url, or give the endpoint as discovery_url.`;
}

function brokenAnswer({ url }: Place, { status, said }: RefusedAnswer): string {
  const { host } = new URL(url);
  if (status >= 300) return `${host} answered with status ${status}: try again later.`;
  if (said !== '') return `${host} answered ${said}: try again later.`;
  return `The answer of ${host} broke off, or is no GraphQL: try again later.`;
}

function ofAnswer(error: RefusedAnswer, place: Place): Error {
  const { kind, status } = error;
  const { host } = new URL(place.url);
  const what = `status ${status}`;
  if (kind === 'wrong_host') return failure(wrongHost(place, status), { kind, what, isFatal: true });
  const sentence = SENTENCES[kind];
  if (sentence === undefined) return failure(brokenAnswer(place, error), { kind, what });
  const words = quoted(error.said, place);
  const isBare = kind === 'service_error' || kind === 'different_api';
  const said = words === '' ? (kind === 'down' ? what : `${status}`) : isBare ? words : `"${words}"`;
  return failure(sentence(host, said, place, status), { kind, what });
}

function unreachable(code: string, { url }: Place): Error {
  const isWrong = NOT_THERE[code] !== undefined;
  const why = NOT_THERE[code] ?? NETWORK[code] ?? code;
  return failure(`${new URL(url).host} cannot be reached: ${why}. Check access_url and the network.`, {
    kind: isWrong ? 'wrong_host' : 'down',
    what: code,
  });
}

/** Says in one sentence why a request failed and what to do. Errors that are already clear pass. */
export function explain(error: unknown, place: Place): unknown {
  if (error instanceof FatalError || error instanceof SyncError) return error;
  if (error instanceof RefusedAnswer) return ofAnswer(error, place);
  const { name, message } = error as Error;
  const { host } = new URL(place.url);
  if (name === 'AbortError') return error;
  if (name === 'TimeoutError') {
    return failure(`${host} did not answer in time: try again later.`, { kind: 'timeout', what: name });
  }
  if (error instanceof OversizedError) {
    return failure(`${host} gave too much at once: ${message}`, { kind: 'oversized', what: name });
  }
  const code = codeOf(error);
  if (code !== undefined) return unreachable(code, place);
  return failure(`${host} could not be asked: ${quoted(message, place)}`, { kind: 'down', what: name });
}

/** The failure of a status that was a reason to ask again, and stayed. */
export function statusFailure(status: number, place: Place): Error {
  const kind = status === 429 ? 'throttled' : status === 408 || status === 504 ? 'timeout' : 'down';
  return ofAnswer(new RefusedAnswer(kind, { status, remedy: 'stop' }), place);
}
