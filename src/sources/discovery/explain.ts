import { FatalError, SyncError } from '../../domain/errors.ts';
import { OversizedError } from '../../http/body.ts';
import { hostOf, PausedError } from '../../http/host.ts';
import { networkFailure } from '../../http/network-errors.ts';
import { RefusedAnswer } from './answer.ts';
import { type FailureKind, failure } from './failures.ts';
import type { Place } from './place.ts';
import { unreachable } from './unreachable.ts';
import { inWords, sentence } from './words.ts';

/** What a host that does not say how long to wait is left alone for. */
const SOME_TIME = 300_000;

/** What somebody else says, fit for a sentence of ours: one line, not long, without the token. */
const quoted = (text: string, { token }: Place) =>
  text.replaceAll(token.reveal(), '***').replaceAll(/\s+/g, ' ').slice(0, 300);

/** How to tell whether the address is right, by the setting that it comes from. */
const ADDRESS: { readonly [setting in Place['setting']]: string } = {
  access_url: 'check that access_url is the one that "Account settings > Access URLs" shows',
  discovery_url: 'check that discovery_url is the endpoint of the account',
};

/** Sentences about an answer, by its kind. */
const SENTENCES: {
  readonly [kind in FailureKind]?: (host: string, said: string, place: Place) => string;
} = {
  bad_token: (host, said, { setting }) =>
    `${host} does not accept the token (${said}). Check the token, and ${ADDRESS[setting]}: a token of another region is refused in the same way.`,
  missing_permission: (host, said) =>
    `${host} refuses access (${said}): the token lacks the permission "Metadata Only", or the account restricts IP addresses.`,
  no_environment: (_host, _said, { environmentId, setting }) =>
    `The Discovery API has no environment ${environmentId} for this token: check environment_id, the token's projects, and the region of ${setting}.`,
  different_api: (host, said) =>
    `The Discovery API of ${host} differs from the one that is asked: ${sentence(said)} A newer version of dbt-observer may fit it.`,
  throttled: (host, said, place) => `${host} is being asked too often (${said}): ${again(place)}.`,
  down: (host, said) => `${host} answered with ${said}: try again later.`,
  timeout: (host, said) => `${host} did not answer in time (${said}): try again later.`,
  too_complex: (host) => `${host} finds the query too complex, even for a single node.`,
  service_error: (_host, said) =>
    `The Discovery API answered with an error: ${sentence(said)} Try again later; if it stays, tell the support of dbt.`,
};

const orEndpoint = ({ setting }: Place) =>
  setting === 'discovery_url' ? 'check discovery_url' : 'check access_url, or give the endpoint as discovery_url';

/** The host that a redirect leads to, where it leads to another one. */
function targetOf(location: string, url: string): string {
  const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
  const isOther = /^https?:$/.test(target?.protocol ?? '') && target?.host !== new URL(url).host;
  return isOther && target ? target.host : 'another address';
}

function wrongHost({ status, said }: RefusedAnswer, place: Place): string {
  const { url, setting } = place;
  const { host } = new URL(url);
  if (status === 404) return `${url} does not exist (404): ${orEndpoint(place)}.`;
  if (status >= 300) {
    return `${host} redirects to ${targetOf(said, url)} (${status}), and the token is not sent after it: the address has moved, or was never right; ${ADDRESS[setting]}.`;
  }
  return `${url} answers with something that is not GraphQL (a web page?), so it is not a Discovery API endpoint: ${orEndpoint(place)}.`;
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
  if (kind === 'wrong_host') return failure(wrongHost(error, place), { kind, what, isFatal: true });
  const tell = SENTENCES[kind];
  if (tell === undefined) return failure(brokenAnswer(place, error), { kind, what });
  const words = quoted(error.said, place);
  const isBare = kind === 'service_error' || kind === 'different_api';
  const said = words === '' ? (kind === 'down' ? what : `${status}`) : isBare ? words : `"${words}"`;
  return failure(tell(host, said, place), { kind, what });
}

/** When the host may be asked again, as it was said to this process. */
const again = ({ url }: Place) => `try again ${inWords(hostOf(new URL(url)).pausedFor() || SOME_TIME)}`;

/** Says in one sentence why a request failed and what to do. Errors that are already clear pass. */
export function explain(error: unknown, place: Place): unknown {
  if (error instanceof FatalError || error instanceof SyncError) return error;
  if (error instanceof RefusedAnswer) return ofAnswer(error, place);
  const { name, message } = error as Error;
  const { host } = new URL(place.url);
  if (error instanceof PausedError) {
    return failure(`${host} asks to be left alone: ${again(place)}.`, { kind: 'throttled', what: name });
  }
  // Who called the request off has gone by now: what is left is a time that ended.
  if (name === 'TimeoutError' || name === 'AbortError') {
    return failure(`${host} did not answer in time: try again later.`, { kind: 'timeout', what: name });
  }
  if (error instanceof OversizedError) {
    return failure(`${host} gave too much at once: ${message}`, { kind: 'oversized', what: name });
  }
  const network = networkFailure(error);
  if (network.fault !== 'other' || network.code !== '') return unreachable(network, place);
  return failure(`${host} could not be asked: ${quoted(message, place)}`, { kind: 'down', what: name });
}

/** The failure of a status that was a reason to ask again, and stayed. */
export function statusFailure(status: number, place: Place): Error {
  const kind = status === 429 ? 'throttled' : status === 408 || status === 504 ? 'timeout' : 'down';
  return ofAnswer(new RefusedAnswer(kind, { status, remedy: 'stop' }), place);
}
