import { ClientError } from 'graphql-request';
import { FatalError, SyncError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';

/** Where a request went, for the sentence that says what is wrong. */
export interface Place {
  readonly url: string;
  readonly environmentId: number;
  /** Taken out of whatever others say of the request. */
  readonly token: Secret;
}

const ACCESS =
  'Check the token, and that access_url is the one "Account settings > Access URLs" shows: a token of another region is refused in the same way.';
const NETWORK: { readonly [code: string]: string } = {
  ENOTFOUND: 'that host does not exist',
  EAI_AGAIN: 'the name cannot be resolved now',
  ECONNREFUSED: 'nothing answers there',
  ECONNRESET: 'the connection was reset',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed (see NODE_EXTRA_CA_CERTS)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified (see NODE_EXTRA_CA_CERTS)',
};

const hostOf = (url: string) => new URL(url).host;

/** What somebody else says, fit for a sentence of ours: one line, not long, without the token. */
const quoted = (text: string, { token }: Place) =>
  text.replaceAll(token.reveal(), '***').replaceAll(/\s+/g, ' ').slice(0, 300);

function byStatus(status: number, { url }: Place, cause: unknown): Error {
  const host = hostOf(url);
  if (status === 401) return new FatalError(`${host} does not accept the token (401). ${ACCESS}`, { cause });
  if (status === 403) {
    return new FatalError(
      `${host} refuses access (403): the token lacks the permission "Metadata Only", or the account restricts IP addresses.`,
      { cause },
    );
  }
  if (status === 404) {
    return new FatalError(`${url} does not exist (404): check access_url, or give the endpoint as discovery_url.`, {
      cause,
    });
  }
  if (status >= 300 && status < 400) {
    return new FatalError(
      `${host} redirects to another address (${status}): the access URL has moved; give the new one.`,
      { cause },
    );
  }
  if (status === 429)
    return new SyncError(`${host} is being asked too often (429): try again in five minutes.`, { cause });
  return new SyncError(`${host} answered with status ${status}: try again later.`, { cause });
}

function byMessage(messages: readonly string[], place: Place, cause: unknown): Error {
  const said = messages.join(' ');
  if (/no data available for this input/i.test(said)) {
    return new FatalError(
      `The Discovery API has no environment ${place.environmentId} for this token: check environment_id, the token's projects, and the region of access_url.`,
      { cause },
    );
  }
  const first = quoted(messages[0] ?? '', place);
  if (
    /\b(no|invalid|expired|missing|bad|unknown) token|unauthori[sz]ed|unauthenticated|permission|forbidden/i.test(said)
  ) {
    return new FatalError(`${hostOf(place.url)} does not accept the token ("${first}"). ${ACCESS}`, { cause });
  }
  if (/rate limit|too many requests/i.test(said)) {
    return new SyncError(`${hostOf(place.url)} is being asked too often: try again in five minutes.`, { cause });
  }
  return new SyncError(`The Discovery API answered with an error: ${first}`, { cause });
}

/** What of a cause may be kept: never the request (it has the token) nor the body (it may be large). */
function harmless(error: unknown): Error {
  return new Error(error instanceof ClientError ? `status ${error.response.status}` : (error as Error).name);
}

function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: unknown };
  return code ?? (cause === undefined || cause === null ? undefined : codeOf(cause));
}

function messagesOf(errors: unknown): string[] {
  if (errors === undefined) return [];
  const list: unknown[] = Array.isArray(errors) ? errors : [errors];
  return list.map((item) => String((item as { message?: unknown } | null)?.message ?? 'no message'));
}

/** Says in one sentence why a request failed and what to do. Errors that are already clear pass. */
export function explain(error: unknown, place: Place): unknown {
  if (error instanceof FatalError || error instanceof SyncError) return error;
  const cause = harmless(error);
  if (error instanceof ClientError) {
    const { status, errors } = error.response;
    const messages = messagesOf(errors);
    if (status >= 400 && status !== 400) return byStatus(status, place, cause);
    if (messages.length > 0) return byMessage(messages, place, cause);
    return status >= 300 ? byStatus(status, place, cause) : notJson(place, cause);
  }
  if ((error as Error).name === 'AbortError') return error;
  if ((error as Error).name === 'TimeoutError') {
    return new SyncError(`${hostOf(place.url)} did not answer in time: try again later.`, { cause });
  }
  const code = codeOf(error);
  if (code !== undefined) {
    const why = NETWORK[code] ?? code;
    return new SyncError(`${hostOf(place.url)} cannot be reached: ${why}. Check access_url and the network.`, {
      cause,
    });
  }
  const { message } = error as Error;
  if (error instanceof SyntaxError && /^(Unterminated|Unexpected end|Expected )/.test(message)) {
    return new SyncError(`The answer of ${hostOf(place.url)} broke off: try again later.`, { cause });
  }
  if (error instanceof SyntaxError || /JSON|GraphQL|execution result/i.test(message)) return notJson(place, cause);
  return new SyncError(`${hostOf(place.url)} could not be asked: ${quoted(message, place)}`, { cause });
}

function notJson({ url }: Place, cause: unknown): Error {
  return new FatalError(
    `${url} answers with something that is not GraphQL (a web page?): it is not a Discovery API endpoint. Check access_url, or give the endpoint as discovery_url.`,
    { cause },
  );
}
