import type { Proxies } from '../http/proxy.ts';
import { failed, type Verdict } from './check.ts';
import { ACCESS_URLS, REGION_LABELS } from './regions.ts';

const TIMEOUTS = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
const UNREACHABLE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);
const CERTIFICATE = /^(CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT)/;
const NOT_TLS = /^(ERR_SSL_|EPROTO)/;

/** An error and what it was caused by, the outermost first. */
function chain(error: unknown): Error[] {
  const errors: Error[] = [];
  for (let one = error; one instanceof Error && !errors.includes(one); one = one.cause) {
    errors.push(one);
    // Several addresses of a name were tried: the first one's failure is as good as any.
    if (one instanceof AggregateError && one.errors[0] instanceof Error) errors.push(one.errors[0]);
  }
  return errors;
}

function codeOf(errors: readonly Error[]): string {
  const codes = errors.map((error) => (error as { code?: unknown }).code);
  return codes.filter((code) => typeof code === 'string').at(-1) ?? '';
}

/** `through the proxy proxy.example.com:3128`, when one is set. */
export function proxyText(url: URL, proxies: Proxies | undefined): string | undefined {
  const proxy = url.protocol === 'https:' ? (proxies?.httpsProxy ?? proxies?.httpProxy) : proxies?.httpProxy;
  if (proxy === undefined) return undefined;
  const shown = URL.canParse(proxy) ? new URL(proxy).host : 'of the environment';
  return `the proxy ${shown}`;
}

/** Why a host could not be asked at all, by what the system says of the attempt. */
export function networkFailure(error: unknown, url: URL, proxies: Proxies | undefined): Verdict {
  const errors = chain(error);
  const code = codeOf(errors);
  const { host } = url;
  const proxy = proxyText(url, proxies);
  const said = errors.map(({ message }) => message).join(' ');
  if (proxy !== undefined && /proxy|tunnel/i.test(said)) {
    const why = /407/.test(said) ? 'wants a user name and a password (407)' : 'does not let the connection through';
    return failed(`${capital(proxy)} ${why}: ${host} cannot be reached.`, PROXY);
  }
  if (code === 'ENOTFOUND') {
    const message = `There is no host ${proxy === undefined ? host : `${host} (or no ${proxy.slice(4)})`}.`;
    return failed(message, `Correct access_url: ${ACCESS_URLS} shows it. The regions are ${REGION_LABELS}.`);
  }
  if (code === 'EAI_AGAIN') {
    return failed(`The name ${host} cannot be resolved now.`, 'Check the DNS and the network of this machine.');
  }
  if (proxy !== undefined) {
    return failed(`${host} cannot be reached through ${proxy}${code && ` (${code})`}.`, PROXY);
  }
  return directFailure({ host, code, isTimeout: isTimeout(errors, code) });
}

const PROXY =
  'Correct HTTPS_PROXY and HTTP_PROXY, with a user name and a password if it wants them, or name the host in NO_PROXY.';

function isTimeout(errors: readonly Error[], code: string): boolean {
  return TIMEOUTS.has(code) || errors.some(({ name }) => name === 'TimeoutError');
}

interface Direct {
  readonly host: string;
  readonly code: string;
  readonly isTimeout: boolean;
}

function directFailure({ host, code, isTimeout }: Direct): Verdict {
  const network =
    'Check the port, and whether the network of this machine lets it out: a firewall, or a proxy that HTTPS_PROXY must name.';
  if (isTimeout) return failed(`${host} does not answer in time.`, `Try again later. ${network}`);
  if (code === 'ECONNREFUSED') return failed(`Nothing answers at ${host}: the connection is refused.`, network);
  if (UNREACHABLE.has(code)) return failed(`There is no way to ${host} (${code}).`, network);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return failed(`The certificate of ${host} is for another host.`, `Correct access_url: ${ACCESS_URLS} shows it.`);
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return failed(
      `The certificate of ${host} is not valid at this time (${code}).`,
      'Check the clock of this machine first.',
    );
  }
  if (CERTIFICATE.test(code)) {
    const mend =
      'Something between this machine and dbt may decrypt the traffic: name its certificate authority with NODE_EXTRA_CA_CERTS=<file>.';
    return failed(`The certificate of ${host} is not trusted (${code}).`, mend);
  }
  if (NOT_TLS.test(code)) {
    return failed(
      `${host} does not speak TLS as it should (${code}).`,
      `Check the port and the https:// of the address. ${network}`,
    );
  }
  return failed(`The connection to ${host} breaks off${code && ` (${code})`}.`, `Try again. ${network}`);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
