import type { ProxySettings } from '../config/proxy.ts';
import { NETWORK_WORDS, type NetworkFailure, type NetworkFault, networkFailure } from '../http/network-errors.ts';
import { proxyFor } from '../http/proxy.ts';
import { failed, type Verdict } from './check.ts';
import { ACCESS_URLS, REGION_LABELS } from './regions.ts';

/** `the proxy proxy.example.com:3128`, without its password; undefined when a URL is asked directly. */
export function proxyText(url: URL, proxies: ProxySettings | undefined): string | undefined {
  const proxy = proxies === undefined ? undefined : proxyFor(url, proxies);
  if (proxy === undefined) return undefined;
  return `the proxy ${URL.canParse(proxy) ? new URL(proxy).host : 'of the environment'}`;
}

/** Whether a host was waited for in vain. */
export const isHanging = (error: unknown): boolean => networkFailure(error).fault === 'timeout';

const NETWORK =
  'Check the port, and whether the network of this machine lets it out: a firewall, or a proxy that HTTPS_PROXY must name.';
const PROXY =
  'Correct HTTPS_PROXY and HTTP_PROXY, with a user name and a password if it wants them, or name the host in NO_PROXY.';
const CORRECT = `Correct the address: ${ACCESS_URLS} shows it.`;

/** What a certificate or the lack of one tells of a host, whatever the way to it. */
const OF_THE_HOST: { readonly [fault in NetworkFault]?: (host: string, code: string) => Verdict } = {
  foreign_certificate: (host) => failed(`The certificate of ${host} is for another host.`, CORRECT),
  expired_certificate: (host, code) =>
    failed(`The certificate of ${host} is not valid at this time (${code}).`, 'Check the clock of this machine first.'),
  untrusted_certificate: (host, code) =>
    failed(
      `The certificate of ${host} is not trusted (${code}).`,
      'Something between this machine and dbt may decrypt the traffic: name its certificate authority with NODE_EXTRA_CA_CERTS=<file>.',
    ),
  no_tls: (host, code) =>
    failed(
      `${host} does not speak TLS as it should (${code}).`,
      `Check the port and the https:// of the address. ${NETWORK}`,
    ),
};

const WITHOUT_PROXY: { readonly [fault in NetworkFault]?: (host: string, code: string) => Verdict } = {
  unknown_host: (host) => failed(`There is no host ${host}.`, `${CORRECT} The regions are ${REGION_LABELS}.`),
  unresolved: (host) =>
    failed(`The name ${host} cannot be resolved now.`, 'Check the DNS and the network of this machine.'),
  timeout: (host) => failed(`${host} does not answer in time.`, `Try again later. ${NETWORK}`),
  refused: (host) => failed(`Nothing answers at ${host}: the connection is refused.`, NETWORK),
  no_way: (host, code) => failed(`There is no way to ${host} (${code}).`, NETWORK),
};

/** Why a host could not be asked at all, by what the system says of the attempt. */
export function networkVerdict(error: unknown, url: URL): Verdict {
  const { host } = url;
  if (isBadPort(error)) {
    return failed(
      `Port ${url.port} of ${url.hostname} is one that web clients refuse to ask.`,
      'Correct the port in the address.',
    );
  }
  const failure = networkFailure(error);
  const { fault, code, proxy } = failure;
  const ofHost = OF_THE_HOST[fault]?.(host, code);
  if (ofHost !== undefined) return ofHost;
  if (proxy !== undefined || fault === 'proxy_refusal') return behindProxy(host, failure);
  return (
    WITHOUT_PROXY[fault]?.(host, code) ??
    failed(`The connection to ${host} breaks off${code && ` (${code})`}.`, `Try again. ${NETWORK}`)
  );
}

function behindProxy(host: string, { fault, code, proxy = 'of the environment', proxyStatus }: NetworkFailure) {
  if (fault === 'proxy_refusal') {
    const why = proxyStatus === 407 ? 'wants a user name and a password' : 'does not let the connection through';
    return failed(`The proxy ${proxy} ${why} (${proxyStatus}): ${host} cannot be reached.`, PROXY);
  }
  const why = fault === 'other' ? code : `${NETWORK_WORDS[fault]}${code && ` (${code})`}`;
  return failed(`${host} cannot be reached through the proxy ${proxy}${why && `: ${why}`}.`, PROXY);
}

/** What fetch says of a port on its list of bad ones (fetch.spec.whatwg.org, "Port blocking"); it has no code. */
function isBadPort(error: unknown): boolean {
  return error instanceof Error && (error.message === 'bad port' || isBadPort(error.cause));
}
