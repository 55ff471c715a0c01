import { NETWORK_WORDS, type NetworkFailure, type NetworkFault } from '../../http/network-errors.ts';
import { type FailureKind, failure } from './failures.ts';
import type { Place } from './place.ts';

/** What speaks of the name that was given, not of the way to it. */
const NOT_THERE: ReadonlySet<NetworkFault> = new Set([
  'unknown_host',
  'expired_certificate',
  'foreign_certificate',
  'untrusted_certificate',
  'no_tls',
]);
/** What befalls the first connection of all: with a proxy that is the one to the proxy. */
const AT_THE_DOOR: ReadonlySet<NetworkFault> = new Set(['unknown_host', 'unresolved', 'refused', 'no_way', 'timeout']);
const PROXY = 'Check HTTPS_PROXY and HTTP_PROXY';

/** Why a host, or the proxy on the way to it, could not be asked at all. */
export function unreachable({ fault, code, proxy, proxyStatus }: NetworkFailure, { url, setting }: Place): Error {
  const { host } = new URL(url);
  const why = fault === 'other' ? code : `${NETWORK_WORDS[fault]}${code && ` (${code})`}`;
  const told = (sentence: string, kind: FailureKind) => failure(sentence, { kind, what: code || fault });
  if (fault === 'proxy_refusal') {
    const login = proxyStatus === 407 ? ', with a user name and a password' : '';
    return told(
      `The proxy ${proxy ?? ''} does not let the connection to ${host} through (${proxyStatus}). ${PROXY}${login}, or name the host in NO_PROXY.`,
      'down',
    );
  }
  if (proxy !== undefined && AT_THE_DOOR.has(fault)) {
    return told(`The proxy ${proxy} cannot be reached: ${why}. ${PROXY}, or name ${host} in NO_PROXY.`, 'down');
  }
  const way = proxy === undefined ? '' : ` through the proxy ${proxy}`;
  const check = proxy === undefined ? `${setting} and the network` : `${setting}, HTTPS_PROXY and HTTP_PROXY`;
  return told(
    `${host} cannot be reached${way}: ${why}. Check ${check}.`,
    NOT_THERE.has(fault) ? 'wrong_host' : fault === 'timeout' ? 'timeout' : 'down',
  );
}
